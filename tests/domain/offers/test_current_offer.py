"""Where an offer seen on a page leads to now, and where films used to be offered."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, LegalBasis, PlatformStatus, Verdict
from domain.db.engine import write_session
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.current_offer import get_current_offer, get_film_of_offer
from domain.offers.history import list_past_offers
from tests.domain.builders import (
    NOON,
    collect_run,
    link_entry,
    make_decision,
    make_film,
    make_observation,
    make_platform,
    make_rental,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + 10 * DAY


def offered(session: Session, slug: str = "cine-exemple", cents: int = 299, **facts: object) -> Platform:
    """A service that rents film 1 out since noon."""
    if session.get(Film, 1) is None:
        session.add(make_film(1, "Playtime"))
    platform = make_platform(session, slug)
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental(cents, **facts))])
    (entry,) = session.exec(select(Entry).where(Entry.platform_id == platform.id))
    link_entry(session, entry, session.get_one(Film, 1))
    return platform


def withdrawn(session: Session, platform: Platform, at: datetime) -> None:
    """Two complete collections without the film, the second at that moment."""
    other = make_observation("2", "Parade", make_rental())
    for moment in (at - HOUR, at):
        collect_run(session, platform, [other], moment)


def test_a_new_price_takes_the_place_of_the_old(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = offered(session)
        (old,) = session.exec(select(Offer.id))
        assert old is not None
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental(399))], NOON + DAY)
        before, after = get_current_offer(session, old, NOON + HOUR), get_current_offer(session, old, LATER)
        assert before and before.offer.id == old and before.offer.price_cents == 299
        assert after and after.offer.id != old and after.offer.price_cents == 399


@pytest.mark.parametrize("why", ["withdrawn", "shut", "forbidden", "unlinked", "ended", "not-begun"])
def test_an_offer_that_may_not_be_shown_leads_nowhere(engine: Engine, why: str) -> None:
    dates: dict[str, Any] = {"ended": {"ends": NOON + DAY}, "not-begun": {"starts": LATER + DAY}}
    with write_session(engine) as session:
        platform = offered(session, **dates.get(why, {}))
        (number,) = session.exec(select(Offer.id))
        assert number is not None
        if why == "withdrawn":
            withdrawn(session, platform, NOON + DAY)
        elif why == "shut":
            platform.status = PlatformStatus.CLOSED
        elif why == "forbidden":
            platform.legal_basis = LegalBasis.FORBIDDEN
        elif why == "unlinked":
            (live,) = session.exec(select(Judgement))
            record_decision(session, live.entry_id, live, make_decision(Verdict.NONE, None, "agent", "autre film"), NOON + DAY)
        session.flush()
        assert get_current_offer(session, number, LATER) is None
        film = get_film_of_offer(session, number)
        assert (film is None) == (why == "unlinked")


def test_an_unknown_offer_leads_nowhere(engine: Engine) -> None:
    with write_session(engine) as session:
        assert get_current_offer(session, 1, NOON) is None and get_film_of_offer(session, 1) is None


def past(session: Session, limit: int = 8) -> list[tuple[str, Access, datetime]]:
    return [
        (one.slug, one.access, one.last_seen) for one in list_past_offers(session, 1, LATER, {("encore", Access.RENT)}, limit)
    ]


def test_services_that_no_longer_offer_a_film_are_told_the_latest_first(engine: Engine) -> None:
    with write_session(engine) as session:
        for slug, day in (("ancien", 1), ("recent", 3), ("encore", 2)):
            platform = offered(session, slug)
            collect_run(
                session,
                platform,
                [make_observation("1", "Playtime", make_rental(299, quality="HD"), make_rental())],
                NOON + day * HOUR,
            )
            withdrawn(session, platform, NOON + day * DAY)
        offered(session, "fini", ends=NOON + 5 * DAY)
        offered(session, "ouvert")
        told = past(session)
        assert told == [
            ("recent", Access.RENT, NOON + 3 * HOUR),
            ("ancien", Access.RENT, NOON + HOUR),
            ("fini", Access.RENT, NOON),
        ]
        assert past(session, limit=1) == told[:1]


@pytest.mark.parametrize("change", [{"status": PlatformStatus.CLOSED}, {"legal_basis": LegalBasis.FORBIDDEN}])
def test_a_service_that_may_not_be_shown_any_more_has_no_past(engine: Engine, change: dict[str, object]) -> None:
    with write_session(engine) as session:
        platform = offered(session)
        withdrawn(session, platform, NOON + DAY)
        assert len(past(session)) == 1
        platform.sqlmodel_update(change)
        session.flush()
        assert past(session) == []
