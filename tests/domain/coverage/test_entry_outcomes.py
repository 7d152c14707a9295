"""T16 reads how an entry was linked from comparison levels; T17 counts rejected runs, and links of the day in progress."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import LinkFinding, Verdict
from domain.coverage.registry import count_table
from domain.coverage.schema import Cell, Row
from domain.db.engine import write_session
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.runs.acceptance import reject_held_run, undo_run_rejection
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, make_decision, make_film, make_observation, make_platform
from tests.domain.coverage.scene import AS_OF, count_rows, days_later, make_rental

BY_MATCHER = "matcher 2026-11-25"
DECISIONS = {
    "a": make_decision(
        Verdict.SAME, 1, BY_MATCHER, "selon le modèle", weights_by_level={"identifier.same": 6.0, "title.exact": 1.9}
    ),
    "b": make_decision(Verdict.SAME, 1, BY_MATCHER, "selon le modèle", weights_by_level={"title.exact": 1.9, "year.same": 3.5}),
    "c": make_decision(
        Verdict.SAME, 1, BY_MATCHER, "même identifiant", weights_by_level={"title.close": 0.8, "identifier.other": -4}
    ),
    "d": make_decision(Verdict.SAME, 1, "agent claire", "titre exact", by_person=True),
    "e": make_decision(Verdict.UNSURE, None, BY_MATCHER, "veto", weights_by_level={"title.exact": 1.9}),
    "f": make_decision(Verdict.NONE, None, BY_MATCHER, "règle", weights_by_level={"identifier.same": 6.0}),
}


@pytest.fixture
def session(engine: Engine) -> object:
    with write_session(engine) as session:
        session.add(make_film(1, "Film 1"))
        session.flush()
        observations = [make_observation(ref, f"Ligne {ref}", make_rental()) for ref in DECISIONS]
        collect_run(session, make_platform(session, "achat"), observations)
        yield session


def get_cells(session: Session, key: str, row: Row) -> dict[str, Cell]:
    columns = count_table(session, key, AS_OF).body.columns
    return {column.label: cell for column, cell in zip(columns, row, strict=True)}


def test_how_a_line_is_linked_is_read_from_clues_never_from_words(session: Session) -> None:
    for entry in session.exec(select(Entry)):
        assert entry.id is not None
        record_decision(session, entry.id, None, DECISIONS[entry.ref], NOON)
    cells = get_cells(session, "t16", count_rows(session, "t16")[0])
    methods = ("Par identifiant", "Par titre exact", "Par d’autres indices", "Par une personne", "Douteuses", "Non reliées")
    assert [cells[method] for method in methods] == [1, 1, 1, 1, 1, 1] and cells["Part reliée"] == 4 / 6


def test_a_run_rejected_is_told_from_the_day_it_was(session: Session) -> None:
    platform = session.exec(select(Platform)).one()
    held = collect_run(
        session, platform, [make_observation("a", "Ligne a", make_rental())], NOON + timedelta(hours=1), RunExpectations(min=1000)
    )
    reject_held_run(session, held, "page vide", days_later(2))
    counts = [get_cells(session, "t17", count_rows(session, "t17", at)[0]) for at in (AS_OF, AS_OF + timedelta(days=2))]
    assert [(cells["Collectes non acceptées depuis"], cells["dont refusées"]) for cells in counts] == [(1, 0), (1, 1)]
    undo_run_rejection(session, held, days_later(4))
    after = [
        get_cells(session, "t17", count_rows(session, "t17", AS_OF + timedelta(days=days))[0])["dont refusées"] for days in (2, 4)
    ]
    assert after == [1, 0]


def test_links_are_told_of_the_day_in_progress_and_unknown_of_a_day_that_is_over(session: Session) -> None:
    platform = session.exec(select(Platform)).one()
    assert platform.id is not None
    findings = [LinkFinding.FINE, LinkFinding.GONE, LinkFinding.GONE, LinkFinding.REFUSED]
    for rank, finding in enumerate(findings):
        check = LinkCheck(platform_id=platform.id, url=str(rank), checked_at=NOON, finding=finding)
        check.hidden_at = NOON if rank == 1 else None
        session.add(check)
    session.flush()
    labels = ("Liens vérifiés", "Introuvables", "En panne", "Fermés au robot", "Masqués")
    for moment, expected in ((NOON, [4, 2, 0, 1, 1]), (days_later(1), [None] * 5)):
        with time_machine.travel(moment, tick=False):
            cells = get_cells(session, "t17", count_rows(session, "t17")[0])
        assert [cells[label] for label in labels] == expected
