"""Two tables of the same kind side by side: two days, or the same day as it was known then and as it is known today."""

from domain.coverage.schema import Cell, Column, Row, TableBody, Unit

_SUBTRACTABLE_UNITS = (Unit.COUNT, Unit.DAYS, Unit.MONEY)


def merge_side_by_side(one: TableBody, other: TableBody, names: tuple[str, str]) -> TableBody:
    """Every line of either, each column twice under the two names, then what the second adds where that can be said.

    A line or a column that is in one only is empty on the other side.
    """
    labels = list(dict.fromkeys(column.label for column in (*one.columns[one.key_count :], *other.columns[one.key_count :])))
    units = {column.label: column.unit for column in (*other.columns, *one.columns)}
    first, second = _index_cells(one), _index_cells(other)
    columns = [*one.columns[: one.key_count]]
    for label in labels:
        columns += [Column(f"{label} ({name})", units[label]) for name in names]
        columns += [Column(f"{label} (écart)", units[label])] if units[label] in _SUBTRACTABLE_UNITS else []
    rows = []
    for key in dict.fromkeys([*first, *second]):
        cells: list[Cell] = [*key]
        for label in labels:
            pair = first.get(key, {}).get(label), second.get(key, {}).get(label)
            cells += [*pair, *([_subtract_cells(*pair)] if units[label] in _SUBTRACTABLE_UNITS else [])]
        rows.append(tuple(cells))
    return TableBody(tuple(columns), tuple(rows), key_count=one.key_count)


def _index_cells(body: TableBody) -> dict[Row, dict[str, Cell]]:
    """The cells of each line by the label of their column, by what names the line."""
    labels = [column.label for column in body.columns]
    return {row[: body.key_count]: dict(zip(labels[body.key_count :], row[body.key_count :], strict=True)) for row in body.rows}


def _subtract_cells(one: Cell, other: Cell) -> Cell:
    return other - one if isinstance(one, int | float) and isinstance(other, int | float) else None
