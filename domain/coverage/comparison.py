"""Put two tables of the same kind side by side: two days, or one day as known then and as known today."""

from collections.abc import Sequence

from domain.coverage.schema import Cell, Column, Row, TableBody, Unit

_SUBTRACTABLE_UNITS = (Unit.COUNT, Unit.DAYS, Unit.MONEY)


def merge_side_by_side(first: TableBody, second: TableBody, names: tuple[str, str]) -> TableBody:
    """Return every row of either table, each column twice under the two names, then the difference where it has a meaning.

    A row or a column that is in one table only is empty on the other side.
    """
    key_columns = first.columns[: first.key_count]
    value_columns = _merge_columns(first, second)
    columns = list(key_columns)
    for column in value_columns:
        columns += [Column(f"{column.label} ({name})", column.unit) for name in names]
        if column.unit in _SUBTRACTABLE_UNITS:
            columns.append(Column(f"{column.label} (écart)", column.unit))
    first_cells, second_cells = _index_cells(first), _index_cells(second)
    rows: list[Row] = []
    for key in dict.fromkeys([*first_cells, *second_cells]):
        cells = _merge_cells(value_columns, first_cells.get(key, {}), second_cells.get(key, {}))
        rows.append((*key, *cells))
    return TableBody(tuple(columns), tuple(rows), key_count=first.key_count)


def _merge_columns(first: TableBody, second: TableBody) -> list[Column]:
    """Return the value columns of both tables, each label once; the first table's comes first and gives the unit."""
    columns = (*first.columns[first.key_count :], *second.columns[first.key_count :])
    by_label: dict[str, Column] = {}
    for column in columns:
        by_label.setdefault(column.label, column)
    return list(by_label.values())


def _merge_cells(columns: Sequence[Column], first: dict[str, Cell], second: dict[str, Cell]) -> list[Cell]:
    cells: list[Cell] = []
    for column in columns:
        pair = (first.get(column.label), second.get(column.label))
        cells += pair
        if column.unit in _SUBTRACTABLE_UNITS:
            cells.append(_subtract_cells(*pair))
    return cells


def _index_cells(body: TableBody) -> dict[Row, dict[str, Cell]]:
    """Return the cells of each row by the label of their column, by the key of the row."""
    labels = [column.label for column in body.columns[body.key_count :]]
    return {row[: body.key_count]: dict(zip(labels, row[body.key_count :], strict=True)) for row in body.rows}


def _subtract_cells(first: Cell, second: Cell) -> Cell:
    if isinstance(first, int | float) and isinstance(second, int | float):
        return second - first
    return None
