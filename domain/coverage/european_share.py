"""T13: European and French-speaking films of each service, with what is unknown and between which bounds the share is."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import or_

from sqlalchemy import or_ as either
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from domain.common.enums import Kind, TitleKind
from domain.coverage.dataset import Day, Way
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import CATEGORIES, CATEGORY
from domain.coverage.nationality import is_european
from domain.coverage.schema import Body, Column, LanguageRule, Row, Unit
from domain.coverage.versions import has_version
from domain.models.entry import Entry
from domain.models.film import FilmTitle
from domain.models.platform import Platform
from domain.windows.absence import SHORTEST_BOUND

FEWEST = 10
"""Long films from which the décret's shares are due."""
_NOT_LONG = (Kind.SERIES, Kind.EPISODE, Kind.SHORT)


@dataclass(frozen=True)
class Shares:
    """Films counted (`yes`, `no`, `unknown`) and lines of the catalogue that are linked to no film. Shares are from 0 to 1."""

    yes: int = 0
    no: int = 0
    unknown: int = 0
    unmatched: int = 0

    @property
    def films(self) -> int:
        """Distinct films counted."""
        return self.yes + self.no + self.unknown

    @property
    def on_known(self) -> float | None:
        """The share among films of which one knows."""
        return self.yes / (self.yes + self.no) if self.yes + self.no else None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The share if nothing unknown were, then if everything unknown were; lines linked to no film are unknown."""
        whole = self.films + self.unmatched
        if not whole:
            return None, None
        return self.yes / whole, (self.yes + self.unknown + self.unmatched) / whole


def thresholds(country: str, films: int) -> tuple[str, str]:
    """The European and French-speaking shares that a service may owe, in words, from where it is established."""
    if country != "FR":
        return "30 %", "aucun"
    return ("60 %", "40 %") if films >= FEWEST else ("aucun (moins de 10 films)", "aucun (moins de 10 films)")


_MEASURES = tuple(
    Column(f"{label} : {what}", unit)
    for label in ("Européens", "Expression française")
    for what, unit in (
        *(("films", Unit.COUNT), ("inconnus", Unit.COUNT), ("part sur les connus", Unit.SHARE)),
        *(("borne basse", Unit.SHARE), ("borne haute", Unit.SHARE), ("seuil", Unit.TEXT)),
    )
)


def by_service(day: Day) -> Body:
    """T13: by service and kind of service; « estimation, sans valeur réglementaire »."""
    counted, minutes_unknown = _count(day)
    rows = [
        _line(day.platforms[service], category, *counted[service, category])
        for service in day.platforms
        for category in CATEGORIES
        if (service, category) in counted
    ]
    columns = (
        Column("Service", Unit.TEXT),
        Column("Catégorie", Unit.TEXT),
        Column("Longs métrages"),
        Column("Lignes non reliées"),
    )
    notes = (
        "Estimation, sans valeur réglementaire.",
        f"Films comptés dont la durée est inconnue, pris pour des longs métrages : {minutes_unknown}.",
    )
    return Body((*columns, *_MEASURES), tuple(rows), notes, chart=6, keys=2)


def _line(platform: Platform, category: str, european: Shares, french: Shares) -> Row:
    owed = thresholds(platform.country, european.films)
    told = [
        cell
        for shares, threshold in zip((european, french), owed, strict=True)
        for cell in (shares.yes, shares.unknown, shares.on_known, *shares.bounds, threshold)
    ]
    return (platform.name, category, european.films, european.unmatched, *told)


def _count(day: Day) -> tuple[dict[tuple[int, str], tuple[Shares, Shares]], int]:
    """By service and category: European shares, French-speaking shares; and how many films have no running time."""
    speak, european, french, undated = _Speech(day), _Tally(), _Tally(), 0
    for facts in day.shown_films():
        if is_long(facts):
            undated += facts.runtime is None
            places = _places(day.ways[facts.id])
            european.add(places, is_european(facts.countries, day.filters.country))
            french.add(places, speak.french(facts))
    unmatched = _unmatched(day)
    keys = {*european.counts, *unmatched}
    return {key: (european.shares(key, unmatched[key]), french.shares(key, unmatched[key])) for key in keys}, undated


@lru_cache(50_000)
def _places(ways: tuple[Way, ...]) -> frozenset[tuple[int, str]]:
    """The services of a film, each with the kinds of service that it is for this film."""
    return frozenset((platform, CATEGORY[access]) for platform, accesses in ways for access in accesses)


class _Tally:
    """Films by place, and by whether they are what is counted."""

    def __init__(self) -> None:
        self.counts = defaultdict[tuple[int, str], Counter[bool | None]](Counter)

    def add(self, places: Iterable[tuple[int, str]], found: bool | None) -> None:
        for place in places:
            self.counts[place][found] += 1

    def shares(self, place: tuple[int, str], unmatched: int) -> Shares:
        found = self.counts.get(place, Counter())
        return replace(Shares(found[True], found[False], found[None]), unmatched=unmatched)


def is_long(film: FilmFacts) -> bool:
    """Whether a film is a long one of the quotas; an unknown running time is taken for that of a feature."""
    return film.kind not in _NOT_LONG and not film.adult and (film.runtime is None or film.runtime > SHORTEST_BOUND)


class _Speech:
    """Which films are of French expression, by the rule of the filters."""

    def __init__(self, day: Day) -> None:
        self._by_country = day.filters.language is LanguageRule.COUNTRY
        if not self._by_country:
            titles = select(FilmTitle.film_id, FilmTitle.language).where(FilmTitle.kind == TitleKind.ORIGINAL)
            told = day.session.exec(titles.where(col(FilmTitle.language).is_not(None))).all()
            original, subtitled = _with_versions(day)
            self._yes = {film for film, language in told if language == "fr"} | original
            self._no = {film for film, language in told if language != "fr"} | subtitled

    def french(self, film: FilmFacts) -> bool | None:
        """None when nobody says, or when what is said disagrees."""
        if self._by_country:
            return film.countries[0] == "FR" if film.countries else None
        yes, no = film.id in self._yes, film.id in self._no
        return None if yes == no else yes


def _with_versions(day: Day) -> tuple[set[int], set[int]]:
    """The films of which some offer is in French as they were made, and those of which some offer is subtitled."""
    found = day.traits(has_version("VOF"), has_version("VOST", "VOSTFR"))
    marks = {film: reduce(or_, services.values()) for film, services in found.items()}
    return {film for film, mark in marks.items() if mark & 1}, {film for film, mark in marks.items() if mark & 2}


def _unmatched(day: Day) -> Counter[tuple[int, str]]:
    """Lines linked to no film, by service and category; those that are plainly no long film are left out."""
    short = either(col(Entry.kind).in_(_NOT_LONG), col(Entry.runtime_min) <= SHORTEST_BOUND)
    left_out = set(day.session.scalars(select_columns(col(Entry.id)).where(short))) if day.loose else set()
    lines = (one for one in day.loose if one.entry not in left_out)
    return Counter((one.platform, category) for one in lines for category in {CATEGORY[access] for access in one.accesses})
