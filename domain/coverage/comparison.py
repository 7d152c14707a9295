"""Two tables of the same kind side by side: two days, or the same day as it was known then and as it is known today."""

from domain.coverage.schema import Body, Cell, Column, Row, Unit

_SUBTRACTED = (Unit.COUNT, Unit.DAYS, Unit.MONEY)


def side_by_side(one: Body, other: Body, names: tuple[str, str]) -> Body:
    """Every line of either, each column twice under the two names, then what the second adds where that can be said.

    A line or a column that is in one only is empty on the other side.
    """
    labels = list(dict.fromkeys(column.label for column in (*one.columns[one.keys :], *other.columns[one.keys :])))
    units = {column.label: column.unit for column in (*other.columns, *one.columns)}
    first, second = _cells(one), _cells(other)
    columns = [*one.columns[: one.keys]]
    for label in labels:
        columns += [Column(f"{label} ({name})", units[label]) for name in names]
        columns += [Column(f"{label} (écart)", units[label])] if units[label] in _SUBTRACTED else []
    rows = []
    for key in dict.fromkeys([*first, *second]):
        cells: list[Cell] = [*key]
        for label in labels:
            pair = first.get(key, {}).get(label), second.get(key, {}).get(label)
            cells += [*pair, *([_gap(*pair)] if units[label] in _SUBTRACTED else [])]
        rows.append(tuple(cells))
    return Body(tuple(columns), tuple(rows), keys=one.keys)


def _cells(body: Body) -> dict[Row, dict[str, Cell]]:
    """The cells of each line by the label of their column, by what names the line."""
    labels = [column.label for column in body.columns]
    return {row[: body.keys]: dict(zip(labels[body.keys :], row[body.keys :], strict=True)) for row in body.rows}


def _gap(one: Cell, other: Cell) -> Cell:
    return other - one if isinstance(one, int | float) and isinstance(other, int | float) else None
