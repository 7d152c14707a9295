"""Count T13: European and French-speaking films of each service, with what is unknown and the bounds of the share."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from sqlalchemy import or_ as either
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from domain.common.enums import Kind, TitleKind
from domain.coverage.dataset import DaySnapshot, ServiceAccesses
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import CATEGORY_BY_ACCESS, SERVICE_CATEGORIES
from domain.coverage.nationality import is_european
from domain.coverage.schema import Cell, Column, LanguageRule, Row, TableBody, Unit
from domain.coverage.versions import has_version
from domain.models.entry import Entry
from domain.models.film import FilmTitle
from domain.models.platform import Platform
from domain.windows.absence import MAX_SHORT_RUNTIME

MIN_QUOTA_FILMS = 10
"""How many long films make the shares of the decree due."""
_EXCLUDED_KINDS = (Kind.SERIES, Kind.EPISODE, Kind.SHORT)
CategoryKey = tuple[int, str]
"""A platform id, and a category of service."""


@dataclass(frozen=True)
class QuotaShares:
    """Count films that are of a quota (`yes`), are not (`no`) or may be (`unknown`), and entries linked to no film.

    Shares are from 0 to 1.
    """

    yes: int = 0
    no: int = 0
    unknown: int = 0
    unmatched: int = 0

    @property
    def film_count(self) -> int:
        """Return how many distinct films were counted."""
        return self.yes + self.no + self.unknown

    @property
    def share_of_known(self) -> float | None:
        """Return the share among the films that are known; None when none is."""
        known = self.yes + self.no
        return self.yes / known if known else None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Return the share if nothing unknown counted, then if everything unknown did, entries linked to no film included."""
        total = self.film_count + self.unmatched
        if not total:
            return None, None
        return self.yes / total, (self.yes + self.unknown + self.unmatched) / total


def get_thresholds(country: str, film_count: int) -> tuple[str, str]:
    """Return in French the European and the French-speaking shares that a service owes, by the country of its operator."""
    if country != "FR":
        return "30 %", "aucun"
    if film_count < MIN_QUOTA_FILMS:
        return "aucun (moins de 10 films)", "aucun (moins de 10 films)"
    return "60 %", "40 %"


def _build_measure_columns(label: str) -> tuple[Column, ...]:
    return (
        *(Column(f"{label} : films"), Column(f"{label} : inconnus"), Column(f"{label} : part sur les connus", Unit.SHARE)),
        *(Column(f"{label} : borne basse", Unit.SHARE), Column(f"{label} : borne haute", Unit.SHARE)),
        Column(f"{label} : seuil", Unit.TEXT),
    )


_COLUMNS = (
    *(Column("Service", Unit.TEXT), Column("Catégorie", Unit.TEXT), Column("Longs métrages"), Column("Lignes non reliées")),
    *_build_measure_columns("Européens"),
    *_build_measure_columns("Expression française"),
)


@dataclass(frozen=True)
class _QuotaCounts:
    """Hold the European and French-speaking films by service and category, and how many films have no running time."""

    european: "_Tally"
    french: "_Tally"
    unmatched: Counter[CategoryKey]
    unknown_runtimes: int

    def has_films(self, key: CategoryKey) -> bool:
        return key in self.european.counts or key in self.unmatched


def count_quotas_by_service(day: DaySnapshot) -> TableBody:
    """Count T13: by service and category of service. This is an estimate, without regulatory value."""
    counts = _count_films(day)
    rows: list[Row] = []
    for platform_id, platform in day.platforms.items():
        for category in SERVICE_CATEGORIES:
            if counts.has_films((platform_id, category)):
                rows.append(_build_row(platform, category, counts))
    notes = (
        "Estimation, sans valeur réglementaire.",
        f"Films comptés dont la durée est inconnue, pris pour des longs métrages : {counts.unknown_runtimes}.",
    )
    return TableBody(_COLUMNS, tuple(rows), notes, chart_column=6, key_count=2)


def _build_row(platform: Platform, category: str, counts: _QuotaCounts) -> Row:
    assert platform.id is not None
    key = (platform.id, category)
    unmatched = counts.unmatched[key]
    european = counts.european.get_shares(key, unmatched)
    french = counts.french.get_shares(key, unmatched)
    european_threshold, french_threshold = get_thresholds(platform.country, european.film_count)
    return (
        *(platform.name, category, european.film_count, unmatched),
        *_build_share_cells(european, european_threshold),
        *_build_share_cells(french, french_threshold),
    )


def _build_share_cells(shares: QuotaShares, threshold: str) -> tuple[Cell, ...]:
    return (shares.yes, shares.unknown, shares.share_of_known, *shares.bounds, threshold)


def _count_films(day: DaySnapshot) -> _QuotaCounts:
    french_speech = _FrenchSpeech(day)
    european, french = _Tally(), _Tally()
    unknown_runtimes = 0
    for film in day.iter_available_films():
        if is_feature(film):
            unknown_runtimes += film.runtime_min is None
            keys = _get_categories(day.accesses_by_film[film.id])
            european.add(keys, is_european(film.countries, day.filters.country))
            french.add(keys, french_speech.is_french_speaking(film))
    return _QuotaCounts(european, french, _count_unlinked_entries(day), unknown_runtimes)


def _get_categories(services: tuple[ServiceAccesses, ...]) -> set[CategoryKey]:
    """Return the platforms of a film, each with the categories of service that it is for this film."""
    return {(platform_id, CATEGORY_BY_ACCESS[access]) for platform_id, accesses in services for access in accesses}


class _Tally:
    """Count films by platform and category, and by whether they are of the quota (None: unknown)."""

    def __init__(self) -> None:
        self.counts = defaultdict[CategoryKey, Counter[bool | None]](Counter)

    def add(self, keys: Iterable[CategoryKey], is_of_quota: bool | None) -> None:
        for key in keys:
            self.counts[key][is_of_quota] += 1

    def get_shares(self, key: CategoryKey, unmatched: int) -> QuotaShares:
        counts = self.counts.get(key, Counter())
        return QuotaShares(yes=counts[True], no=counts[False], unknown=counts[None], unmatched=unmatched)


def is_feature(film: FilmFacts) -> bool:
    """Return whether a film is a feature that quotas count; an unknown running time is taken for that of a feature."""
    if film.kind in _EXCLUDED_KINDS or film.adult:
        return False
    return film.runtime_min is None or film.runtime_min > MAX_SHORT_RUNTIME


class _FrenchSpeech:
    """Tell which films are French-speaking, by the rule of the filters."""

    def __init__(self, day: DaySnapshot) -> None:
        self._by_country = day.filters.language is LanguageRule.COUNTRY
        if not self._by_country:
            stmt = select(FilmTitle.film_id, FilmTitle.language).where(FilmTitle.kind == TitleKind.ORIGINAL)
            languages = day.session.exec(stmt.where(col(FilmTitle.language).is_not(None))).all()
            in_french, subtitled = _get_films_by_version(day)
            self._french = {film_id for film_id, language in languages if language == "fr"} | in_french
            self._foreign = {film_id for film_id, language in languages if language != "fr"} | subtitled

    def is_french_speaking(self, film: FilmFacts) -> bool | None:
        """Return None when nothing says so, or when what says so disagrees."""
        if self._by_country:
            return film.countries[0] == "FR" if film.countries else None
        is_french, is_foreign = film.id in self._french, film.id in self._foreign
        return None if is_french == is_foreign else is_french


def _get_films_by_version(day: DaySnapshot) -> tuple[set[int], set[int]]:
    """Return the ids of the films with an offer whose original version is French, and of those with a subtitled offer."""
    in_french, subtitled = set[int](), set[int]()
    masks = day.get_condition_masks(has_version("VOF"), has_version("VOST", "VOSTFR"))
    for film_id, masks_by_platform in masks.items():
        mask = reduce(or_, masks_by_platform.values())
        if mask & 1:
            in_french.add(film_id)
        if mask & 2:
            subtitled.add(film_id)
    return in_french, subtitled


def _count_unlinked_entries(day: DaySnapshot) -> Counter[CategoryKey]:
    """Count the entries linked to no film, by platform and category; those that are plainly not features are left out."""
    counts = Counter[CategoryKey]()
    if not day.unlinked_entries:
        return counts
    is_short = either(col(Entry.kind).in_(_EXCLUDED_KINDS), col(Entry.runtime_min) <= MAX_SHORT_RUNTIME)
    excluded_ids = set(day.session.scalars(select_columns(col(Entry.id)).where(is_short)))
    for entry in day.unlinked_entries:
        if entry.entry_id not in excluded_ids:
            counts.update(_get_categories(((entry.platform_id, entry.accesses),)))
    return counts
