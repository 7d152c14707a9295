"""What the public may be shown, at any moment."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.coverage.summary import count_coverage
from domain.db.engine import writing
from domain.models.entry import Entry
from domain.models.platform import Platform
from domain.offers.availability import available_offers, available_presences
from domain.offers.neutral_order import draw
from domain.runs.observation import Observed
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected, linked, rent

DAY = timedelta(days=1)


def shown(session: Session, line: Observed, at: datetime = NOON) -> list[Access]:
    """The accesses seen at a moment when one platform lists one line, linked to film 1."""
    film = a_film(1, "Playtime")
    session.add(film)
    collected(session, a_platform(session), [line])
    linked(session, session.exec(select(Entry)).one(), film)
    return [found.offer.access for found in available_offers(session, 1, at)]


@pytest.mark.parametrize(
    ("facts", "at", "seen"),
    [
        ({}, NOON, True),
        ({}, NOON - DAY, False),
        ({"starts": NOON + DAY}, NOON, False),
        ({"starts": NOON + DAY}, NOON + 2 * DAY, True),
        ({"ends": NOON + DAY}, NOON, True),
        ({"ends": NOON + DAY}, NOON + DAY, False),
    ],
)
def test_an_offer_shows_within_its_dates_only(engine: Engine, facts: dict[str, object], at: datetime, seen: bool) -> None:
    with writing(engine) as session:
        assert bool(shown(session, a_line("1", "Playtime", rent(**facts)), at)) is seen


def test_an_unlinked_entry_shows_nowhere(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(a_film(1, "Playtime"))
        collected(session, a_platform(session), [a_line("1", "Playtime", rent())])
        assert available_offers(session, 1, NOON) == [] and available_presences(session, NOON) == set()


@pytest.mark.parametrize("change", [{"status": PlatformStatus.CLOSED}, {"legal_basis": LegalBasis.FORBIDDEN}])
def test_a_closed_or_forbidden_platform_shows_nothing(engine: Engine, change: dict[str, object]) -> None:
    with writing(engine) as session:
        assert shown(session, a_line("1", "Playtime", rent())) == [Access.RENT]
        session.exec(select(Platform)).one().sqlmodel_update(change)
        session.flush()
        assert available_offers(session, 1, NOON) == []


def test_the_state_of_a_past_day_can_be_recomputed(engine: Engine) -> None:
    with writing(engine) as session:
        shown(session, a_line("1", "Playtime", rent(299)))
        platform = session.exec(select(Platform)).one()
        collected(session, platform, [a_line("1", "Playtime", rent(399))], NOON + DAY)
        prices = [[found.offer.price_cents for found in available_offers(session, 1, NOON + n * DAY)] for n in (0, 1)]
        assert prices == [[299], [399]]


def test_services_come_in_the_order_anyone_can_recompute(engine: Engine) -> None:
    with writing(engine) as session:
        film = a_film(1, "Playtime")
        session.add(film)
        slugs = [f"service-{number}" for number in range(6)]
        for slug in slugs:
            collected(session, a_platform(session, slug), [a_line(slug, "Playtime", rent())])
        for entry in session.exec(select(Entry)).all():
            linked(session, entry, film)
        found = [offer.platform.slug for offer in available_offers(session, 1, NOON)]
        assert found == sorted(slugs, key=lambda slug: draw(1, slug, NOON))


def test_coverage_counts_films_once_and_lines_by_what_became_of_them(engine: Engine) -> None:
    with writing(engine) as session:
        film = a_film(1, "Playtime")
        session.add_all([film, a_film(2, "Mon oncle")])
        lines = [a_line("1", "Playtime", rent(), rent(quality="HD")), a_line("2", "Inconnu", rent())]
        collected(session, a_platform(session), lines, expect=Expect())
        linked(session, session.exec(select(Entry).where(Entry.ref == "1")).one(), film)
        coverage = count_coverage(session, NOON)
        (row,) = coverage.platforms
        assert (coverage.base, coverage.available, coverage.by_access[Access.RENT]) == (2, 1, 1)
        assert (row.received, row.kept, row.linked, row.doubtful, row.unlinked, row.films) == (2, 2, 1, 0, 1, 1)
