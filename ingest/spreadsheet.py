"""A CSV made the same delivery as a JSON: one row a product, rows of one title put together."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.common.csv_reader import TableRow, parse_table
from domain.common.errors import UserError
from domain.common.text import clean_text, split_words
from ingest.catalogue import ReceivedDelivery, check_envelope, check_total
from ingest.contract import MAX_VALUES
from ingest.results import UNKNOWN_KEY, Fault, Position
from ingest.titles import RawTitle
from ingest.values import read_flag
from webapp.core.french import format_number
from webapp.editors.problems import DeliveryRefusedError, make_too_large_error, make_too_many_values_error

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
_FIELD_BY_HEADER = {
    "_".join(split_words(name)): field for column, field in _COLUMNS.items() for name in (column, field, field.split(".")[-1])
}
_COLUMN_BY_FIELD = {field: column for column, field in _COLUMNS.items()} | {"editorProduct": ""}
_TITLE_FIELDS = frozenset(TITLE_COLUMNS.values())
_REQUIRED_COLUMNS = ("id_titre", "id_produit", "mode")
_MAX_ROWS = 300_000


@dataclass
class _TitleRows:
    """The rows of one title: what its first row says of it, and one product a row."""

    line: int
    facts: dict[str, str]
    products: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)


@dataclass
class _SpreadsheetReader:
    """The rows of a CSV put together as they are read: of each, only what the contract names is kept."""

    received: ReceivedDelivery
    columns: dict[str, str] = field(default_factory=dict)
    titles: dict[str, _TitleRows] = field(default_factory=dict)
    broken: list[RawTitle] = field(default_factory=list)
    rows: int = 0
    values: int = 0

    def add_row(self, row: TableRow) -> None:
        """Puts a row with its title; one that could not be read stands alone, with its fault. Raises DeliveryRefused."""
        self.rows += 1
        if self.rows > _MAX_ROWS:
            raise make_too_large_error(f"{format_number(_MAX_ROWS)} lignes au plus")
        if row.fault is not None:
            self.broken.append(RawTitle(None, Position(line=row.line), fault=Fault("", row.fault)))
            return
        if not self.columns:
            self._read_header(list(row.cells))
        facts = {name: row.cells[column] for name, column in self.columns.items() if row.cells[column]}
        self.values += len(facts)
        if self.values > MAX_VALUES:
            raise make_too_many_values_error()
        self._add_to_title(row.line, facts)

    def build_delivery(self) -> ReceivedDelivery:
        """The delivery, every row of it taken."""
        self.received.titles.extend([*(_build_raw_title(title, self.columns) for title in self.titles.values()), *self.broken])
        return self.received

    def _read_header(self, header: list[str]) -> None:
        self.columns = {
            _FIELD_BY_HEADER[key]: name for name in header if (key := "_".join(split_words(name))) in _FIELD_BY_HEADER
        }
        _check_required_columns(self.columns)
        known, hints = set(self.columns.values()), self.received.hints
        unknown = [clean_text(name)[:60] for name in header if name and name not in known]
        self.received.warnings = [Fault(name, hints.get_reason(name, tuple(_COLUMNS)), UNKNOWN_KEY) for name in unknown]

    def _add_to_title(self, line: int, facts: dict[str, str]) -> None:
        ref = facts.get("idTitleEditor", "")
        if (leaving := _read_removal(facts.pop(REMOVED, None))) is True:
            self.received.removed.setdefault(clean_text(ref), Position(line=line))
            return
        title = self.titles.setdefault(ref or f"\n{line}", _TitleRows(line, _select_fields(facts, of_title=True)))
        if fault := leaving or _find_difference(facts, title):
            title.faults[len(title.products)] = fault
        title.products.append(_select_fields(facts, of_title=False))
        title.lines.append(line)


def read_spreadsheet(text: str, delta: bool, total_products: int | None = None) -> ReceivedDelivery:
    """The titles of a CSV. Raises DeliveryRefused when it is no table, or lacks a column that nothing goes without."""
    sheet = _SpreadsheetReader(ReceivedDelivery(delta, deque()))
    try:
        for row in parse_table(text, "fichier", ()):
            sheet.add_row(row)
    except UserError as problem:
        raise DeliveryRefusedError("contenu", f"{problem}.") from None
    if total_products is not None:
        check_total("totalProducts", total_products, sheet.rows)
    return check_envelope(sheet.build_delivery())


def _check_required_columns(columns: Mapping[str, str]) -> None:
    if missing := [name for name in _REQUIRED_COLUMNS if _COLUMNS[name] not in columns]:
        raise DeliveryRefusedError("contenu", f"Colonne absente : {', '.join(missing)}.", (Fault(missing[0], "colonne absente"),))


def _select_fields(facts: Mapping[str, str], of_title: bool) -> dict[str, str]:
    return {name: value for name, value in facts.items() if (name in _TITLE_FIELDS) is of_title}


def _read_removal(written: str | None) -> bool | Fault:
    """Whether the row takes its title out; a fault when that cannot be read."""
    try:
        return written is not None and read_flag(written)
    except ValueError as error:
        return Fault(REMOVED, str(error))


def _find_difference(facts: Mapping[str, str], title: _TitleRows) -> Fault | None:
    """A row may leave out what the first one said of the title, not say something else."""
    differing = (name for name, value in facts.items() if name in _TITLE_FIELDS and title.facts.setdefault(name, value) != value)
    return next((Fault(name, f"autre valeur que ligne {title.line}") for name in differing), None)


def _build_raw_title(title: _TitleRows, columns: Mapping[str, str]) -> RawTitle:
    given: dict[str, Any] = {name: value for name, value in title.facts.items() if not name.startswith("ids.")}
    given["ids"] = {name.removeprefix("ids."): value for name, value in title.facts.items() if name.startswith("ids.")}
    given["editorProduct"] = title.products
    named = {**_COLUMN_BY_FIELD, **{field: clean_text(column) for field, column in columns.items()}}
    places = [Position(line=line, columns=named) for line in title.lines]
    return RawTitle(given, Position(line=title.line, columns=named), places, None, title.faults)
