"""Fill a database with ten films and three services, whose tables the tests compute by hand."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from domain.common.enums import Access, RunState
from domain.coverage.as_of import get_day_end
from domain.coverage.dataset import DaySnapshot
from domain.coverage.registry import TABLE_KEYS, count_table, count_table_on
from domain.coverage.schema import Filters, Row
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform

DAY = date(2026, 11, 22)
AS_OF = get_day_end(DAY)
FILMS: dict[int, dict[str, Any]] = {
    1: {"year": 2023, "release_date": date(2024, 3, 1), "countries": ["France", "Italie"], "admissions": 2_000_000},
    2: {"year": 2023, "release_date": date(2024, 6, 1), "countries": ["France"], "admissions": 9_999},
    3: {"year": 2024, "release_date": date(2024, 7, 1), "countries": ["Etats Unis"], "admissions": 700_000},
    4: {"year": 2024, "release_date": date(2024, 9, 1), "countries": ["Italie"]},
    5: {"year": 2022, "release_date": date(2023, 1, 10), "countries": ["France"], "admissions": 60_000},
    6: {"year": 2022, "release_date": date(2023, 5, 5), "countries": ["Royaume-Uni"]},
    7: {"year": 2023, "release_date": date(2023, 8, 8), "countries": ["Etats Unis"], "admissions": 10_000},
    8: {"year": 1955, "countries": ["France"], "genres": ["comédie"]},
    9: {"year": 1961},
    10: {"year": 1960, "release_date": date(1961, 2, 2), "countries": ["Japon"], "genres": ["animation"]},
}
"""Films 8 and 9 have no release date, film 9 no country."""
FILMS_BY_SERVICE = {"achat": (1, 3, 8, 9, 10), "bouquet": (1, 3, 4), "chaine": (1, 3)}
"""The films of each service: the first rents them out, the others show them by subscription. Films 2, 5, 6 and 7 are nowhere."""


LAX = RunExpectations(max_drop=1, newcomers=1, repriced=1, ended=1, same_link=1, retitled=1)
"""Expectations that accept any run."""


def make_rental(cents: int | None = 299, **facts: Any) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": Access.RENT, "price_cents": cents, **facts})


SUBSCRIPTION_OFFER = ObservedOffer(access=Access.SUBSCRIPTION)


def collect_service(
    session: Session, slug: str, films: dict[int, list[ObservedOffer]], at: datetime = NOON, **unlinked: ObservedOffer
) -> Run:
    """Collect a service at a moment: entries of films, linked to them, and entries of other titles, linked to nothing."""
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() or make_platform(session, slug)
    observations = [make_observation(str(film_id), f"Ligne {film_id}", *offers) for film_id, offers in films.items()]
    observations += [make_observation(title, title, offer) for title, offer in unlinked.items()]
    run = collect_run(session, platform, observations, at, LAX)
    assert run.state is RunState.ACCEPTED, format_verdict(run)
    for entry in session.exec(select(Entry).where(Entry.platform_id == platform.id)).all():
        if entry.ref.isdigit() and entry.first_run_id == run.id:
            link_entry(session, entry, session.get_one(Film, int(entry.ref)), at)
    return run


def build_scene(session: Session, at: datetime = NOON) -> None:
    """Add the ten films and the three services, the last one established abroad; the first has an entry linked to nothing."""
    for film_id, facts in FILMS.items():
        film = make_film(film_id, f"Film {film_id}")
        film.sqlmodel_update(facts)
        session.add(film)
    session.flush()
    collect_service(session, "achat", {film: [make_rental()] for film in FILMS_BY_SERVICE["achat"]}, at, perdu=make_rental())
    for slug in ("bouquet", "chaine"):
        collect_service(session, slug, {film: [SUBSCRIPTION_OFFER] for film in FILMS_BY_SERVICE[slug]}, at)
    session.exec(select(Platform).where(Platform.slug == "chaine")).one().country = "NL"
    session.flush()


def count_rows(session: Session, key: str, at: datetime = AS_OF, filters: Filters | None = None) -> tuple[Row, ...]:
    return count_table(session, key, at, filters).body.rows


def count_all_tables(session: Session, at: datetime = AS_OF, filters: Filters | None = None) -> dict[str, tuple[Row, ...]]:
    """Return the rows of all tables, by key."""
    day = DaySnapshot(session, at, filters)
    return {key: count_table_on(day, key).body.rows for key in TABLE_KEYS}


def days_later(days: int) -> datetime:
    return NOON + timedelta(days=days)
