"""Read rows about Wikidata items as records of films: what is not well formed is dropped, nothing is guessed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pydantic import ValidationError

from crawlers.wikidata.endpoint import Row, Term
from crawlers.wikidata.queries import PROPERTIES
from domain.common.identifiers import parse_identifier
from domain.common.text import clean_text
from domain.films.formats import FilmRecord

_ITEM_URI = re.compile(r"http://www\.wikidata\.org/entity/(Q[1-9][0-9]{0,11})")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)T")
_QUANTITY = re.compile(r"\+?\d{1,6}(\.\d{1,6})?")
_MINUTES_PER_UNIT = {"Q7727": 1.0, "Q11574": 1 / 60, "Q25235": 60.0}
_LANGUAGES = ("fr", "mul", "en")
_MAX_TEXT_LENGTH = 300
_MAX_VALUES = 20
_MAX_RUNTIME = 6000
_YEARS = range(1870, 2101)


class Statement(NamedTuple):
    """Hold a value, and the item that it is about: a person for a name, a unit for a quantity."""

    value: Term
    about: Term | None


Facts = defaultdict[str, list[Statement]]
"""The statements about an item, by the name that the query gives to each kind of fact."""


def get_item_id(term: Term | None) -> str | None:
    """Return the item that a term names, or None: an unknown value is a node without a name."""
    if term is None or term.kind != "uri":
        return None
    uri = _ITEM_URI.fullmatch(term.value)
    return uri[1] if uri else None


def read_items(rows: Iterable[Row]) -> dict[str, FilmRecord]:
    """Return a record for each item that has a title that can be read."""
    facts_by_item: defaultdict[str, Facts] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        item = get_item_id(row.get("item"))
        fact = row.get("fact")
        value = row.get("value")
        if item and fact and value and value.kind in ("literal", "typed-literal"):
            facts_by_item[item][fact.value].append(Statement(value, row.get("about")))
    records = {}
    for item, facts in facts_by_item.items():
        record = _build_record(item, facts)
        if record is not None:
            records[item] = record
    return records


def _build_record(item: str, facts: Facts) -> FilmRecord | None:
    labels = _pick_by_language(facts["label"])
    original_titles = _list_texts(facts["original"])
    titles = [*original_titles, *labels.values()]
    years = [day.year for day in _parse_days(facts["published"])]
    values = {
        "line": 0,
        "source_ref": item,
        "title": titles[0] if titles else "",
        "original_title": original_titles[0] if original_titles else None,
        "french_title": labels.get("fr"),
        "other_titles": titles[1:_MAX_VALUES],
        "year": min(years, default=None),
        "release_date": min(_parse_days(facts["released"]), default=None),
        "runtime_min": _parse_runtime(facts["runtime"]),
        "directors": _list_directors(facts["director"]),
        "identifiers": {"wikidata": item} | _collect_identifiers(facts),
    }
    try:
        return FilmRecord.model_validate(values)
    except ValidationError:
        return None


def _list_texts(statements: Iterable[Statement]) -> list[str]:
    texts = (clean_text(statement.value.value[: _MAX_TEXT_LENGTH * 2]) for statement in statements)
    return list(dict.fromkeys(text for text in texts if 0 < len(text) <= _MAX_TEXT_LENGTH))


def _pick_by_language(statements: Iterable[Statement]) -> dict[str, str]:
    """Return the first text of each language, French first."""
    first_texts: dict[str, str] = {}
    for statement in statements:
        for text in _list_texts([statement]):
            first_texts.setdefault(statement.value.language, text)
    return {language: first_texts[language] for language in _LANGUAGES if language in first_texts}


def _list_directors(statements: Iterable[Statement]) -> list[str]:
    names_by_person: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        person = get_item_id(statement.about)
        if person:
            names_by_person[person].append(statement)
    directors = []
    for names in names_by_person.values():
        directors += list(_pick_by_language(names).values())[:1]
    return directors[:_MAX_VALUES]


def _parse_days(statements: Iterable[Statement]) -> list[date]:
    """Return the days of statements; a month or a day that is not known (00) is the first."""
    days = []
    for statement in statements:
        written = _ISO_DAY.match(statement.value.value)
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
        minutes_per_unit = _MINUTES_PER_UNIT.get(get_item_id(statement.about) or "")
        if minutes_per_unit and _QUANTITY.fullmatch(statement.value.value):
            runtimes.add(round(float(statement.value.value) * minutes_per_unit))
    plausible = [minutes for minutes in runtimes if 1 <= minutes <= _MAX_RUNTIME]
    if len(plausible) == 1:
        return plausible[0]
    return None


def _collect_identifiers(facts: Facts) -> dict[str, str]:
    """Return the number of each scheme that the item bears once; where it bears several, none is chosen."""
    identifiers = {}
    for scheme in PROPERTIES:
        parsed = {parse_identifier(scheme, statement.value.value) for statement in facts[scheme]}
        values = list(filter(None, parsed))
        if len(values) == 1:
            identifiers[scheme] = values[0]
    return identifiers
