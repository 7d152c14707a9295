"""Real catalogues in, film pages out: what is collected equals the truth, and what is shown is right."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import RunState, Verdict
from domain.coverage.summary import PlatformCoverage, count_coverage
from domain.db.engine import create_db_engine, read_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from tests.real.rehearsal import PLATFORMS, Rehearsal
from webapp.app import create_app

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def filled(rehearsal: Rehearsal) -> Iterator[Engine]:
    engine = create_db_engine(rehearsal.database)
    yield engine
    engine.dispose()


def coverage(engine: Engine) -> dict[str, PlatformCoverage]:
    with read_session(engine) as session:
        return {row.platform.slug: row for row in count_coverage(session, datetime.now(UTC)).platforms}


def page(engine: Engine, title: str, year: int) -> str:
    with read_session(engine) as session:
        film = session.exec(select(Film).where(col(Film.title) == title, col(Film.year) == year)).one()
    answer = create_app(engine).test_client().get(f"/films/{film.id}-{film.slug}")
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ")


def wanted_offers(truth: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    films = [row for row in truth["rows"] if row["kind"] == "movie"]
    return {
        (row["id"], offer["mode"], offer["price"] and round(offer["price"] * 100)) for row in films for offer in row["offers"]
    }


def offers_of(session: Session, slug: str) -> set[tuple[str, str, int | None]]:
    asked = select(Entry, Offer).join(Offer, col(Offer.entry_id) == col(Entry.id))
    asked = asked.join(Platform, col(Platform.id) == col(Entry.platform_id)).where(col(Platform.slug) == slug)
    return {(short(entry.ref), str(offer.access), offer.price_cents) for entry, offer in session.exec(asked)}


def short(ref: str) -> str:
    """The platform's number as the truth writes it: a Media Actions feed gives whole addresses."""
    return ref.rsplit("/", 1)[-1]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_title_and_offer_of_the_truth_is_collected(rehearsal: Rehearsal, filled: Engine, platform: str) -> None:
    truth = rehearsal.get_truth(platform)
    assert coverage(filled)[platform].accepted_rows == truth["films"]
    with read_session(filled) as session:
        assert offers_of(session, platform) == wanted_offers(truth)


def test_over_88_percent_of_orange_is_linked_without_a_person(filled: Engine) -> None:
    row = coverage(filled)["orange"]
    assert row.linked / row.accepted_rows > 0.88


def test_the_page_of_a_linked_film_shows_service_and_prices(filled: Engine) -> None:
    text = page(filled, "La Mecanique de l'Ombre", 2016)
    assert "Orange" in text and "2,99 €" in text and "7,99 €" in text


def test_a_film_whose_director_the_platform_gets_wrong_waits_for_a_person(filled: Engine) -> None:
    assert "video-a-la-demande.orange.fr" not in page(filled, "Persepolis", 2005)
    with read_session(filled) as session:
        entry = session.exec(select(Entry).where(col(Entry.ref).startswith("PERSEPOLIS"))).one()
        live = session.exec(select(Judgement).where(Judgement.entry_id == entry.id, col(Judgement.superseded_at).is_(None))).one()
        assert live.verdict is Verdict.UNSURE
        assert session.exec(select(Candidate).where(Candidate.entry_id == entry.id)).all()


@pytest.mark.parametrize("fault", ["half", "empty", "captcha", "garbage", "error"])
def test_a_fault_of_the_platform_is_held_and_changes_nothing(rehearsal: Rehearsal, filled: Engine, fault: str) -> None:
    before = page(filled, "La Mecanique de l'Ombre", 2016)
    rehearsal.set_fault("orange", fault)
    try:
        done, _ = rehearsal.crawl_platform("orange")
    finally:
        rehearsal.set_fault("orange", None)
    assert done.returncode == 1 and "en attente" in done.stdout and "Traceback" not in done.stderr
    with read_session(filled) as session:
        run = session.exec(select(Run).order_by(col(Run.id).desc())).first()
        assert run is not None and run.state is RunState.HELD and format_verdict(run)
        assert format_verdict(run) in rehearsal.run_ouvoir("runs", "orange").stdout
    assert offers_part(page(filled, "La Mecanique de l'Ombre", 2016)) == offers_part(before)


def offers_part(text: str) -> str:
    """The page from its offers on, without the lines that print the period of the draw and the minute of the reading."""
    kept = [line for line in text[text.index("<h1") :].splitlines() if "période" not in line and 'class="printed"' not in line]
    return "\n".join(sorted(kept))


def test_a_second_matching_changes_nothing(rehearsal: Rehearsal, filled: Engine) -> None:
    with read_session(filled) as session:
        before = len(session.exec(select(Judgement.id)).all())
    assert rehearsal.run_ouvoir("match").returncode == 0
    with read_session(filled) as session:
        assert len(session.exec(select(Judgement.id)).all()) == before
