"""A past day gives the same figures for ever; what changed since of what is known is told beside them."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access, Verdict
from domain.coverage.as_of import was_available
from domain.coverage.comparison import side_by_side
from domain.coverage.corrections import changed_since
from domain.coverage.dataset import Day
from domain.coverage.schema import Body, Column, Filters, Known, Unit
from domain.db.engine import writing
from domain.films.merge import merge, preview
from domain.linking.judgements import Decision, decide, live_judgement
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import count_available
from domain.runs.acceptance import accept_held
from domain.runs.observation import ObservedOffer
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_line, collected
from tests.domain.coverage.scene import AT, DAY, build, every_table, later, rented, rows, show
from tests.domain.review_scene import an_agent

TODAY = Filters(known=Known.TODAY)


def thirty_days(session: Session) -> None:
    """Prices, accessibility and films move; a film leaves, comes back, others come; a new service opens."""
    for number in range(1, 31):
        described = ObservedOffer(access=Access.RENT, price_cents=299 + number, audio_description=number % 3 == 0)
        shown = {1: [described], 8: [rented()], (number % 10) + 1: [rented()]}
        show(session, "achat", shown, later(number))
    show(session, "nouveau", {5: [rented()]}, later(30))


def correct(session: Session, ref: str, film_id: int | None) -> None:
    """Thirty days later, a person says that the first service's line is another film, or none."""
    entry = session.exec(select(Entry).join(Platform).where(Platform.slug == "achat", Entry.ref == ref)).one()
    verdict = Verdict.SAME if film_id else Verdict.NONE
    decided = Decision(verdict, film_id, "agent claire", "choisi", by_person=True)
    decide(session, entry.id or 0, live_judgement(session, entry.id or 0), decided, later(30))
    session.flush()


def test_a_past_day_is_the_same_after_thirty_later_runs(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        before = every_table(session)
        thirty_days(session)
        assert every_table(session) == before
        assert every_table(session, later(30)) != before
        assert not changed_since(Day(session, AT))


def test_a_run_accepted_late_changes_nothing_of_what_was_known(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        show(session, "achat", {1: [rented()]}, NOON + timedelta(hours=1))
        platform = session.exec(select(Platform).where(Platform.slug == "achat")).one()
        lines = [a_line("1", "Ligne 1", rented(399)), a_line("2", "Ligne 2", rented())]
        held = collected(session, platform, lines, NOON + timedelta(hours=2), Expect(min=1000))
        before = every_table(session)
        accept_held(session, held, "lue", later(3))
        session.flush()
        assert session.exec(select(Offer).where(Offer.closed_at == held.started)).first() is not None
        assert every_table(session) == before
        assert changed_since(Day(session, AT)).runs == 1
        assert rows(session, "t10", filters=TODAY) != rows(session, "t10")


def test_a_corrected_link_is_told_beside_both_figures(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        before = every_table(session)
        correct(session, "8", 2)
        assert every_table(session) == before
        since = changed_since(Day(session, AT))
        (told,) = since.latest
        assert (since.links, told.service, told.before, told.after, told.by_person) == (1, "Achat", "Film 8", "Film 2", True)
        assert was_available(session, 8, DAY) and not was_available(session, 8, DAY, Known.TODAY)
        assert rows(session, "t9", filters=TODAY)[1] == ("2024", 4, 4, 1.0)


def test_links_made_and_undone_since_are_told_too(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        correct(session, "perdu", 2)
        correct(session, "9", None)
        changed = {(told.title, told.before, told.after) for told in changed_since(Day(session, AT)).latest}
        assert changed == {("perdu", None, "Film 2"), ("Ligne 9", "Film 9", None)}


def test_films_merged_since_are_two_on_the_days_before_and_one_from_then_on(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        before = every_table(session)
        merge(session, 4, 3, an_agent(session), preview(session, 4, 3).mark, "la même œuvre", later(2))
        session.flush()
        assert every_table(session) == before
        told, today = every_table(session, AT + timedelta(days=2)), every_table(session, AT, TODAY)
        for tables in (told, today):
            assert tables["t8"][-1][1] == 9 and tables["t9"][1] == ("2024", 3, 2, 2 / 3)
            assert tables["t1"][0][1] == tables["t3"][-1][1] == 5, "the line of film 4 is now of film 3"


def test_the_same_decision_by_another_is_no_correction(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        correct(session, "8", 8)
        assert not changed_since(Day(session, AT))


def test_what_is_known_today_is_what_the_site_shows(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        thirty_days(session)
        assert rows(session, "t1", later(30), TODAY)[0][1] == count_available(session, later(30))


def test_nothing_was_there_before_the_first_collection(engine: Engine) -> None:
    with writing(engine) as session:
        build(session)
        empty = every_table(session, AT - timedelta(days=1))
        assert empty["t1"][0][:3] == ("Ensemble", 0, None) and empty["t2"] == (("Ensemble", 0, None, 0, None),)
        assert rows(session, "t1")[0][3:] == (None, None, None, None), "a month before nothing was collected: unknown, not zero"


def test_two_tables_stand_side_by_side() -> None:
    columns = (Column("Service", Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE))
    one = Body(columns, (("A", 3, 0.5), ("B", 1, None)))
    other = Body(columns, (("A", 5, 0.25), ("C", 2, 0.1)))
    both = side_by_side(one, other, ("avant", "après"))
    labels = ["Service", "Films (avant)", "Films (après)", "Films (écart)", "Part (avant)", "Part (après)"]
    assert [column.label for column in both.columns] == labels
    assert both.rows == (("A", 3, 5, 2, 0.5, 0.25), ("B", 1, None, None, None, None), ("C", None, 2, None, None, 0.1))
