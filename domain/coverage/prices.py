"""Summarise T10: what films cost to rent and to buy."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import String, case, func, type_coerce
from sqlmodel import col

from domain.common.enums import Access, Quality
from domain.coverage.characteristics import AGE_CLASSES, make_age_classifier
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import has_changed_since, iter_rows
from domain.coverage.labels import ACCESS_LABELS
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit, compute_share
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer

_PRICED_ACCESSES = (Access.RENT, Access.BUY)
_QUALITIES = [None, *Quality]
_COLUMNS = (
    *(Column("Offres"), Column("Sans prix"), Column("Part sans prix", Unit.SHARE)),
    *(Column("Minimum", Unit.MONEY), Column("Médiane", Unit.MONEY), Column("Moyenne", Unit.MONEY)),
    *(Column("Maximum", Unit.MONEY), Column("Prix le plus fréquent", Unit.MONEY)),
)
PriceCounts = Counter[int | None]
"""How many offers have each price in euro cents; None: not known."""


class _PriceTable(NamedTuple):
    """Count the offers in euros at each price, by a key, and the offers left out because they are not."""

    counts: dict[Any, PriceCounts]
    foreign_count: int

    def build_notes(self) -> tuple[str, ...]:
        if not self.foreign_count:
            return ()
        return (f"Offres dont le prix n’est pas en euros, laissées de côté : {self.foreign_count}.",)


def summarise_prices_by_service(day: DaySnapshot) -> TableBody:
    """Summarise T10 by service, access and picture quality."""
    keys = (col(Entry.platform_id), type_coerce(col(Offer.access), String), type_coerce(col(Offer.quality), String))
    prices = _count_prices(day, *keys)
    rows: list[Row] = []
    for platform_id, platform in day.platforms.items():
        for access in _PRICED_ACCESSES:
            for quality in _QUALITIES:
                key = (platform_id, access, quality)
                if key in prices.counts:
                    labels = (platform.name, ACCESS_LABELS[access], str(quality or "non dite"))
                    rows.append((*labels, *summarise_prices(prices.counts[key])))
    texts = (Column("Service", Unit.TEXT), Column("Accès", Unit.TEXT), Column("Image", Unit.TEXT))
    return TableBody((*texts, *_COLUMNS), tuple(rows), prices.build_notes(), key_count=3)


def summarise_prices_by_age(day: DaySnapshot) -> TableBody:
    """Summarise T10 by access and time since the release in cinemas."""
    keys: list[Any] = [type_coerce(col(Offer.access), String), col(Film.release_date)]
    if day.film_revisions:
        # A film that changed since is grouped alone: its release date is that of the time.
        keys.append(case((has_changed_since(day.at), col(Film.id)), else_=None))
    prices = _count_prices(day, *keys, with_films=True)
    get_age_class = make_age_classifier(day.date)
    by_class = defaultdict[tuple[str, str], PriceCounts](Counter)
    for (access, *release), counts in prices.counts.items():
        by_class[access, get_age_class(_get_release_date(day, *release))].update(counts)
    rows: list[Row] = []
    for access in _PRICED_ACCESSES:
        for age_class in AGE_CLASSES:
            if (access, age_class) in by_class:
                rows.append((ACCESS_LABELS[access], age_class, *summarise_prices(by_class[access, age_class])))
    texts = (Column("Accès", Unit.TEXT), Column("Depuis la sortie", Unit.TEXT))
    return TableBody((*texts, *_COLUMNS), tuple(rows), prices.build_notes(), key_count=2)


def _get_release_date(day: DaySnapshot, release_date: date | None, changed_id: int | None = None) -> date | None:
    """Return a release date of today's facts, or that of the day when the film changed since."""
    if changed_id is None:
        return release_date
    return day.film_revisions[changed_id].release_date


def _count_prices(day: DaySnapshot, *keys: Any, with_films: bool = False) -> _PriceTable:
    """Count the offers to rent and to buy at each price, by the columns of the keys; `with_films` lets keys read Film."""
    columns = (*keys, col(Offer.price_cents), case((col(Offer.currency) == "EUR", 1), else_=0))
    stmt = day.select_offers(*columns, func.count()).where(col(Offer.access).in_(_PRICED_ACCESSES)).group_by(*columns)
    if with_films:
        stmt = stmt.join(Film, col(Film.id) == col(Judgement.film_id))
    counts = defaultdict[Any, PriceCounts](Counter)
    foreign_count = 0
    for *key, price, is_in_euros, count in iter_rows(day.session, stmt):
        if is_in_euros:
            counts[tuple(key)][price] += count
        else:
            foreign_count += count
    return _PriceTable(counts, foreign_count)


def summarise_prices(prices: Mapping[int | None, int]) -> tuple[Cell, ...]:
    """Return the offers, those without a price and their share, then the minimum, median, mean, maximum and mode in cents.

    The median of an even number of prices is the mean of the two in the middle; halves of cents are rounded to even.
    """
    offers, unpriced = sum(prices.values()), prices.get(None, 0)
    share = compute_share(unpriced, offers)
    count_by_price = {price: count for price, count in prices.items() if price is not None}
    if not count_by_price:
        return (offers, unpriced, share, None, None, None, None, None)
    sorted_prices = sorted(Counter(count_by_price).elements())
    mode = min(count_by_price, key=lambda price: (-count_by_price[price], price))
    middle = round(median(sorted_prices))
    mean = round(sum(sorted_prices) / len(sorted_prices))
    return (offers, unpriced, share, sorted_prices[0], middle, mean, sorted_prices[-1], mode)
