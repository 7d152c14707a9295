"""T10: what films cost to rent and to buy."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from sqlalchemy import String, case, func, type_coerce
from sqlmodel import col

from domain.common.enums import Access, Quality
from domain.coverage.characteristics import AGE_CLASSES, make_age_classifier
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts, has_changed_since, iter_rows
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
    *(Column(name, Unit.MONEY) for name in ("Minimum", "Médiane", "Moyenne", "Maximum", "Prix le plus fréquent")),
)
PriceCounts = Mapping[int | None, int]


def summarise_prices_by_service(day: DaySnapshot) -> TableBody:
    """T10: by service, access and picture."""
    keys = (col(Entry.platform_id), type_coerce(col(Offer.access), String), type_coerce(col(Offer.quality), String))
    found, notes = _count_prices(day, *keys)
    ranks = {number: place for place, number in enumerate(day.platforms)}
    order = sorted(found, key=lambda key: (ranks[key[0]], _PRICED_ACCESSES.index(Access(key[1])), _QUALITIES.index(key[2])))
    rows = [
        (
            day.platforms[service].name,
            ACCESS_LABELS[Access(access)],
            quality or "non dite",
            *summarise_prices(found[service, access, quality]),
        )
        for service, access, quality in order
    ]
    texts = (Column("Service", Unit.TEXT), Column("Accès", Unit.TEXT), Column("Image", Unit.TEXT))
    return TableBody((*texts, *_COLUMNS), tuple(rows), notes, key_count=3)


def summarise_prices_by_age(day: DaySnapshot) -> TableBody:
    """T10, age: by access and time since the release in cinemas."""
    # A film that the base tells otherwise since is grouped alone: its day of release is that of the time.
    alone = [case((has_changed_since(day.at), col(Film.id)), else_=None)] if day.film_revisions else []
    found, notes = _count_prices(day, type_coerce(col(Offer.access), String), col(Film.release_date), *alone, films=True)
    told, classed = make_age_classifier(day.date), defaultdict[tuple[str, str], Counter[int | None]](Counter)
    for (access, today, *film), prices in found.items():
        release = day.film_revisions[film[0]].release_date if film and film[0] else today
        classed[access, told(FilmFacts(0, None, release, (), "", (), None, None, None, None, False))].update(prices)
    rows: list[Row] = [
        (ACCESS_LABELS[access], age, *summarise_prices(classed[access, age]))
        for access in _PRICED_ACCESSES
        for age in AGE_CLASSES
        if (access, age) in classed
    ]
    return TableBody(
        (Column("Accès", Unit.TEXT), Column("Depuis la sortie", Unit.TEXT), *_COLUMNS), tuple(rows), notes, key_count=2
    )


def _count_prices(day: DaySnapshot, *keys: Any, films: bool = False) -> tuple[dict[Any, Counter[int | None]], tuple[str, ...]]:
    """How many offers at each price in euros (None: not said), by the columns of the keys; and what is told of the others."""
    by = (*keys, col(Offer.price_cents), case((col(Offer.currency) == "EUR", 1), else_=0))
    asked = day.select_offers(*by, func.count()).where(col(Offer.access).in_(_PRICED_ACCESSES)).group_by(*by)
    if films:
        asked = asked.join(Film, col(Film.id) == col(Judgement.film_id))
    found, foreign = defaultdict[Any, Counter[int | None]](Counter), 0
    for *key, price, in_euros, number in iter_rows(day.session, asked):
        if in_euros:
            found[tuple(key)][price] += number
        else:
            foreign += number
    return found, (f"Offres dont le prix n’est pas en euros, laissées de côté : {foreign}.",) if foreign else ()


def summarise_prices(prices: PriceCounts) -> tuple[Cell, ...]:
    """Offers, those without a price and their share, then least, median, mean, greatest and commonest price in cents.

    The median of an even number of prices is the mean of the two in the middle; halves of cents are rounded to even.
    """
    offers, unsaid = sum(prices.values()), prices.get(None, 0)
    said = {price: number for price, number in prices.items() if price is not None}
    if not said:
        return (offers, unsaid, compute_share(unsaid, offers), None, None, None, None, None)
    every = sorted(_iter_prices(said))
    commonest = min(said, key=lambda price: (-said[price], price))
    middle, mean = round(median(every)), round(sum(every) / len(every))
    return (offers, unsaid, compute_share(unsaid, offers), every[0], middle, mean, every[-1], commonest)


def _iter_prices(counts: Mapping[int, int]) -> Iterable[int]:
    return (price for price, number in counts.items() for _ in range(number))
