"""Readers' reports: stored once, numbered, counted, answered, erased; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import CaseCause, Complaint, ReportState
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.agent import AuditLine
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from domain.reports import reports
from domain.reports.corrections import count_reports_by_month, list_corrections
from domain.reports.replies import (
    answer_report,
    erase_report_messages,
    list_reports,
    send_report_to_review,
)
from domain.reports.reports import (
    MAX_PER_HOUR,
    MAX_PER_HOUR_AND_FILM,
    MAX_PER_HOUR_WITHOUT_FILM,
    NewReport,
    TooManyReportsError,
    compute_report_statistics,
    create_report,
    find_report,
    parse_report_number,
)
from domain.review.queue import CaseFilter, ReviewRequest, claim_cases, request_review
from domain.review.resolve import CaseAnswer, resolve_case
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_agent

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRICE = NewReport(Complaint.PRICE, message="3,99 € au lieu de 2,99 €")


def make_report(session: Session, new_report: NewReport = PRICE) -> ReaderReport:
    report = find_report(session, create_report(session, new_report, NOON).number)
    assert report
    return report


def make_linked_offer(session: Session) -> Offer:
    """Collect an offer of a service, linked to film 1."""
    film = make_film(1, "Dune")
    session.add(film)
    collect_run(session, make_platform(session), [make_observation("1", "Dune", make_rental())])
    link_entry(session, session.exec(select(Entry)).one(), film)
    return session.exec(select(Offer)).one()


def test_a_report_gets_a_number_that_finds_it_again(engine: Engine) -> None:
    with write_session(engine) as session:
        receipt = create_report(session, PRICE, NOON)
    with read_session(engine) as session:
        report = find_report(session, receipt.number)
    assert report and not receipt.is_duplicate and parse_report_number(receipt.number) == receipt.number
    assert (report.complaint, report.message, report.state) == (Complaint.PRICE, PRICE.message, ReportState.RECEIVED)
    assert (report.received_at, report.decided_at, report.who) == (NOON, None, None)


def test_the_same_report_within_a_day_is_the_first_one(engine: Engine) -> None:
    with write_session(engine) as session:
        first = create_report(session, PRICE, NOON)
        assert create_report(session, PRICE, NOON + DAY - HOUR) == reports.ReportReceipt(first.number, is_duplicate=True)
        for different in (
            NewReport(Complaint.OTHER, message=PRICE.message),
            NewReport(Complaint.PRICE, message="autre"),
            NewReport(Complaint.PRICE, title="x"),
        ):
            assert not create_report(session, different, NOON).is_duplicate
        assert not create_report(session, PRICE, NOON + DAY).is_duplicate


def test_reports_on_different_films_differ(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all([make_film(1, "Dune"), make_film(2, "Alien")])
        session.flush()
        numbers = [create_report(session, NewReport(Complaint.FACTS, film), NOON).number for film in (1, 2, None)]
        assert len(set(numbers)) == 3 and create_report(session, NewReport(Complaint.FACTS, 2), NOON).number == numbers[1]


def test_an_hour_takes_so_many_reports_and_no_more(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all([make_film(1, "Dune"), make_film(2, "Alien")])
        session.flush()
        for film, limit in ((1, MAX_PER_HOUR_AND_FILM), (None, MAX_PER_HOUR_WITHOUT_FILM)):
            for rank in range(limit):
                create_report(session, NewReport(Complaint.OTHER, film, message=str(rank)), NOON + timedelta(seconds=rank))
            with pytest.raises(TooManyReportsError):
                create_report(session, NewReport(Complaint.PRICE, film), NOON + timedelta(minutes=59))
        assert create_report(session, NewReport(Complaint.OTHER, message="7"), NOON + timedelta(minutes=59)).is_duplicate
        assert create_report(session, NewReport(Complaint.PRICE, 2), NOON)
        remaining = MAX_PER_HOUR - MAX_PER_HOUR_AND_FILM - MAX_PER_HOUR_WITHOUT_FILM - 1
        session.add_all(ReaderReport(number=str(n), complaint=Complaint.OTHER, received_at=NOON) for n in range(remaining))
        with pytest.raises(TooManyReportsError):
            create_report(session, NewReport(Complaint.FACTS, 2), NOON + timedelta(minutes=59))
        assert create_report(session, PRICE, NOON + HOUR)


def test_a_number_already_drawn_is_drawn_again(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["R-222-222", "R-222-222", "R-333-333"])
    monkeypatch.setattr(reports, "_generate_number", lambda: next(drawn))
    with write_session(sqlite_engine) as session:
        assert create_report(session, PRICE, NOON).number == "R-222-222"
        assert create_report(session, NewReport(Complaint.OTHER), NOON).number == "R-333-333"


@pytest.mark.parametrize("typed", ["R-7K3-9FQ", "r-7k3-9fq", " R 7K3 9FQ ", "7K39FQ", "r7k39fq", "7k3-9fq"])
def test_a_number_is_read_however_it_was_typed(typed: str) -> None:
    assert parse_report_number(typed) == "R-7K3-9FQ"


@pytest.mark.parametrize("typed", ["", "R", "R-7K3-9F", "R-7K3-9FQX", "R-0K3-9FQ", "R-AK3-9FQ", "7K3\n9FQ", "R-7K3-9F\u0662"])
def test_what_is_no_number_is_told_apart(typed: str) -> None:
    assert parse_report_number(typed) is None


@given(st.text(max_size=30))
def test_any_text_is_a_number_in_its_one_form_or_none(typed: str) -> None:
    number = parse_report_number(typed)
    assert number is None or parse_report_number(number) == number


def test_an_answer_is_written_with_its_trace(engine: Engine) -> None:
    with write_session(engine) as session:
        agent, report = make_agent(session), make_report(session)
        answer_report(session, report.number, agent, ReportState.RECEIVED, ReportState.ONGOING, "", NOON + HOUR)
        assert (report.state, report.decided_at, report.who) == (ReportState.ONGOING, None, "camille")
        answer_report(session, report.number, agent, ReportState.ONGOING, ReportState.CORRECTED, "Merci.", NOON + DAY)
        assert (report.state, report.decided_at, report.answer) == (ReportState.CORRECTED, NOON + DAY, "Merci.")
        trail = session.exec(select(AuditLine).order_by(col(AuditLine.id))).all()
        assert [(event.action, event.agent_id, event.detail["state"]) for event in trail] == [
            ("report", agent.id, "ongoing"),
            ("report", agent.id, "corrected"),
        ]


def test_a_correction_is_an_act_on_the_film_or_on_the_line_of_the_offer(engine: Engine) -> None:
    with write_session(engine) as session:
        agent, report = make_agent(session), make_report(session)
        session.add_all([make_film(1, "Un"), make_film(2, "Deux")])
        session.flush()
        report.film_id = 1
        edit = log_audit_event(session, NOON, agent.id, "film-edit", film_id=1)
        elsewhere = log_audit_event(session, NOON, agent.id, "film-edit", film_id=2)
        view = log_audit_event(session, NOON, agent.id, "report-to-desk", film_id=1)
        assert [event.id for event in list_corrections(session, report)] == [edit.id]
        for event, state in ((elsewhere, ReportState.CORRECTED), (view, ReportState.CORRECTED), (edit, ReportState.UNFOUNDED)):
            with pytest.raises(UserError):
                answer_report(session, report.number, agent, ReportState.RECEIVED, state, "Merci.", NOON, event.id)
        answer_report(session, report.number, agent, ReportState.RECEIVED, ReportState.CORRECTED, "Merci.", NOON, edit.id)
        assert report.correction_id == edit.id


def test_the_merge_of_its_film_may_be_what_put_a_report_right(engine: Engine) -> None:
    with write_session(engine) as session:
        agent, report = make_agent(session), make_report(session)
        session.add_all([make_film(1, "Un"), make_film(2, "Deux")])
        session.flush()
        session.get_one(Film, 1).merged_into = 2
        report.film_id = 1
        merge = log_audit_event(session, NOON, agent.id, "film-merge", film_id=2)
        assert [event.id for event in list_corrections(session, report)] == [merge.id]
        report.film_id = None
        assert list_corrections(session, report) == []


def test_delays_are_told_by_month_of_reception_in_paris(engine: Engine) -> None:
    with write_session(engine) as session:
        late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # half past midnight on 1 November in Paris
        for received_at, hours in ((late, 2), (NOON, 4), (NOON, None), (late - DAY, 6), (late - DAY, 10)):
            report = ReaderReport(number=f"R-{received_at:%d}-{hours}", complaint=Complaint.PRICE, received_at=received_at)
            if hours:
                report.decided_at = received_at + hours * HOUR
            session.add(report)
        session.flush()
        november, october = count_reports_by_month(session, late - 2 * DAY)
        assert (november.first.month, november.received, november.waiting, november.delay) == (11, 3, 1, 3 * HOUR)
        assert (october.first.month, october.received, october.waiting, october.delay) == (10, 2, 0, 8 * HOUR)
        assert count_reports_by_month(session, NOON + DAY) == []


@pytest.mark.parametrize(
    ("number", "seen_state", "state", "answer"),
    [
        ("R-222-222", ReportState.RECEIVED, ReportState.CORRECTED, "Merci."),
        (None, ReportState.ONGOING, ReportState.CORRECTED, "Merci."),
        (None, ReportState.RECEIVED, ReportState.RECEIVED, "Merci."),
        (None, ReportState.RECEIVED, ReportState.UNFOUNDED, ""),
    ],
    ids=["unknown", "changed meanwhile", "received again", "no word"],
)
def test_an_answer_that_cannot_be_is_refused(
    engine: Engine, number: str | None, seen_state: ReportState, state: ReportState, answer: str
) -> None:
    with write_session(engine) as session:
        agent, report = make_agent(session), make_report(session)
        with pytest.raises(UserError):
            answer_report(session, number or report.number, agent, seen_state, state, answer, NOON)
        assert report.state is ReportState.RECEIVED and session.exec(select(AuditLine)).first() is None


def test_the_oldest_reports_come_first(engine: Engine) -> None:
    with write_session(engine) as session:
        numbers = [create_report(session, NewReport(Complaint.OTHER, message=str(rank)), NOON).number for rank in range(4)]
        answer_report(session, numbers[1], make_agent(session), ReportState.RECEIVED, ReportState.UNFOUNDED, "Rien.", NOON)
        assert [report.number for report in list_reports(session, reports.PENDING_STATES, 1, 2)] == [numbers[2], numbers[3]]
        assert [report.number for report in list_reports(session, [ReportState.UNFOUNDED], 0, 9)] == [numbers[1]]


def test_what_was_written_is_erased_a_year_after_the_answer(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = make_agent(session)
        old = make_report(session, NewReport(Complaint.MISSING_FILM, title="Dune", message="je m’appelle Camille"))
        waiting = make_report(session, PRICE)
        answer_report(session, old.number, agent, ReportState.RECEIVED, ReportState.CORRECTED, "Ajouté.", NOON + DAY)
        assert erase_report_messages(session, NOON + timedelta(days=365)) == 0
        assert erase_report_messages(session, NOON + timedelta(days=366)) == 1
        assert erase_report_messages(session, NOON + timedelta(days=366)) == 0
        session.expire_all()
        assert (old.title, old.message, old.answer) == ("", "", "Ajouté.") and waiting.message == PRICE.message


def test_the_treatment_is_counted_by_kind_and_its_delay_is_the_median(engine: Engine) -> None:
    with write_session(engine) as session:
        agent = make_agent(session)
        for rank, hours in enumerate((1, 2, 9)):
            number = create_report(session, NewReport(Complaint.PRICE, message=str(rank)), NOON).number
            answer_report(session, number, agent, ReportState.RECEIVED, ReportState.CORRECTED, "Oui.", NOON + hours * HOUR)
        create_report(session, NewReport(Complaint.MISSING_FILM, title="Dune"), NOON)
    with read_session(engine) as session:
        statistics = compute_report_statistics(session)
    assert (statistics.count_received(), statistics.count_waiting(), statistics.get_median_delay()) == (4, 1, 2 * HOUR)
    assert (statistics.count_received(Complaint.PRICE), statistics.count_waiting(Complaint.PRICE)) == (3, 0)
    assert statistics.get_median_delay(Complaint.MISSING_FILM) is None and statistics.count_waiting(Complaint.MISSING_FILM) == 1


def test_a_doubted_link_goes_to_the_desk_and_an_agent_undoes_it(engine: Engine) -> None:
    with write_session(engine) as session:
        offer, agent = make_linked_offer(session), make_agent(session)
        report = make_report(session, NewReport(Complaint.NOT_THIS_FILM, 1, offer.id))
        case_id = send_report_to_review(session, report.number, agent, NOON)
        assert send_report_to_review(session, report.number, agent, NOON) == case_id and report.state is ReportState.ONGOING
        case = session.get_one(ReviewCase, case_id)
        assert (case.cause, case.entry_id, case.film_id) == (CaseCause.REPORT, offer.entry_id, 1)
        request_review(session, offer.entry_id, case, ReviewRequest(CaseCause.DISAGREEMENT, 1, 0.5), NOON)
        assert case.cause is CaseCause.REPORT
        resolve_case(session, case_id, agent, CaseAnswer.NONE, None, NOON + HOUR)
        with pytest.raises(UserError):
            send_report_to_review(session, report.number, agent, NOON + HOUR)


def test_a_case_that_waits_already_is_the_one_shown(engine: Engine) -> None:
    with write_session(engine) as session:
        offer, agent = make_linked_offer(session), make_agent(session)
        report = make_report(session, NewReport(Complaint.NOT_THIS_FILM, 1, offer.id))
        request_review(session, offer.entry_id, None, ReviewRequest(CaseCause.AUDIT, 1, 0.9), NOON)
        session.flush()
        assert agent.id is not None
        (case,) = claim_cases(session, agent.id, CaseFilter(), NOON)
        assert send_report_to_review(session, report.number, agent, NOON) == case.id and case.cause is CaseCause.AUDIT


@pytest.mark.parametrize("number", ["R-222-222", None])
def test_a_report_without_an_offer_cannot_go_to_the_desk(engine: Engine, number: str | None) -> None:
    with write_session(engine) as session:
        agent, report = make_agent(session), make_report(session)
        with pytest.raises(UserError):
            send_report_to_review(session, number or report.number, agent, NOON)
