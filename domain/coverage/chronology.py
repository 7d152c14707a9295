"""Count T14: windows of the chronologie des médias that are open without an offer, and offers that came before theirs."""

from collections import Counter, defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, String, and_, func, or_, type_coerce
from sqlmodel import col, select

from domain.common.enums import Access
from domain.common.paris_time import get_paris_date
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import has_changed_since, was_canonical
from domain.coverage.labels import ACCESS_LABELS
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share
from domain.linking.redirects import is_canonical
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.offers.availability import DATETIME_TYPE, get_first_open_at
from domain.windows.absence import OfferSighting, State, compute_windows, get_violated_opening
from domain.windows.anomalies import RECENT_MONTHS
from domain.windows.rules import add_months

_STATE_LABELS = {
    State.FUTURE: "À venir",
    State.POSSIBLE: "Possible par dérogation",
    State.OPEN_WITH_OFFER: "Ouverte, avec offre",
    State.OPEN_NO_OFFER: "Ouverte, sans offre",
    State.EARLY_OFFER: "Offre en avance",
    State.CLOSED_EXPECTED: "Retrait attendu",
}
_REVISION_FIELDS = {"release_date", "runtime_min", "kind", "in_cinemas", "admissions", "countries", "genres"}


def count_windows(day: DaySnapshot) -> TableBody:
    """Count T14: films released in the last forty months, by exploitation and state of its window on the day."""
    films = _get_recent_films(day)
    sightings = _get_sightings(day, {film.id for film in films})
    counts = defaultdict[str, Counter[State]](Counter)
    film_count = 0
    for film in films:
        windows = compute_windows(film, day.date, sightings.get(film.id, ()))
        film_count += any(window.state is not State.NOT_APPLICABLE for window in windows)
        for window in windows:
            if window.rule.concerns:
                counts[window.rule.exploitation][window.state] += 1
    rows = [_build_window_row(exploitation, by_state) for exploitation, by_state in counts.items()]
    columns = (
        Column("Exploitation", Unit.TEXT),
        *map(Column, _STATE_LABELS.values()),
        Column("Part des ouvertes sans offre", Unit.SHARE),
    )
    notes = (f"Films sortis en salle depuis quarante mois dont les délais se calculent : {film_count}.",)
    return TableBody(columns, tuple(rows), notes, chart_column=4)


def _build_window_row(exploitation: str, by_state: Counter[State]) -> Row:
    open_count = by_state[State.OPEN_NO_OFFER] + by_state[State.OPEN_WITH_OFFER]
    cells = [by_state[state] for state in _STATE_LABELS]
    return (exploitation, *cells, compute_share(by_state[State.OPEN_NO_OFFER], open_count))


def count_early_offers(day: DaySnapshot) -> TableBody:
    """Count T14, early offers: by service and access, offers open on the day that were first seen before their window."""
    films = {film.id: film for film in _get_recent_films(day)}
    early = Counter[tuple[str, Access]]()
    total = Counter[tuple[str, Access]]()
    for film_id, sightings in _get_sightings(day, films).items():
        for sighting in sightings:
            key = (sighting.service, sighting.access)
            total[key] += 1
            early[key] += get_violated_opening(films[film_id], sighting) is not None
    names = {platform.slug: platform.name for platform in day.platforms.values()}
    rows: list[Row] = []
    for slug, access in sorted(early, key=lambda key: (-early[key], key)):
        early_count, count = early[slug, access], total[slug, access]
        rows.append((names[slug], ACCESS_LABELS[access], count, early_count, compute_share(early_count, count)))
    columns = (Column("Service", Unit.TEXT), Column("Accès", Unit.TEXT), Column("Films récents"), Column("Vus en avance"))
    return TableBody((*columns, Column("Part", Unit.SHARE)), tuple(rows), chart_column=3, key_count=2)


def _get_recent_films(day: DaySnapshot) -> list[Film]:
    """Return the films released in the months that the table covers, with their facts of the day, by id."""
    first = add_months(day.date, -RECENT_MONTHS)
    recent_today = day.session.exec(select(Film).where(*_is_recent(day)))
    films = [film for film in recent_today if film.id not in day.film_revisions]
    for revision in filter(was_canonical, day.film_revisions.values()):
        if revision.release_date and first <= revision.release_date <= day.date:
            films.append(Film(id=revision.film_id, **revision.model_dump(include=_REVISION_FIELDS)))
    return sorted(films, key=lambda film: film.id)


def _is_recent(day: DaySnapshot) -> tuple[ColumnElement[bool], ...]:
    """Return the SQL conditions that a film, by its present facts, was released in the months that the table covers."""
    release = col(Film.release_date)
    return release >= add_months(day.date, -RECENT_MONTHS), release <= day.date, is_canonical()


def _get_sightings(day: DaySnapshot, film_ids: Collection[int]) -> dict[int, list[OfferSighting]]:
    """Return, by film id, each service and access that offered it on the day, with the day it was first open."""
    condition = and_(*_is_recent(day))
    if day.film_revisions:
        condition = or_(condition, has_changed_since(day.at))
    recent_ids = select(Film.id).where(condition)
    keys = (col(Judgement.film_id), col(Entry.platform_id), type_coerce(col(Offer.access), String))
    stmt = day.select_offers(*keys, type_coerce(func.min(get_first_open_at()), DATETIME_TYPE))
    stmt = stmt.where(col(Judgement.film_id).in_(recent_ids)).group_by(*keys).order_by(*keys)
    sightings = defaultdict[int, list[OfferSighting]](list)
    for film_id, platform_id, access, first_open_at in day.session.execute(stmt):
        if film_id in film_ids:
            slug = day.platforms[platform_id].slug
            sightings[film_id].append(OfferSighting(Access(access), slug, get_paris_date(first_open_at)))
    return dict(sightings)
