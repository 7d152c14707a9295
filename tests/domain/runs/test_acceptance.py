"""Runs: an accepted run moves entries, offers and periods at once; a held one moves nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, Outcome, RunState
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.run import Observation, Run
from domain.runs.acceptance import accept_held_run
from domain.runs.hold_reasons import format_verdict
from domain.runs.observation import ObservedEntry
from domain.runs.runs import open_run
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, make_observation, make_platform, make_rental

DAY = timedelta(days=1)


def make_catalogue(size: int, first: int = 0, cents: int = 299, **facts: object) -> list[ObservedEntry]:
    """Make so many films, each rented under a link of its own."""
    ids = range(first, first + size)
    return [make_observation(str(n), f"Film {n}", make_rental(cents, url=f"https://cine.example/{n}", **facts)) for n in ids]


def list_offers(session: Session) -> list[Offer]:
    return list(session.exec(select(Offer).order_by(col(Offer.id))))


def test_an_accepted_run_creates_entries_and_offers_and_frees_its_observations(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        run = collect_run(
            session, platform, [make_observation("1", "Playtime", make_rental(299), year=1967, directors=["Jacques Tati"])]
        )
        entry = session.exec(select(Entry)).one()
        assert (entry.title, entry.year, entry.directors, entry.last_run_id) == ("Playtime", 1967, ["Jacques Tati"], run.id)
        assert [(o.access, o.price_cents, o.first_seen, o.closed_at) for o in list_offers(session)] == [
            (Access.RENT, 299, NOON, None)
        ]
        assert platform.current_run_id == run.id and run.state is RunState.ACCEPTED
        assert session.exec(select(Observation)).all() == []


def test_the_same_offer_seen_again_stays_one_period_with_a_later_date(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        for day in (NOON, NOON + DAY):
            collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], day)
        (offer,) = list_offers(session)
        assert (offer.first_seen, offer.last_seen, offer.closed_at) == (NOON, NOON + DAY, None)


def test_a_new_price_closes_the_period_and_opens_the_next(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental(299))])
        collect_run(session, platform, [make_observation("1", "Playtime", make_rental(399))], NOON + DAY)
        before, after = list_offers(session)
        assert (before.price_cents, before.closed_at) == (299, NOON + DAY)
        assert (after.price_cents, after.first_seen, after.closed_at) == (399, NOON + DAY, None)


def test_an_offer_is_closed_by_two_complete_absences_and_opens_again_on_return(engine: Engine) -> None:
    playtime, mon_oncle = make_observation("1", "Playtime", make_rental()), make_observation("2", "Mon oncle", make_rental())
    lax = RunExpectations(max_drop=1)
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, [playtime, mon_oncle], NOON, lax)
        collect_run(session, platform, [playtime], NOON + DAY, lax)
        assert [offer.closed_at for offer in list_offers(session)] == [None, None]
        collect_run(session, platform, [playtime], NOON + 2 * DAY, lax)
        assert [offer.closed_at for offer in list_offers(session)] == [None, NOON + 2 * DAY]
        collect_run(session, platform, [playtime, mon_oncle], NOON + 3 * DAY, lax)
        assert [offer.closed_at for offer in list_offers(session)] == [None, NOON + 2 * DAY, None]


def test_an_incomplete_run_accepted_by_a_person_counts_as_no_absence(engine: Engine) -> None:
    playtime, mon_oncle = make_observation("1", "Playtime", make_rental()), make_observation("2", "Mon oncle", make_rental())
    lax = RunExpectations(max_drop=1)
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, [playtime, mon_oncle], NOON, lax)
        partial = collect_run(session, platform, [playtime], NOON + DAY, lax, Outcome.PARTIAL)
        accept_held_run(session, partial, "le reste suit", NOON + DAY)
        collect_run(session, platform, [playtime], NOON + 2 * DAY, lax)
        assert [offer.closed_at for offer in list_offers(session)] == [None, None]
        collect_run(session, platform, [playtime], NOON + 3 * DAY, lax)
        assert [offer.closed_at for offer in list_offers(session)] == [None, NOON + 3 * DAY]


def test_accessibility_that_changes_opens_a_period_so_that_the_past_keeps_its_own(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        for day, described in enumerate((False, True, True)):
            collect_run(
                session, platform, [make_observation("1", "Playtime", make_rental(audio_description=described))], NOON + day * DAY
            )
        periods = [(offer.audio_description, offer.first_seen, offer.closed_at) for offer in list_offers(session)]
        assert periods == [(False, NOON, NOON + DAY), (True, NOON + DAY, None)]


def test_a_fallen_catalogue_is_held_and_changes_nothing(engine: Engine) -> None:
    observations = make_catalogue(20)
    with write_session(engine) as session:
        platform = make_platform(session)
        good = collect_run(session, platform, observations)
        held = collect_run(session, platform, observations[:10], NOON + DAY)
        assert held.state is RunState.HELD
        assert format_verdict(held) == "10 titres contre 20 récemment : baisse de 50 %, 10 % admis"
        assert platform.current_run_id == good.id
        assert {offer.last_seen for offer in list_offers(session)} == {NOON}
        assert session.exec(select(Observation.run_id)).all() == [held.id] * 10
        collect_run(session, platform, observations, NOON + 2 * DAY)
        assert session.exec(select(Observation)).all() == []


@pytest.mark.parametrize(
    ("observations", "phrase"),
    [
        (make_catalogue(20, first=100), "20 titres jamais vus sur 20"),
        (make_catalogue(20, cents=399), "20 titres dont le prix a changé sur 20"),
        (make_catalogue(20, ends=NOON), "20 titres dont toutes les offres sont passées sur 20"),
        ([make_observation(str(n), f"Film {n}", make_rental()) for n in range(20)], "20 titres au même lien sur 20"),
    ],
)
def test_a_catalogue_that_changes_all_at_once_is_held(engine: Engine, observations: list[ObservedEntry], phrase: str) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        assert collect_run(session, platform, make_catalogue(20)).state is RunState.ACCEPTED
        held = collect_run(session, platform, observations, NOON + DAY)
        assert held.state is RunState.HELD and phrase in format_verdict(held)


def test_a_catalogue_that_loses_a_little_every_day_is_held_before_it_is_half_gone(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        states = [
            collect_run(session, platform, make_catalogue(size), NOON + day * DAY).state for day, size in enumerate((100, 91, 83))
        ]
        assert states == [RunState.ACCEPTED, RunState.ACCEPTED, RunState.HELD]


def test_what_a_person_accepted_is_the_new_measure(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, make_catalogue(100))
        accept_held_run(session, collect_run(session, platform, make_catalogue(60), NOON + DAY), "c'est vrai", NOON + DAY)
        assert collect_run(session, platform, make_catalogue(58), NOON + 2 * DAY).state is RunState.ACCEPTED


def test_a_catalogue_whose_titles_all_changed_is_held(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, [make_observation(str(ref), f"Film {ref}", make_rental()) for ref in range(10)])
        held = collect_run(
            session, platform, [make_observation(str(ref), "Connexion", make_rental()) for ref in range(10)], NOON + DAY
        )
        assert held.state is RunState.HELD
        assert format_verdict(held) == "10 titres sous un autre nom qu'à la dernière collecte sur 10, 10 % admis"


@pytest.mark.parametrize("outcome", [Outcome.PARTIAL, Outcome.FAILED])
def test_an_incomplete_collection_is_held(engine: Engine, outcome: Outcome) -> None:
    with write_session(engine) as session:
        run = collect_run(session, make_platform(session), [make_observation("1", "Playtime")], outcome=outcome)
        assert run.state is RunState.HELD and "collecte" in format_verdict(run)


def test_a_person_may_accept_a_held_run_once_with_a_reason(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        run = collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], expect=RunExpectations(min=10))
        assert run.state is RunState.HELD and list_offers(session) == []
        with pytest.raises(UserError, match="raison"):
            accept_held_run(session, run, "  ", NOON)
        accept_held_run(session, run, "petit catalogue, vérifié", NOON + DAY)
        assert (run.state, run.reason, platform.current_run_id) == (
            RunState.ACCEPTED,
            "petit catalogue, vérifié",
            run.id,
        )
        assert len(list_offers(session)) == 1
        with pytest.raises(UserError, match="pas en attente"):
            accept_held_run(session, run, "encore", NOON + DAY)


def test_an_empty_or_outdated_run_cannot_be_accepted_by_anyone(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        empty = collect_run(session, platform, [])
        old = collect_run(session, platform, [make_observation("1", "Playtime")], expect=RunExpectations(min=2))
        collect_run(session, platform, [make_observation("1", "Playtime")])
        with pytest.raises(UserError, match="viderait"):
            accept_held_run(session, empty, "tant pis", NOON)
        with pytest.raises(UserError, match="plus récente"):
            accept_held_run(session, old, "tant pis", NOON)


def test_a_run_left_open_by_a_crash_is_held_when_the_next_one_opens(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        crashed = open_run(session, platform, NOON)
        open_run(session, platform, NOON + DAY)
        assert (crashed.state, format_verdict(crashed)) == (RunState.HELD, "interrompue avant la fin")


def test_two_lines_of_the_same_offer_make_one(engine: Engine) -> None:
    with write_session(engine) as session:
        collect_run(session, make_platform(session), [make_observation("1", "Playtime", make_rental(299), make_rental(399))])
        assert [offer.price_cents for offer in list_offers(session)] == [299]
        assert session.exec(select(Run)).one().state is RunState.ACCEPTED
