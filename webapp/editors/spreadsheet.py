"""A CSV made the same delivery as a JSON: one row a product, rows of one title put together."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from records.errors import Problem
from records.tabular import Row, parse_table
from records.text import clean, words
from webapp.editors.catalogues import Received, check_total, checked_head
from webapp.editors.problems import DeliveryRefused, too_large
from webapp.editors.results import UNKNOWN_KEY, Fault, Place, suggested
from webapp.editors.titles import RawTitle
from webapp.editors.values import read_flag
from webapp.french import number

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
_FIELDS = {"_".join(words(name)): field for column, field in _COLUMNS.items() for name in (column, field, field.split(".")[-1])}
_NAMES = {field: column for column, field in _COLUMNS.items()} | {"editorProduct": ""}
_OF_TITLE = frozenset(TITLE_COLUMNS.values())
_REQUIRED = ("id_titre", "id_produit", "mode")
_MAX_ROWS = 300_000


@dataclass
class _Gathered:
    """The rows of one title: what its first row says of it, and one product a row."""

    line: int
    facts: dict[str, str]
    products: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)


def open_spreadsheet(text: str, delta: bool, total_products: int | None = None) -> Received:
    """The titles of a CSV. Raises DeliveryRefused when it is no table, or lacks a column that nothing goes without."""
    try:
        rows = list(_capped(parse_table(text, "fichier", ())))
    except Problem as problem:
        raise DeliveryRefused("contenu", f"{problem}.") from None
    if total_products is not None:
        check_total("totalProducts", total_products, len(rows))
    header = next((list(row.cells) for row in rows if row.fault is None), [])
    columns = {_FIELDS[key]: name for name in header if (key := "_".join(words(name))) in _FIELDS}
    if header:
        _require(columns)
    received = Received(delta, deque())
    unknown = [clean(name)[:60] for name in header if name and name not in columns.values()]
    received.warnings = [Fault(name, suggested(name, tuple(_COLUMNS)), UNKNOWN_KEY) for name in unknown]
    _fill(received, rows, columns)
    return checked_head(received)


def _capped(rows: Iterator[Row]) -> Iterator[Row]:
    for rank, row in enumerate(rows):
        if rank >= _MAX_ROWS:
            raise too_large(f"{number(_MAX_ROWS)} lignes au plus")
        yield row


def _require(columns: Mapping[str, str]) -> None:
    if missing := [name for name in _REQUIRED if _COLUMNS[name] not in columns]:
        raise DeliveryRefused("contenu", f"Colonne absente : {', '.join(missing)}.", (Fault(missing[0], "colonne absente"),))


def _fill(received: Received, rows: list[Row], columns: Mapping[str, str]) -> None:
    """Puts the rows' titles in the delivery; a row that could not be read as one stands alone, with its fault."""
    titles: dict[str, _Gathered] = {}
    broken = []
    for row in rows:
        if row.fault is not None:
            broken.append(RawTitle(None, Place(line=row.line), fault=Fault("", row.fault)))
            continue
        facts = {name: row.cells[column] for name, column in columns.items() if row.cells[column]}
        ref = facts.get("idTitleEditor", "")
        if (leaving := _leaving(facts.pop(REMOVED, None))) is True:
            received.removed.setdefault(clean(ref), Place(line=row.line))
            continue
        title = titles.setdefault(ref or f"\n{row.line}", _Gathered(row.line, _part(facts, of_title=True)))
        if fault := leaving or _differing(facts, title):
            title.faults[len(title.products)] = fault
        title.products.append(_part(facts, of_title=False))
        title.lines.append(row.line)
    received.titles.extend([*(_raw(title, columns) for title in titles.values()), *broken])


def _part(facts: Mapping[str, str], of_title: bool) -> dict[str, str]:
    return {name: value for name, value in facts.items() if (name in _OF_TITLE) is of_title}


def _leaving(written: str | None) -> bool | Fault:
    """Whether the row takes its title out; a fault when that cannot be read."""
    try:
        return written is not None and read_flag(written)
    except ValueError as error:
        return Fault(REMOVED, str(error))


def _differing(facts: Mapping[str, str], title: _Gathered) -> Fault | None:
    """A row may leave out what the first one said of the title, not say something else."""
    differing = (name for name, value in facts.items() if name in _OF_TITLE and title.facts.setdefault(name, value) != value)
    return next((Fault(name, f"autre valeur que ligne {title.line}") for name in differing), None)


def _raw(title: _Gathered, columns: Mapping[str, str]) -> RawTitle:
    given: dict[str, Any] = {name: value for name, value in title.facts.items() if not name.startswith("ids.")}
    given["ids"] = {name.removeprefix("ids."): value for name, value in title.facts.items() if name.startswith("ids.")}
    given["editorProduct"] = title.products
    named = {**_NAMES, **{field: clean(column) for field, column in columns.items()}}
    places = [Place(line=line, columns=named) for line in title.lines]
    return RawTitle(given, Place(line=title.line, columns=named), places, None, title.faults)
