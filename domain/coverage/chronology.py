"""T14: windows of the chronologie des médias that are open without an offer, and offers that came before theirs."""

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, func, or_, type_coerce
from sqlmodel import col, select

from domain.common.enums import Access
from domain.common.paris_time import get_paris_date
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import has_changed_since, was_canonical
from domain.coverage.labels import ACCESS_LABELS
from domain.coverage.schema import Column, TableBody, Unit, compute_share
from domain.linking.redirects import is_canonical
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.windows.absence import OfferSighting, State, compute_windows, get_violated_opening
from domain.windows.anomalies import RECENT_MONTHS
from domain.windows.rules import add_months

_STATES = (
    State.FUTURE,
    State.POSSIBLE,
    State.OPEN_WITH_OFFER,
    State.OPEN_NO_OFFER,
    State.EARLY_OFFER,
    State.CLOSED_EXPECTED,
)
_REVISION_FIELDS = {"release_date", "runtime_min", "kind", "in_cinemas", "admissions", "countries", "genres"}
_STATE_LABELS = (
    "À venir",
    "Possible par dérogation",
    "Ouverte, avec offre",
    "Ouverte, sans offre",
    "Offre en avance",
    "Retrait attendu",
)


def count_windows(day: DaySnapshot) -> TableBody:
    """T14: films released in the last forty months, by exploitation and state of its window on the day."""
    recent, counts, films = _get_recent_films(day), defaultdict[str, Counter[State]](Counter), 0
    seen = _get_seen_offers(day, {film.id for film in recent})
    for film in recent:
        told = compute_windows(film, day.date, seen.get(film.id, ()))
        films += any(window.state is not State.NOT_APPLICABLE for window in told)
        for window in told:
            if window.rule.concerns:
                counts[window.rule.exploitation][window.state] += 1
    rows = []
    for exploitation, found in counts.items():
        opened = found[State.OPEN_NO_OFFER] + found[State.OPEN_WITH_OFFER]
        rows.append((exploitation, *(found[state] for state in _STATES), compute_share(found[State.OPEN_NO_OFFER], opened)))
    columns = (Column("Exploitation", Unit.TEXT), *map(Column, _STATE_LABELS), Column("Part des ouvertes sans offre", Unit.SHARE))
    return TableBody(
        columns,
        tuple(rows),
        (f"Films sortis en salle depuis quarante mois dont les délais se calculent : {films}.",),
        chart_column=4,
    )


def count_early_offers(day: DaySnapshot) -> TableBody:
    """T14, early offers: by service and access, offers that stood on the day and were first seen before their window."""
    films = {film.id: film for film in _get_recent_films(day)}
    seen = _get_seen_offers(day, films)
    counts, recent = Counter[tuple[str, Access]](), Counter[tuple[str, Access]]()
    for film, offers in seen.items():
        for offer in offers:
            recent[offer.service, offer.access] += 1
            counts[offer.service, offer.access] += get_violated_opening(films[film], offer) is not None
    names = {platform.slug: platform.name for platform in day.platforms.values()}
    rows = [
        (names[slug], ACCESS_LABELS[access], recent[slug, access], number, compute_share(number, recent[slug, access]))
        for (slug, access), number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    columns = (Column("Service", Unit.TEXT), Column("Accès", Unit.TEXT), Column("Films récents"), Column("Vus en avance"))
    return TableBody((*columns, Column("Part", Unit.SHARE)), tuple(rows), chart_column=3, key_count=2)


def _get_recent_films(day: DaySnapshot) -> list[Film]:
    """The films of the base that came out in the months looked at, with their facts of the day."""
    first = add_months(day.date, -RECENT_MONTHS)
    films = [film for film in day.session.exec(select(Film).where(*_is_recent(day))) if film.id not in day.film_revisions]
    for was in filter(was_canonical, day.film_revisions.values()):
        if was.release_date and first <= was.release_date <= day.date:
            films.append(Film(id=was.film_id, **was.model_dump(include=_REVISION_FIELDS)))
    return sorted(films, key=lambda film: film.id)


def _is_recent(day: DaySnapshot) -> tuple[ColumnElement[bool], ...]:
    """Whether a film of the base came out in the months looked at, as far as it says today, as SQL conditions on Film."""
    release = col(Film.release_date)
    return release >= add_months(day.date, -RECENT_MONTHS), release <= day.date, is_canonical()


def _get_seen_offers(day: DaySnapshot, films: Collection[int]) -> dict[int, list[OfferSighting]]:
    """The offers that stood of these films, by film: each access of a service once, with the day it was first open."""
    recent = select(Film.id).where(
        or_(and_(*_is_recent(day)), has_changed_since(day.at)) if day.film_revisions else and_(*_is_recent(day))
    )
    opened = case((col(Offer.starts) > col(Offer.first_seen), col(Offer.starts)), else_=col(Offer.first_seen))
    moment: Any = Offer.__table__.c.first_seen.type  # type: ignore[attr-defined]
    way = (col(Judgement.film_id), col(Entry.platform_id), type_coerce(col(Offer.access), String))
    asked = (
        day.select_offers(*way, type_coerce(func.min(opened), moment)).where(col(Judgement.film_id).in_(recent)).group_by(*way)
    )
    found = defaultdict[int, list[OfferSighting]](list)
    for film, platform, access, first in day.session.execute(asked.order_by(*way)):
        if film in films:
            found[film].append(OfferSighting(Access(access), day.platforms[platform].slug, get_paris_date(first)))
    return dict(found)
