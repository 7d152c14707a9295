"""Ten films and three services whose tables are worked out by hand in the tests."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from domain.common.enums import Access, RunState
from domain.coverage.as_of import end_of
from domain.coverage.dataset import Day
from domain.coverage.registry import KEYS, count_on, count_table
from domain.coverage.schema import Filters, Row
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import ObservedOffer
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected, linked

DAY = date(2026, 11, 22)
AT = end_of(DAY)
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
"""Films 8 and 9 have no day of release, film 9 no country."""
SHOWN = {"achat": (1, 3, 8, 9, 10), "bouquet": (1, 3, 4), "chaine": (1, 3)}
"""What each service shows: the first to rent, the others by subscription. Films 2, 5, 6 and 7 are nowhere."""


LAX = Expect(max_drop=1, newcomers=1, repriced=1, ended=1, same_link=1, retitled=1)
"""Whatever a run says is believed."""


def rented(cents: int | None = 299, **facts: Any) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": Access.RENT, "price_cents": cents, **facts})


SUBSCRIBED = ObservedOffer(access=Access.SUBSCRIPTION)


def show(session: Session, slug: str, shown: dict[int, list[ObservedOffer]], at: datetime = NOON, **others: ObservedOffer) -> Run:
    """A service collected at a moment: the films it shows, linked, and lines of other titles, linked to nothing."""
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() or a_platform(session, slug)
    lines = [a_line(str(film), f"Ligne {film}", *offers) for film, offers in shown.items()]
    run = collected(session, platform, [*lines, *(a_line(name, name, offer) for name, offer in others.items())], at, LAX)
    assert run.state is RunState.ACCEPTED, run.verdict
    for entry in session.exec(select(Entry).where(Entry.platform_id == platform.id)).all():
        if entry.ref.isdigit() and entry.first_run_id == run.id:
            linked(session, entry, session.get_one(Film, int(entry.ref)), at)
    return run


def build(session: Session, at: datetime = NOON) -> None:
    """The ten films and the three services, the last one established abroad; the first has a line that nobody linked."""
    for number, facts in FILMS.items():
        film = a_film(number, f"Film {number}")
        film.sqlmodel_update(facts)
        session.add(film)
    session.flush()
    show(session, "achat", {film: [rented()] for film in SHOWN["achat"]}, at, perdu=rented())
    for slug in ("bouquet", "chaine"):
        show(session, slug, {film: [SUBSCRIBED] for film in SHOWN[slug]}, at)
    session.exec(select(Platform).where(Platform.slug == "chaine")).one().country = "NL"
    session.flush()


def rows(session: Session, key: str, at: datetime = AT, filters: Filters | None = None) -> tuple[Row, ...]:
    return count_table(session, key, at, filters).body.rows


def every_table(session: Session, at: datetime = AT, filters: Filters | None = None) -> dict[str, tuple[Row, ...]]:
    """The lines of all tables, by key."""
    day = Day(session, at, filters)
    return {key: count_on(day, key).body.rows for key in KEYS}


def later(days: int) -> datetime:
    return NOON + timedelta(days=days)
