"""Migrations keep the data of a database that an earlier version filled, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel, select

from domain.common.enums import CloseReason, HoldCode
from domain.common.environment import ROOT
from domain.db.engine import create_db_engine
from domain.db.migrate import build_config, get_head_revision
from domain.models.offer import Offer
from domain.models.run import Run, RunIssue
from domain.runs.hold_reasons import format_verdict, get_hold_reasons
from domain.runs.run_issues import format_issue, group_issues

VERDICTS = (
    "",
    "10 titres contre 20 récemment : baisse de 50 %, 10 % admis",
    "collecte incomplète ; 1 titre gardé, 2 attendus au moins ; 3 offres contre 9 récemment : baisse de 66,7 %, 12,5 % admis",
    "7 pages en échec sur 20 ; 7 pages en échec sur 20, 2 % admis ; champ « year » rempli à 0 %, 100 % attendus au moins",
    "le collecteur s'est arrêté en panne, code 1 (journal : essai-7.log)",
    "interrompue avant la fin",
    "robots.txt de cine.example a changé ; rien n'est collecté avant qu'un agent l'ait lu ; collecte en échec",
    "120 titres gardés, 100 attendus au plus ; 50 lignes reçues pour 100 annoncées",
    "10 lignes illisibles sur 100, 2 % admis ; 6 lignes au mot inconnu sur 100, 5 % admis ; 1 ligne en double sur 2, 0 % admis",
    "6 titres au prix inhabituel sur 100, 5 % admis ; 20 titres dont toutes les offres sont passées sur 20, 20 % admis",
    "20 titres dont le prix a changé sur 20, 50 % admis ; 20 titres jamais vus sur 20, 50 % admis",
    "20 titres au même lien sur 20, 10 % admis ; 10 titres sous un autre nom qu'à la dernière collecte sur 10, 10 % admis",
    "3 pages en échec sur 100, 2 % admis ; 15 pages retirées sur 100, 10 % admis",
    "le collecteur s'est figé sur un document (journal : a.log) ; le collecteur a été tué (journal : b-1.log)",
    "le collecteur n'a pas rendu compte ; collecte arrêtée, elle dépassait le temps permis (journal : c.log)",
)
"""Verdicts as version 0.1 wrote them."""


@pytest.fixture
def old_engine(engine: Engine) -> Engine:
    """Return an empty database at the revision before reasons became codes."""
    migrate(engine, "0012")
    return engine


def migrate(engine: Engine, revision: str) -> None:
    """Bring a database to a revision, up or down."""
    config = build_config()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        move = command.downgrade if current is not None and current > revision else command.upgrade
        move(config, revision)


PLATFORM = """
    INSERT INTO platform (id, slug, name, operator, country, status, legal_basis, legal_evidence, legal_checked_on, accesses,
                          replaces, hosts, expect)
    VALUES (1, 'cine', 'Ciné', 'X', 'FR', 'open', 'open', '', '2026-11-22', '[]', '[]', '[]', '{}')
"""
RUN = """
    INSERT INTO run (id, platform_id, state, outcome, verdict, counts, documents, code_version, started_at)
    VALUES (:id, 1, 'held', 'failed', :verdict, '{}', '[]', '0.1', '2026-11-22 12:00:00')
"""
ENTRY = """
    INSERT INTO entry (id, platform_id, ref, title, directors, countries, ids, content_hash, first_run_id, last_run_id)
    VALUES (1, 1, '1', 'Playtime', '[]', '[]', '{}', '', 1, 1)
"""
OFFER = """
    INSERT INTO offer (id, entry_id, identity, access, currency, languages, first_seen, last_seen, first_run_id, last_run_id,
                       closed_at, closed_why)
    VALUES (:id, 1, 'rent', 'rent', 'EUR', '[]', '2026-11-22 12:00:00', '2026-11-22 12:00:00', 1, 1, :closed_at, :why)
"""
ISSUE = "INSERT INTO runissue (run_id, level, kind, ref, message) VALUES (1, 'warning', 'mot inconnu', :ref, :message)"
CLOSE_REASONS = (
    None,
    "prix ou dates changés",
    "absente de deux collectes complètes",
    "retirée par l'éditeur",
    "lien rompu plusieurs jours de suite",
)
MESSAGES = (("7", "format « 4k »"), ("8", "et 3 autres"), ("", "et 1200 autres"))


def _fill(engine: Engine) -> None:
    """Store a run for each verdict, an entry with an open offer and closed ones, and issues, as version 0.1 did."""
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(PLATFORM))
        for run_id, verdict in enumerate(VERDICTS, 1):
            connection.execute(text(RUN), {"id": run_id, "verdict": verdict})
        connection.execute(text(ENTRY))
        for offer_id, why in enumerate(CLOSE_REASONS, 1):
            closed_at = "2026-11-22 12:00:00" if why else None
            connection.execute(text(OFFER), {"id": offer_id, "closed_at": closed_at, "why": why})
        for ref, message in MESSAGES:
            connection.execute(text(ISSUE), {"ref": ref, "message": message})


def test_reasons_become_codes_and_read_as_before(old_engine: Engine) -> None:
    _fill(old_engine)
    migrate(old_engine, "head")
    with Session(old_engine) as session:
        runs = session.exec(select(Run).order_by(Run.id)).all()  # type: ignore[arg-type]
        assert tuple(format_verdict(run) for run in runs) == VERDICTS
        codes = [[reason.code for reason in get_hold_reasons(run)] for run in runs]
        offers = session.exec(select(Offer.closed_why).order_by(Offer.id)).all()  # type: ignore[arg-type]
        issues = session.exec(select(RunIssue).order_by(RunIssue.id)).all()  # type: ignore[arg-type]
        (group,) = group_issues(session, 1)
        assert [format_issue(issue) for issue in issues] == ["format « 4k »", "et 3 autres", "et 1200 autres"]
    assert codes[2] == [HoldCode.INCOMPLETE, HoldCode.TOO_FEW_TITLES, HoldCode.FEWER_OFFERS]
    assert codes[6] == [HoldCode.LEGACY, HoldCode.COLLECTION_FAILED]
    assert [code for per_run in codes for code in per_run].count(HoldCode.LEGACY) == 2
    assert offers == [None, *CloseReason]
    assert (group.count, [ref for ref, _ in group.first]) == (1202, ["7", "8"])


def test_what_was_migrated_can_be_taken_back(old_engine: Engine) -> None:
    _fill(old_engine)
    migrate(old_engine, "head")
    migrate(old_engine, "0012")
    with old_engine.connect() as connection:
        assert connection.scalar(text("SELECT message FROM runissue WHERE ref = ''")) == "et 1200 autres"
        assert connection.scalar(text("SELECT closed_why FROM offer WHERE id = 4")) == "retirée par l'éditeur"
        assert connection.scalar(text("SELECT verdict FROM run WHERE id = 2")) == "fewer-titles"


def test_a_migrated_database_has_the_tables_of_the_code(old_engine: Engine) -> None:
    migrate(old_engine, "head")
    with old_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_command_of_alembic_migrates_the_configured_database(tmp_path: Path) -> None:
    environment = {**os.environ, "OUVOIR_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}", "PYTHONPATH": str(ROOT)}
    order = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(order, check=True, cwd=ROOT, env=environment, capture_output=True)
    engine = create_db_engine(environment["OUVOIR_DATABASE_URL"])
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        assert MigrationContext.configure(connection).get_current_revision() == get_head_revision()
    engine.dispose()
