"""Where an offer seen on a page leads now, and which services used to offer a film."""

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


def show_offer(session: Session, slug: str = "cine-exemple", cents: int = 299, **facts: object) -> Platform:
    """Collect a service that rents film 1 out since noon."""
    if session.get(Film, 1) is None:
        session.add(make_film(1, "Playtime"))
    platform = make_platform(session, slug)
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental(cents, **facts))])
    (entry,) = session.exec(select(Entry).where(Entry.platform_id == platform.id))
    link_entry(session, entry, session.get_one(Film, 1))
    return platform


def withdraw_film(session: Session, platform: Platform, at: datetime) -> None:
    """Collect a service twice without the film, the second time at that moment."""
    second_film = make_observation("2", "Parade", make_rental())
    for moment in (at - HOUR, at):
        collect_run(session, platform, [second_film], moment)


def test_a_new_price_takes_the_place_of_the_old(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = show_offer(session)
        (old,) = session.exec(select(Offer.id))
        assert old is not None
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental(399))], NOON + DAY)
        before, after = get_current_offer(session, old, NOON + HOUR), get_current_offer(session, old, LATER)
        assert before and before.offer.id == old and before.offer.price_cents == 299
        assert after and after.offer.id != old and after.offer.price_cents == 399


@pytest.mark.parametrize("cause", ["withdrawn", "shut", "forbidden", "unlinked", "ended", "not-begun"])
def test_an_offer_that_may_not_be_shown_leads_nowhere(engine: Engine, cause: str) -> None:
    dates: dict[str, Any] = {"ended": {"ends": NOON + DAY}, "not-begun": {"starts": LATER + DAY}}
    with write_session(engine) as session:
        platform = show_offer(session, **dates.get(cause, {}))
        (offer_id,) = session.exec(select(Offer.id))
        assert offer_id is not None
        if cause == "withdrawn":
            withdraw_film(session, platform, NOON + DAY)
        elif cause == "shut":
            platform.status = PlatformStatus.CLOSED
        elif cause == "forbidden":
            platform.legal_basis = LegalBasis.FORBIDDEN
        elif cause == "unlinked":
            (live,) = session.exec(select(Judgement))
            record_decision(session, live.entry_id, live, make_decision(Verdict.NONE, None, "agent", "autre film"), NOON + DAY)
        session.flush()
        assert get_current_offer(session, offer_id, LATER) is None
        film = get_film_of_offer(session, offer_id)
        assert (film is None) == (cause == "unlinked")


def test_an_unknown_offer_leads_nowhere(engine: Engine) -> None:
    with write_session(engine) as session:
        assert get_current_offer(session, 1, NOON) is None and get_film_of_offer(session, 1) is None


def list_past(session: Session, limit: int = 8) -> list[tuple[str, Access, datetime]]:
    past_offers = list_past_offers(session, 1, LATER, {("encore", Access.RENT)}, limit)
    return [(offer.slug, offer.access, offer.last_seen) for offer in past_offers]


def test_services_that_no_longer_offer_a_film_are_told_the_latest_first(engine: Engine) -> None:
    with write_session(engine) as session:
        for slug, day in (("ancien", 1), ("recent", 3), ("encore", 2)):
            platform = show_offer(session, slug)
            collect_run(
                session,
                platform,
                [make_observation("1", "Playtime", make_rental(299, quality="HD"), make_rental())],
                NOON + day * HOUR,
            )
            withdraw_film(session, platform, NOON + day * DAY)
        show_offer(session, "fini", ends=NOON + 5 * DAY)
        show_offer(session, "ouvert")
        past_offers = list_past(session)
        assert past_offers == [
            ("recent", Access.RENT, NOON + 3 * HOUR),
            ("ancien", Access.RENT, NOON + HOUR),
            ("fini", Access.RENT, NOON),
        ]
        assert list_past(session, limit=1) == past_offers[:1]


@pytest.mark.parametrize("change", [{"status": PlatformStatus.CLOSED}, {"legal_basis": LegalBasis.FORBIDDEN}])
def test_a_service_that_may_not_be_shown_any_more_has_no_past(engine: Engine, change: dict[str, object]) -> None:
    with write_session(engine) as session:
        platform = show_offer(session)
        withdraw_film(session, platform, NOON + DAY)
        assert len(list_past(session)) == 1
        platform.sqlmodel_update(change)
        session.flush()
        assert list_past(session) == []
