"""A past day gives the same figures for ever; what changed since in what is known of it is reported beside them."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, Verdict
from domain.coverage.as_of import was_available
from domain.coverage.comparison import merge_side_by_side
from domain.coverage.corrections import find_later_changes
from domain.coverage.dataset import DaySnapshot
from domain.coverage.schema import Column, Filters, Knowledge, TableBody, Unit
from domain.db.engine import write_session
from domain.films.merge import merge_film, preview_merge
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import count_available
from domain.runs.acceptance import accept_held_run
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, make_decision, make_observation
from tests.domain.coverage.scene import (
    AS_OF,
    DAY,
    build_scene,
    collect_service,
    count_all_tables,
    count_rows,
    days_later,
    make_rental,
)
from tests.domain.review_scene import make_agent

TODAY = Filters(knowledge=Knowledge.TODAY)


def collect_thirty_days(session: Session) -> None:
    """Change prices, accessibility and films every day; a film leaves and comes back; a new service opens."""
    for days in range(1, 31):
        described = ObservedOffer(access=Access.RENT, price_cents=299 + days, audio_description=days % 3 == 0)
        films = {1: [described], 8: [make_rental()], (days % 10) + 1: [make_rental()]}
        collect_service(session, "achat", films, days_later(days))
    collect_service(session, "nouveau", {5: [make_rental()]}, days_later(30))


def correct_link(session: Session, ref: str, film_id: int | None) -> None:
    """Decide as a person, thirty days later, that an entry of the first service is another film, or none."""
    entry = session.exec(select(Entry).join(Platform).where(Platform.slug == "achat", Entry.ref == ref)).one()
    verdict = Verdict.SAME if film_id else Verdict.NONE
    assert entry.id is not None
    decision = make_decision(verdict, film_id, "agent claire", "choisi", by_person=True)
    record_decision(session, entry.id, get_live_judgement(session, entry.id), decision, days_later(30))
    session.flush()


def test_a_past_day_is_the_same_after_thirty_later_runs(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        before = count_all_tables(session)
        collect_thirty_days(session)
        assert count_all_tables(session) == before
        assert count_all_tables(session, days_later(30)) != before
        assert not find_later_changes(DaySnapshot(session, AS_OF))


def test_a_run_accepted_late_changes_nothing_of_what_was_known(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        collect_service(session, "achat", {1: [make_rental()]}, NOON + timedelta(hours=1))
        platform = session.exec(select(Platform).where(Platform.slug == "achat")).one()
        observations = [make_observation("1", "Ligne 1", make_rental(399)), make_observation("2", "Ligne 2", make_rental())]
        held = collect_run(session, platform, observations, NOON + timedelta(hours=2), RunExpectations(min=1000))
        before = count_all_tables(session)
        accept_held_run(session, held, "lue", days_later(3))
        session.flush()
        assert session.exec(select(Offer).where(Offer.closed_at == held.started_at)).first() is not None
        assert count_all_tables(session) == before
        assert find_later_changes(DaySnapshot(session, AS_OF)).late_run_count == 1
        assert count_rows(session, "t10", filters=TODAY) != count_rows(session, "t10")


def test_a_corrected_link_is_told_beside_both_figures(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        before = count_all_tables(session)
        correct_link(session, "8", 2)
        assert count_all_tables(session) == before
        changes = find_later_changes(DaySnapshot(session, AS_OF))
        (correction,) = changes.latest_corrections
        assert (changes.link_count, correction.service, correction.by_person) == (1, "Achat", True)
        assert (correction.previous_title, correction.current_title) == ("Film 8", "Film 2")
        assert was_available(session, 8, DAY) and not was_available(session, 8, DAY, Knowledge.TODAY)
        assert count_rows(session, "t9", filters=TODAY)[1] == ("2024", 4, 4, 1.0)


def test_links_made_and_undone_since_are_told_too(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        correct_link(session, "perdu", 2)
        correct_link(session, "9", None)
        corrections = find_later_changes(DaySnapshot(session, AS_OF)).latest_corrections
        titles = {(correction.title, correction.previous_title, correction.current_title) for correction in corrections}
        assert titles == {("perdu", None, "Film 2"), ("Ligne 9", "Film 9", None)}


def test_films_merged_since_are_two_on_the_days_before_and_one_from_then_on(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        before = count_all_tables(session)
        merge_film(session, 4, 3, make_agent(session), preview_merge(session, 4, 3).version, "la même œuvre", days_later(2))
        session.flush()
        assert count_all_tables(session) == before
        after_merge = count_all_tables(session, AS_OF + timedelta(days=2))
        as_known_today = count_all_tables(session, AS_OF, TODAY)
        for tables in (after_merge, as_known_today):
            assert tables["t8"][-1][1] == 9 and tables["t9"][1] == ("2024", 3, 2, 2 / 3)
            assert tables["t1"][0][1] == tables["t3"][-1][1] == 5, "the entry of film 4 is now of film 3"


def test_the_same_decision_by_another_is_no_correction(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        correct_link(session, "8", 8)
        assert not find_later_changes(DaySnapshot(session, AS_OF))


def test_what_is_known_today_is_what_the_site_shows(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        collect_thirty_days(session)
        assert count_rows(session, "t1", days_later(30), TODAY)[0][1] == count_available(session, days_later(30))


def test_nothing_was_there_before_the_first_collection(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        empty = count_all_tables(session, AS_OF - timedelta(days=1))
        assert empty["t1"][0][:3] == ("Ensemble", 0, None) and empty["t2"] == (("Ensemble", 0, None, 0, None),)
        assert count_rows(session, "t1")[0][3:] == (None, None, None, None), (
            "a month before nothing was collected: unknown, not zero"
        )


def test_two_tables_stand_side_by_side() -> None:
    columns = (Column("Service", Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE))
    before = TableBody(columns, (("A", 3, 0.5), ("B", 1, None)))
    after = TableBody(columns, (("A", 5, 0.25), ("C", 2, 0.1)))
    both = merge_side_by_side(before, after, ("avant", "après"))
    labels = ["Service", "Films (avant)", "Films (après)", "Films (écart)", "Part (avant)", "Part (après)"]
    assert [column.label for column in both.columns] == labels
    assert both.rows == (("A", 3, 5, 2, 0.5, 0.25), ("B", 1, None, None, None, None), ("C", None, 2, None, None, 0.1))
