"""Read a CSV as the same delivery as a JSON: one row a product, the rows of one title put together."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.common.csv_reader import TableRow, parse_table
from domain.common.errors import UserError
from domain.common.text import clean_text, split_words
from ingest.catalogue import ReceivedDelivery, check_envelope, check_total
from ingest.contract import MAX_VALUES
from ingest.refusals import IngestRefusedError, RefusalCode
from ingest.results import UNKNOWN_KEY, Fault, Position
from ingest.titles import RawTitle
from ingest.values import read_flag

REMOVED = "removed"
TITLE_COLUMNS = {
    "id_titre": "idTitleEditor",
    "titre": "frTitle",
    "titre_original": "originalTitle",
    "type": "type",
    "realisateur": "director",
    "annee": "productionYear",
    "duree": "duration",
    "pays": "countries",
    "allocine": "ids.idAllocine",
    "imdb": "ids.idImdb",
    "tmdb": "ids.idTmdb",
    "isan": "ids.isan",
    "eidr": "ids.eidr",
    "visa": "ids.visa",
}
PRODUCT_COLUMNS = {
    "id_produit": "idProductEditor",
    "mode": "mode",
    "support": "media",
    "qualite": "quality",
    "langues": "lang",
    "prix": "price",
    "devise": "currency",
    "lien": "url",
    "debut": "publicationDate",
    "fin": "expirationDate",
    "audiodescription": "audioDescription",
    "sourds_malentendants": "sdh",
    "edition": "edition",
    "retire": REMOVED,
}
_UNUSED_COLUMNS = {"lien_ios": "urlIOS", "lien_android": "urlAndroid"}
_COLUMNS = TITLE_COLUMNS | PRODUCT_COLUMNS | _UNUSED_COLUMNS


def _normalise_header(header: str) -> str:
    return "_".join(split_words(header))


def _build_field_by_header() -> dict[str, str]:
    """Return the field of each header: a column's name, its field, or the last part of a field such as « ids.visa »."""
    fields = {}
    for column, field_name in _COLUMNS.items():
        for header in (column, field_name, field_name.split(".")[-1]):
            fields[_normalise_header(header)] = field_name
    return fields


_FIELD_BY_HEADER = _build_field_by_header()
_COLUMN_BY_FIELD = {field_name: column for column, field_name in _COLUMNS.items()} | {"editorProduct": ""}
_TITLE_FIELDS = frozenset(TITLE_COLUMNS.values())
_REQUIRED_COLUMNS = ("id_titre", "id_produit", "mode")
MAX_ROWS = 300_000


@dataclass
class _TitleRows:
    """The rows of one title: the facts of its first row, and one product a row, at the same rank as its line."""

    line: int
    facts: dict[str, str]
    products: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)


@dataclass
class _SpreadsheetReader:
    """Put the rows of a CSV together as they are read; cells of unknown columns are not stored."""

    received: ReceivedDelivery
    columns: dict[str, str] = field(default_factory=dict)
    titles: dict[str, _TitleRows] = field(default_factory=dict)
    unreadable_rows: list[RawTitle] = field(default_factory=list)
    row_count: int = 0
    value_count: int = 0

    def add_row(self, row: TableRow) -> None:
        """Add a row to its title; an unreadable row becomes a title with a fault. Raise IngestRefusedError past the limits."""
        self.row_count += 1
        if self.row_count > MAX_ROWS:
            raise IngestRefusedError(RefusalCode.TOO_MANY_ROWS)
        if row.fault is not None:
            self.unreadable_rows.append(RawTitle(None, Position(line=row.line), fault=Fault("", row.fault)))
            return
        if not self.columns:
            self._read_header(list(row.cells))
        facts = {name: row.cells[column] for name, column in self.columns.items() if row.cells[column]}
        self.value_count += len(facts)
        if self.value_count > MAX_VALUES:
            raise IngestRefusedError(RefusalCode.TOO_MANY_VALUES)
        self._add_to_title(row.line, facts)

    def build_delivery(self) -> ReceivedDelivery:
        """Return the delivery once every row is added."""
        titles = [_build_raw_title(title, self.columns) for title in self.titles.values()]
        self.received.titles.extend([*titles, *self.unreadable_rows])
        return self.received

    def _read_header(self, header: list[str]) -> None:
        for name in header:
            field_name = _FIELD_BY_HEADER.get(_normalise_header(name))
            if field_name is not None:
                self.columns[field_name] = name
        _check_required_columns(self.columns)
        read_columns = set(self.columns.values())
        hints = self.received.hints
        unknown = [clean_text(name)[:60] for name in header if name and name not in read_columns]
        self.received.warnings = [Fault(name, hints.get_reason(name, tuple(_COLUMNS)), UNKNOWN_KEY) for name in unknown]

    def _add_to_title(self, line: int, facts: dict[str, str]) -> None:
        ref = facts.get("idTitleEditor", "")
        removal = _read_removal(facts.pop(REMOVED, None))
        if removal is True:
            self.received.removed.setdefault(clean_text(ref), Position(line=line))
            return
        # A row without a title's reference is a title of its own; no reference holds a line break.
        title = self.titles.setdefault(ref or f"\n{line}", _TitleRows(line, _select_fields(facts, of_title=True)))
        fault = removal or _find_difference(facts, title)
        if fault:
            title.faults[len(title.products)] = fault
        title.products.append(_select_fields(facts, of_title=False))
        title.lines.append(line)


def read_spreadsheet(text: str, delta: bool, total_products: int | None = None) -> ReceivedDelivery:
    """Return the delivery that a CSV holds. Raise IngestRefusedError when it is no table or lacks a required column."""
    reader = _SpreadsheetReader(ReceivedDelivery(delta, deque()))
    try:
        for row in parse_table(text, "fichier", ()):
            reader.add_row(row)
    except UserError as error:
        raise IngestRefusedError(RefusalCode.UNREADABLE_TABLE, problem=str(error)) from None
    if total_products is not None:
        check_total("totalProducts", total_products, reader.row_count)
    return check_envelope(reader.build_delivery())


def _check_required_columns(columns: Mapping[str, str]) -> None:
    missing = [name for name in _REQUIRED_COLUMNS if _COLUMNS[name] not in columns]
    if missing:
        fault = Fault(missing[0], "colonne absente")
        raise IngestRefusedError(RefusalCode.MISSING_COLUMN, (fault,), columns=", ".join(missing))


def _select_fields(facts: Mapping[str, str], of_title: bool) -> dict[str, str]:
    return {name: value for name, value in facts.items() if (name in _TITLE_FIELDS) is of_title}


def _read_removal(cell: str | None) -> bool | Fault:
    """Return whether the row withdraws its title, or the fault of a cell that cannot be read."""
    try:
        return cell is not None and read_flag(cell)
    except ValueError as error:
        return Fault(REMOVED, str(error))


def _find_difference(facts: Mapping[str, str], title: _TitleRows) -> Fault | None:
    """Return the fault of a row that contradicts the first row of its title; it may leave facts out."""
    for name, value in facts.items():
        if name in _TITLE_FIELDS and title.facts.setdefault(name, value) != value:
            return Fault(name, f"autre valeur que ligne {title.line}")
    return None


def _build_raw_title(title: _TitleRows, columns: Mapping[str, str]) -> RawTitle:
    content: dict[str, Any] = {"ids": {}, "editorProduct": title.products}
    for name, value in title.facts.items():
        if name.startswith("ids."):
            content["ids"][name.removeprefix("ids.")] = value
        else:
            content[name] = value
    column_names = {**_COLUMN_BY_FIELD, **{name: clean_text(column) for name, column in columns.items()}}
    product_positions = [Position(line=line, columns=column_names) for line in title.lines]
    return RawTitle(content, Position(line=title.line, columns=column_names), product_positions, None, title.faults)
