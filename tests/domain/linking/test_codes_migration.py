"""A database filled by version 0.1 tells the same decisions once they are codes, and tells them back as they were."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from domain.common.enums import AuthorKind, ReasonCode
from domain.db.engine import read_session, write_session
from domain.db.migrate import build_config
from domain.linking.authors import format_author, get_agent_logins
from domain.linking.reasons import Reason
from domain.models.film import FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Candidate, Judgement
from matcher.explanations import explain_decision, format_deciding_rule, list_comparisons
from tests.domain.builders import collect_run, make_film, make_observation, make_platform, read_provenance
from tests.domain.review_scene import make_agent

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEIGHTS = {"title.exact": 10.0, "year.two": -0.3, "directors.same": 5.1}
COMPARED = "titre exact +10,0 ; deux ans d'écart −0,3 ; réalisateur concordant +5,1"
JUDGEMENTS = [
    ("matcher 2026-11-22", f"{COMPARED} — règle : au moins 0,65", WEIGHTS, ReasonCode.ABOVE_AUTO),
    (
        "matcher 2026-11-22",
        f"{COMPARED} — règle : au moins 0,65 — veto : une autre entrée convient mieux à ce film (12, Chat — noir)",
        WEIGHTS,
        ReasonCode.RIVAL_ENTRY,
    ),
    ("matcher 2", f"{COMPARED} — veto : années trop éloignées (1958 / 1971)", WEIGHTS, ReasonCode.YEARS_DIFFER),
    ("matcher 2", f"{COMPARED} — veto : titres trop différents (Fort — Boyard / Dune)", WEIGHTS, ReasonCode.TITLES_DIFFER),
    (
        "matcher 2",
        f"{COMPARED} — veto : deux films de la base conviennent (Dune, 1984, n° 3 / Dune, sans année, n° 4)",
        WEIGHTS,
        ReasonCode.RIVAL_FILMS,
    ),
    ("matcher 2", f"{COMPARED} — veto : natures différentes (court métrage / inconnue)", WEIGHTS, ReasonCode.KINDS_DIFFER),
    ("matcher 2", "aucun titre proche dans la base", {}, ReasonCode.NO_CANDIDATE),
    ("matcher 2", "aucun indice commun — règle : moins de 0,10", {}, ReasonCode.BELOW_REVIEW),
    ("agent camille", "choisi par un agent", {}, ReasonCode.AGENT_CHOSE),
    ("agent parti", "fiches réunies", {}, ReasonCode.FILMS_MERGED),
    ("matcher 2", f"{COMPARED} — veto : titres trop différents (A / B / C)", WEIGHTS, ReasonCode.LEGACY),
    ("la ligne de commande", "vu l'affiche — et le générique", {}, ReasonCode.LEGACY),
]
"""Author, sentence and weights as version 0.1 wrote them, and the code expected."""


SOURCES = ("cnc", "", "cnc 1958/2", "agent camille", "cine, agent camille", "agent parti", "ailleurs, dit-on")
"""Where titles come from, as version 0.1 wrote it."""


def migrate_to(engine: Engine, revision: str) -> None:
    config = build_config()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision() or ""
        move = command.downgrade if revision < current else command.upgrade
        move(config, revision)


def insert(session: Session, table: str, values: Mapping[str, Any]) -> None:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    session.connection().execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


@pytest.fixture
def old_database(engine: Engine) -> Engine:
    """One entry a decision, as version 0.1 kept them, and the records of a second source."""
    with write_session(engine) as session:
        make_agent(session)
        session.add_all([make_film(1, "Playtime"), make_film(2, "Dune")])
        collect_run(session, make_platform(session), [make_observation(str(n), f"T{n}") for n in range(len(JUDGEMENTS))])
    migrate_to(engine, "0013")
    moment = AT.replace(tzinfo=None).isoformat(" ") if engine.dialect.name == "sqlite" else AT
    with write_session(engine) as session:
        entries = [row[0] for row in session.connection().execute(text("SELECT id FROM entry ORDER BY id"))]
        for entry_id, (who, reason, clues, _) in zip(entries, JUDGEMENTS, strict=True):
            decided = {"who": who, "by_person": False, "decided_at": moment, "reason": reason, "clues": json.dumps(clues)}
            insert(session, "judgement", {"entry_id": entry_id, "verdict": "none", "content_hash": ""} | decided)
        by_name = json.dumps({"title": 10.0, "year": -0.3, "directors": 5.1})
        for entry_id, film_id, reason in ((1, 1, COMPARED), (1, 2, "vu ; ainsi")):
            facts = {"probability": 0.5, "clues": by_name, "reason": reason, "matcher_version": "2"}
            insert(session, "candidate", {"entry_id": entry_id, "film_id": film_id} | facts)
        near = {"film_id": 1, "probability": 0.5, "reason": COMPARED, "clues": json.loads(by_name)}
        alone = {"film_id": 1, "probability": 0.0, "reason": "identifiant commun, rien d'autre", "clues": {}}
        for ref, who, reason, proposals in (
            ("w1", "matcher 2", f"{COMPARED} — règle : moins de 0,65 — trop peu probable", [near]),
            ("w2", "monde", "identifiant commun, rien d'autre", [alone]),
        ):
            facts = {"source": "monde", "source_ref": ref, "payload": "{}", "content_hash": "", "state": "new"}
            decided = {"who": who, "by_person": False, "decided_at": moment, "reason": reason, "proposals": json.dumps(proposals)}
            insert(session, "baseline", facts | decided)
    return engine


def test_decisions_become_codes_and_read_as_they_did(old_database: Engine) -> None:
    migrate_to(old_database, "head")
    with read_session(old_database) as session:
        rows, logins = session.exec(select(Judgement).order_by(col(Judgement.id))).all(), get_agent_logins(session)
        assert [row.reason_code for row in rows] == [code for *_, code in JUDGEMENTS]
        assert [(format_author(row, logins), explain_decision(row)) for row in rows] == [expected[:2] for expected in JUDGEMENTS]
        assert [row.author_kind for row in rows[7:10]] == [AuthorKind.MATCHER, AuthorKind.AGENT, AuthorKind.LEGACY]
        assert (rows[0].reason_params, rows[0].matcher_version) == ({"threshold": 0.65}, "2026-11-22")
        assert rows[1].reason_params == {"rival_id": "12", "rival_title": "Chat — noir"}
        assert rows[4].reason_params["rival_work"] == {"title": "Dune", "year": None, "id": "4"}
        assert format_deciding_rule([Reason.from_row(rows[-1])]) == "et le générique"


def test_films_put_forward_and_records_become_codes(old_database: Engine) -> None:
    migrate_to(old_database, "head")
    with read_session(old_database) as session:
        exact, vague = session.exec(select(Candidate).order_by(col(Candidate.id))).all()
        assert (exact.weights_by_level, exact.reason_code) == (WEIGHTS, ReasonCode.COMPARISONS)
        assert list_comparisons(exact.weights_by_level, Reason.from_row(exact)) == COMPARED.split(" ; ")
        assert list_comparisons(vague.weights_by_level, Reason.from_row(vague)) == ["vu", "ainsi"]
        near, alone = session.exec(select(SourceRecord).order_by(col(SourceRecord.id))).all()
        assert explain_decision(near) == f"{COMPARED} — règle : moins de 0,65 — trop peu probable"
        assert (near.weights_by_level, near.proposals[0]["weights_by_level"]) == (WEIGHTS, WEIGHTS)
        assert (alone.author_kind, alone.author_label, alone.reason_code) == ("source", "monde", "identifier-only")
        assert alone.proposals[0]["reason"] == {"code": "identifier-only", "params": {}}


def test_the_way_back_writes_the_sentences_again(old_database: Engine) -> None:
    migrate_to(old_database, "head")
    migrate_to(old_database, "0013")
    with write_session(old_database) as session:
        rows = session.connection().execute(text("SELECT who, reason FROM judgement ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [expected[:2] for expected in JUDGEMENTS]
        reasons = session.connection().execute(text("SELECT reason FROM candidate ORDER BY id")).scalars().all()
        assert reasons == [COMPARED, "vu ; ainsi"]
        records = session.connection().execute(text("SELECT who, reason, proposals FROM baseline ORDER BY id")).all()
        proposals = records[0][2] if isinstance(records[0][2], list) else json.loads(records[0][2])
        assert (records[1][0], proposals[0]["reason"]) == ("monde", COMPARED)
        assert proposals[0]["clues"] == {"title": 10.0, "year": -0.3, "directors": 5.1}


def test_where_titles_come_from_is_told_in_columns_and_back(engine: Engine) -> None:
    with write_session(engine) as session:
        agent_id = make_agent(session).id
        film = make_film(1, "Playtime")
        film.source = "cnc"
        session.add(film)
    migrate_to(engine, "0014")
    with write_session(engine) as session:
        for place, source in enumerate(SOURCES):
            facts = {"film_id": 1, "title": "Playtime", "kind": "alternative", "key": str(place), "source": source}
            insert(session, "filmtitle", facts)
        insert(session, "filmidentifier", {"film_id": 1, "scheme": "imdb", "value": "tt1", "source": "agent camille"})
    migrate_to(engine, "0015")
    with read_session(engine) as session:
        titles = session.exec(select(FilmTitle).order_by(col(FilmTitle.key))).all()
        assert [read_provenance(session, title) for title in titles] == list(SOURCES)
        kinds = ["source", "source", "merged-record", "agent", "platform", "legacy", "legacy"]
        assert [str(title.source_kind) for title in titles] == kinds
        assert [(title.source, title.source_ref, title.agent_id) for title in titles[2:5]] == [
            ("cnc", "1958/2", None),
            ("", "", agent_id),
            ("cine", "", agent_id),
        ]
        assert session.exec(select(FilmIdentifier)).one().agent_id == agent_id
    migrate_to(engine, "0014")
    with write_session(engine) as session:
        sources = session.connection().execute(text("SELECT source FROM filmtitle ORDER BY key")).scalars().all()
        assert sources == list(SOURCES)
