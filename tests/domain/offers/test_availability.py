"""Which offers the public may be shown, at any moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.coverage.summary import count_coverage
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.platform import Platform
from domain.offers.availability import available_offers, available_presences
from domain.offers.neutral_order import compute_draw_key
from domain.runs.observation import ObservedEntry
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental

DAY = timedelta(days=1)


def list_shown_accesses(session: Session, observation: ObservedEntry, at: datetime = NOON) -> list[Access]:
    """Return the accesses available at a moment when one platform lists one entry, linked to film 1."""
    film = make_film(1, "Playtime")
    session.add(film)
    collect_run(session, make_platform(session), [observation])
    link_entry(session, session.exec(select(Entry)).one(), film)
    return [available.offer.access for available in available_offers(session, 1, at)]


@pytest.mark.parametrize(
    ("facts", "at", "is_shown"),
    [
        ({}, NOON, True),
        ({}, NOON - DAY, False),
        ({"starts": NOON + DAY}, NOON, False),
        ({"starts": NOON + DAY}, NOON + 2 * DAY, True),
        ({"ends": NOON + DAY}, NOON, True),
        ({"ends": NOON + DAY}, NOON + DAY, False),
    ],
)
def test_an_offer_shows_within_its_dates_only(engine: Engine, facts: dict[str, Any], at: datetime, is_shown: bool) -> None:
    with write_session(engine) as session:
        observation = make_observation("1", "Playtime", make_rental(**facts))
        assert bool(list_shown_accesses(session, observation, at)) is is_shown


def test_an_unlinked_entry_shows_nowhere(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add(make_film(1, "Playtime"))
        collect_run(session, make_platform(session), [make_observation("1", "Playtime", make_rental())])
        assert available_offers(session, 1, NOON) == [] and available_presences(session, NOON) == set()


@pytest.mark.parametrize("change", [{"status": PlatformStatus.CLOSED}, {"legal_basis": LegalBasis.FORBIDDEN}])
def test_a_closed_or_forbidden_platform_shows_nothing(engine: Engine, change: dict[str, Any]) -> None:
    with write_session(engine) as session:
        assert list_shown_accesses(session, make_observation("1", "Playtime", make_rental())) == [Access.RENT]
        session.exec(select(Platform)).one().sqlmodel_update(change)
        session.flush()
        assert available_offers(session, 1, NOON) == []


def test_the_state_of_a_past_day_can_be_recomputed(engine: Engine) -> None:
    with write_session(engine) as session:
        list_shown_accesses(session, make_observation("1", "Playtime", make_rental(299)))
        platform = session.exec(select(Platform)).one()
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental(399))], NOON + DAY)
        (old,) = available_offers(session, 1, NOON)
        (new,) = available_offers(session, 1, NOON + DAY)
        assert (old.offer.price_cents, new.offer.price_cents) == (299, 399)


def test_services_come_in_the_order_anyone_can_recompute(engine: Engine) -> None:
    with write_session(engine) as session:
        film = make_film(1, "Playtime")
        session.add(film)
        slugs = [f"service-{rank}" for rank in range(6)]
        for slug in slugs:
            collect_run(session, make_platform(session, slug), [make_observation(slug, "Playtime", make_rental())])
        for entry in session.exec(select(Entry)).all():
            link_entry(session, entry, film)
        shown_slugs = [available.platform.slug for available in available_offers(session, 1, NOON)]
        assert shown_slugs == sorted(slugs, key=lambda slug: compute_draw_key(1, slug, NOON))


def test_coverage_counts_films_once_and_lines_by_what_became_of_them(engine: Engine) -> None:
    with write_session(engine) as session:
        film = make_film(1, "Playtime")
        session.add_all([film, make_film(2, "Mon oncle")])
        observations = [
            make_observation("1", "Playtime", make_rental(), make_rental(quality="HD")),
            make_observation("2", "Inconnu", make_rental()),
        ]
        collect_run(session, make_platform(session), observations, expect=RunExpectations())
        link_entry(session, session.exec(select(Entry).where(Entry.ref == "1")).one(), film)
        coverage = count_coverage(session, NOON)
        (row,) = coverage.platforms
        assert (coverage.film_count, coverage.available, coverage.by_access[Access.RENT]) == (2, 1, 1)
        assert (row.received_rows, row.accepted_rows, row.linked, row.doubtful, row.unlinked, row.films) == (2, 2, 1, 0, 1, 1)
