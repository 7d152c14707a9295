"""Rows about items, read as lines of a base: what is not well formed is dropped, nothing is guessed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import ValidationError

from crawlers.wikidata.endpoint import Row, Term
from crawlers.wikidata.queries import PROPERTIES
from domain.common.identifiers import parse_identifier
from domain.common.text import clean_text
from domain.films.formats import FilmRecord

_ITEM_URI = re.compile(r"http://www\.wikidata\.org/entity/(Q[1-9][0-9]{0,11})")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)T")
_MINUTES_PER_UNIT = {"Q7727": 1.0, "Q11574": 1 / 60, "Q25235": 60.0}
_LANGUAGES = ("fr", "mul", "en")
_MAX_TEXT_LENGTH, _MAX_VALUES = 300, 20
Statement = tuple[Term, Term | None]


def get_item_id(term: Term | None) -> str | None:
    """The item that a term names, or None: an unknown value is a node without a name."""
    found = _ITEM_URI.fullmatch(term.value) if term and term.kind == "uri" else None
    return found[1] if found else None


def read_items(rows: Iterable[Row]) -> dict[str, FilmRecord]:
    """A line for each item that has a title that can be read."""
    told: defaultdict[str, defaultdict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        item, fact, value = get_item_id(row.get("item")), row.get("fact"), row.get("value")
        if item and fact and value and value.kind in ("literal", "typed-literal"):
            told[item][fact.value].append((value, row.get("about")))
    lines = ((item, _build_film_line(item, facts)) for item, facts in told.items())
    return {item: line for item, line in lines if line}


def _build_film_line(item: str, facts: defaultdict[str, list[Statement]]) -> FilmRecord | None:
    labels = _pick_by_language(facts["label"])
    originals = _list_texts(facts["original"])
    titles = [*originals, *labels.values()]
    years = [day.year for day in _parse_days(facts["published"])]
    try:
        return FilmRecord.model_validate(
            {
                "line": 0,
                "source_ref": item,
                "title": titles[0] if titles else "",
                "original_title": originals[0] if originals else None,
                "french_title": labels.get("fr"),
                "other_titles": titles[1:_MAX_VALUES],
                "year": min(years, default=None),
                "release_date": min(_parse_days(facts["released"]), default=None),
                "runtime_min": _parse_runtime(facts["runtime"]),
                "directors": _list_directors(facts["director"]),
                "identifiers": {"wikidata": item} | _collect_identifiers(facts),
            }
        )
    except ValidationError:
        return None


def _list_texts(statements: Iterable[Statement]) -> list[str]:
    cleaned = (clean_text(value.value[: _MAX_TEXT_LENGTH * 2]) for value, _ in statements)
    return list(dict.fromkeys(text for text in cleaned if text and len(text) <= _MAX_TEXT_LENGTH))


def _pick_by_language(statements: Iterable[Statement]) -> dict[str, str]:
    """The first text of each language, French first."""
    found: dict[str, str] = {}
    for value, about in statements:
        if value.language in _LANGUAGES and (texts := _list_texts([(value, about)])):
            found.setdefault(value.language, texts[0])
    return {language: found[language] for language in _LANGUAGES if language in found}


def _list_directors(statements: Iterable[Statement]) -> list[str]:
    people: defaultdict[str, list[Statement]] = defaultdict(list)
    for value, about in statements:
        if person := get_item_id(about):
            people[person].append((value, about))
    names = (next(iter(_pick_by_language(labels).values()), None) for labels in people.values())
    return [name for name in names if name][:_MAX_VALUES]


def _parse_days(statements: Iterable[Statement]) -> list[date]:
    days = []
    for value, _ in statements:
        if found := _ISO_DAY.match(value.value):
            year, month, day = int(found[1]), int(found[2]) or 1, int(found[3]) or 1
            try:
                days.append(date(year, month, day))
            except ValueError:
                continue
    return [day for day in days if 1870 <= day.year <= 2100]


def _parse_runtime(statements: Iterable[Statement]) -> int | None:
    """Minutes, where the item knows one running time only."""
    found = set()
    for value, about in statements:
        unit = _MINUTES_PER_UNIT.get(get_item_id(about) or "")
        if unit and re.fullmatch(r"\+?\d{1,6}(\.\d{1,6})?", value.value):
            found.add(round(float(value.value) * unit))
    lasts = [minutes for minutes in found if 1 <= minutes <= 6000]
    return lasts[0] if len(lasts) == 1 else None


def _collect_identifiers(facts: defaultdict[str, list[Statement]]) -> dict[str, str]:
    """The number of each scheme that the item bears once; where it bears several, none is chosen."""
    numbers = {}
    for scheme in PROPERTIES:
        read = {parse_identifier(scheme, value.value) for value, _ in facts[scheme]} - {None}
        if len(read) == 1:
            numbers[scheme] = str(read.pop())
    return numbers
