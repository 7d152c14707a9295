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
from domain.coverage.dataset import DaySnapshot, ServiceAccesses
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import CATEGORY_BY_ACCESS, SERVICE_CATEGORIES
from domain.coverage.nationality import is_european
from domain.coverage.schema import Column, LanguageRule, Row, TableBody, Unit
from domain.coverage.versions import has_version
from domain.models.entry import Entry
from domain.models.film import FilmTitle
from domain.models.platform import Platform
from domain.windows.absence import MAX_SHORT_RUNTIME

MIN_QUOTA_FILMS = 10
"""Long films from which the décret's shares are due."""
_EXCLUDED_KINDS = (Kind.SERIES, Kind.EPISODE, Kind.SHORT)


@dataclass(frozen=True)
class QuotaShares:
    """Films counted (`yes`, `no`, `unknown`) and lines of the catalogue that are linked to no film. Shares are from 0 to 1."""

    yes: int = 0
    no: int = 0
    unknown: int = 0
    unmatched: int = 0

    @property
    def film_count(self) -> int:
        """Distinct films counted."""
        return self.yes + self.no + self.unknown

    @property
    def share_of_known(self) -> float | None:
        """The share among films of which one knows."""
        return self.yes / (self.yes + self.no) if self.yes + self.no else None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The share if nothing unknown were, then if everything unknown were; lines linked to no film are unknown."""
        whole = self.film_count + self.unmatched
        if not whole:
            return None, None
        return self.yes / whole, (self.yes + self.unknown + self.unmatched) / whole


def get_thresholds(country: str, films: int) -> tuple[str, str]:
    """The European and French-speaking shares that a service may owe, in words, from where it is established."""
    if country != "FR":
        return "30 %", "aucun"
    return ("60 %", "40 %") if films >= MIN_QUOTA_FILMS else ("aucun (moins de 10 films)", "aucun (moins de 10 films)")


_MEASURE_COLUMNS = tuple(
    Column(f"{label} : {what}", unit)
    for label in ("Européens", "Expression française")
    for what, unit in (
        *(("films", Unit.COUNT), ("inconnus", Unit.COUNT), ("part sur les connus", Unit.SHARE)),
        *(("borne basse", Unit.SHARE), ("borne haute", Unit.SHARE), ("seuil", Unit.TEXT)),
    )
)


def count_quotas_by_service(day: DaySnapshot) -> TableBody:
    """T13: by service and kind of service; « estimation, sans valeur réglementaire »."""
    counted, minutes_unknown = _count_shares(day)
    rows = [
        _build_row(day.platforms[service], category, *counted[service, category])
        for service in day.platforms
        for category in SERVICE_CATEGORIES
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
    return TableBody((*columns, *_MEASURE_COLUMNS), tuple(rows), notes, chart_column=6, key_count=2)


def _build_row(platform: Platform, category: str, european: QuotaShares, french: QuotaShares) -> Row:
    owed = get_thresholds(platform.country, european.film_count)
    told = [
        cell
        for shares, threshold in zip((european, french), owed, strict=True)
        for cell in (shares.yes, shares.unknown, shares.share_of_known, *shares.bounds, threshold)
    ]
    return (platform.name, category, european.film_count, european.unmatched, *told)


def _count_shares(day: DaySnapshot) -> tuple[dict[tuple[int, str], tuple[QuotaShares, QuotaShares]], int]:
    """By service and category: European shares, French-speaking shares; and how many films have no running time."""
    speak, european, french, undated = _FrenchSpeech(day), _Tally(), _Tally(), 0
    for facts in day.iter_available_films():
        if is_feature(facts):
            undated += facts.runtime_min is None
            places = _get_categories(day.accesses_by_film[facts.id])
            european.add(places, is_european(facts.countries, day.filters.country))
            french.add(places, speak.is_french_speaking(facts))
    unmatched = _count_unlinked_entries(day)
    keys = {*european.counts, *unmatched}
    return {key: (european.get_shares(key, unmatched[key]), french.get_shares(key, unmatched[key])) for key in keys}, undated


@lru_cache(50_000)
def _get_categories(ways: tuple[ServiceAccesses, ...]) -> frozenset[tuple[int, str]]:
    """The services of a film, each with the kinds of service that it is for this film."""
    return frozenset((platform, CATEGORY_BY_ACCESS[access]) for platform, accesses in ways for access in accesses)


class _Tally:
    """Films by place, and by whether they are what is counted."""

    def __init__(self) -> None:
        self.counts = defaultdict[tuple[int, str], Counter[bool | None]](Counter)

    def add(self, keys: Iterable[tuple[int, str]], is_counted: bool | None) -> None:
        for place in keys:
            self.counts[place][is_counted] += 1

    def get_shares(self, key: tuple[int, str], unmatched: int) -> QuotaShares:
        found = self.counts.get(key, Counter())
        return replace(QuotaShares(found[True], found[False], found[None]), unmatched=unmatched)


def is_feature(film: FilmFacts) -> bool:
    """Whether a film is a long one of the quotas; an unknown running time is taken for that of a feature."""
    return (
        film.kind not in _EXCLUDED_KINDS and not film.adult and (film.runtime_min is None or film.runtime_min > MAX_SHORT_RUNTIME)
    )


class _FrenchSpeech:
    """Which films are of French expression, by the rule of the filters."""

    def __init__(self, day: DaySnapshot) -> None:
        self._by_country = day.filters.language is LanguageRule.COUNTRY
        if not self._by_country:
            titles = select(FilmTitle.film_id, FilmTitle.language).where(FilmTitle.kind == TitleKind.ORIGINAL)
            told = day.session.exec(titles.where(col(FilmTitle.language).is_not(None))).all()
            original, subtitled = _get_films_by_version(day)
            self._yes = {film for film, language in told if language == "fr"} | original
            self._no = {film for film, language in told if language != "fr"} | subtitled

    def is_french_speaking(self, film: FilmFacts) -> bool | None:
        """None when nobody says, or when what is said disagrees."""
        if self._by_country:
            return film.countries[0] == "FR" if film.countries else None
        yes, no = film.id in self._yes, film.id in self._no
        return None if yes == no else yes


def _get_films_by_version(day: DaySnapshot) -> tuple[set[int], set[int]]:
    """The films of which some offer is in French as they were made, and those of which some offer is subtitled."""
    found = day.get_condition_masks(has_version("VOF"), has_version("VOST", "VOSTFR"))
    marks = {film: reduce(or_, services.values()) for film, services in found.items()}
    return {film for film, mark in marks.items() if mark & 1}, {film for film, mark in marks.items() if mark & 2}


def _count_unlinked_entries(day: DaySnapshot) -> Counter[tuple[int, str]]:
    """Lines linked to no film, by service and category; those that are plainly no long film are left out."""
    short = either(col(Entry.kind).in_(_EXCLUDED_KINDS), col(Entry.runtime_min) <= MAX_SHORT_RUNTIME)
    left_out = set(day.session.scalars(select_columns(col(Entry.id)).where(short))) if day.unlinked_entries else set()
    lines = (one for one in day.unlinked_entries if one.entry_id not in left_out)
    return Counter(
        (one.platform_id, category) for one in lines for category in {CATEGORY_BY_ACCESS[access] for access in one.accesses}
    )
