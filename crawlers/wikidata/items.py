"""Read what Wikidata says of items as records of films: what is not well formed is dropped, nothing is guessed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import ValidationError

from crawlers.wikidata.endpoint import Row, Term
from crawlers.wikidata.queries import PROPERTIES
from crawlers.wikidata.statements import Facts, Statement, make_facts, parse_item_id
from crawlers.wikidata.titles import clean_texts, list_titles, pick_by_language
from domain.common.enums import TitleKind
from domain.common.identifiers import parse_identifier
from domain.films.formats import FilmRecord, RecordTitle

_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)T")
_QUANTITY = re.compile(r"\+?\d{1,6}(\.\d{1,6})?")
_MINUTES_PER_UNIT = {"Q7727": 1.0, "Q11574": 1 / 60, "Q25235": 60.0}
_MAX_VALUES = 20
_MAX_RUNTIME = 6000
_YEARS = range(1870, 2101)


def get_item_id(term: Term | None) -> str | None:
    """Return the item that a term names, or None: an unknown value is a node without a name."""
    if term is None or term.kind != "uri" or "/" not in term.value:
        return None
    return parse_item_id(term.value)


def read_items(rows: Iterable[Row]) -> dict[str, FilmRecord]:
    """Return a record for each item that has a title that can be read."""
    facts_by_item: defaultdict[str, Facts] = defaultdict(make_facts)
    for row in rows:
        item = get_item_id(row.get("item"))
        fact = row.get("fact")
        value = row.get("value")
        if item and fact and value and value.kind in ("literal", "typed-literal"):
            statement = Statement(value.value, value.language.lower(), get_item_id(row.get("about")))
            facts_by_item[item][fact.value].append(statement)
    records = {}
    for item, facts in facts_by_item.items():
        record = build_record(item, facts)
        if record is not None:
            records[item] = record
    return records


def build_record(item: str, facts: Facts) -> FilmRecord | None:
    """Return an item as a record of a film; None when it has no title that can be read."""
    titles = list_titles(facts)
    names = [title.title for title in titles if title.kind is not TitleKind.ALIAS]
    # A film may be called « Film »: its item completes it, though no film gains that as a title.
    names += clean_texts(facts["original"]) + list(pick_by_language(facts["label"]).values())
    originals = [title.title for title in titles if title.kind is TitleKind.ORIGINAL]
    years = [day.year for day in _parse_days(facts["published"])]
    values = {
        "line": 0,
        "source_ref": item,
        "title": names[0] if names else "",
        "original_title": originals[0] if originals else None,
        "french_title": next((title.title for title in titles if _is_french_name(title)), None),
        "titles": titles,
        "year": min(years, default=None),
        "release_date": min(_parse_days(facts["released"]), default=None),
        "runtime_min": _parse_runtime(facts["runtime"]),
        "directors": _list_directors(facts["director"]),
        "identifiers": {"wikidata": item} | collect_identifiers(facts),
    }
    try:
        return FilmRecord.model_validate(values)
    except ValidationError:
        return None


def _is_french_name(title: RecordTitle) -> bool:
    return title.language == "fr" and title.kind is not TitleKind.ALIAS


def _list_directors(statements: Iterable[Statement]) -> list[str]:
    names_by_person: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.about:
            names_by_person[statement.about].append(statement)
    directors = []
    for names in names_by_person.values():
        directors += list(pick_by_language(names).values())[:1]
    return directors[:_MAX_VALUES]


def _parse_days(statements: Iterable[Statement]) -> list[date]:
    """Return the days of statements; a month or a day that is not known (00) is the first."""
    days = []
    for statement in statements:
        written = _ISO_DAY.match(statement.text)
        if written is None:
            continue
        year, month, day = map(int, written.groups())
        try:
            days.append(date(year, month or 1, day or 1))
        except ValueError:
            continue
    return [day for day in days if day.year in _YEARS]


def _parse_runtime(statements: Iterable[Statement]) -> int | None:
    """Return minutes, where the item knows one running time only."""
    runtimes = set()
    for statement in statements:
        minutes_per_unit = _MINUTES_PER_UNIT.get(statement.about or "")
        if minutes_per_unit and _QUANTITY.fullmatch(statement.text):
            runtimes.add(round(float(statement.text) * minutes_per_unit))
    plausible = [minutes for minutes in runtimes if 1 <= minutes <= _MAX_RUNTIME]
    if len(plausible) == 1:
        return plausible[0]
    return None


def collect_identifiers(facts: Facts) -> dict[str, str]:
    """Return the number of each scheme that the item bears once; where it bears several, none is chosen."""
    identifiers = {}
    for scheme in PROPERTIES:
        parsed = {parse_identifier(scheme, statement.text) for statement in facts[scheme]}
        values = list(filter(None, parsed))
        if len(values) == 1:
            identifiers[scheme] = values[0]
    return identifiers
