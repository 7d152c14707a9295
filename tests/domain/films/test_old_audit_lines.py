"""Acts that the audit trail kept before provenances and authors had columns are taken back all the same."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.enums import AuthorKind, ProvenanceKind, ReasonCode, RecordState
from domain.db.engine import write_session
from domain.films.edits import add_title, remove_title
from domain.films.reassigned_records import FormerState
from domain.films.snapshot import FilmSnapshot, revert_changes
from domain.models.film import Film, FilmTitle
from tests.domain.corrected import get_agent, import_two_sources
from tests.domain.joined import NOW


def strip_columns(snapshot: FilmSnapshot | None) -> FilmSnapshot:
    """A snapshot as version 0.1 wrote it: provenances are texts alone."""
    return {
        name: {fact: told for fact, told in value.items() if fact != "provenance"} if isinstance(value, dict) else value
        for name, value in (snapshot or {}).items()
    }


def test_titles_taken_away_come_back_with_their_provenance(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session:
        agent = get_agent(session)
        add_title(session, 1, agent, "Onkel", None, "affiche", NOW)
        for key in ("my uncle", "onkel"):
            title = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.key == key)).one()
            act = remove_title(session, 1, agent, title.id or 0, "erreur", NOW)
            revert_changes(session, session.get_one(Film, 1), strip_columns(act.before), strip_columns(act.after))
        titles = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1).order_by(col(FilmTitle.key))).all()
        assert [(title.key, title.source_kind, title.source) for title in titles] == [
            ("mon oncle", ProvenanceKind.SOURCE, "cnc"),
            ("my uncle", ProvenanceKind.SOURCE, "monde"),
            ("onkel", ProvenanceKind.LEGACY, "agent camille"),
        ]


def test_a_former_state_told_in_texts_keeps_them() -> None:
    stored = {"id": 3, "state": "linked", "film_id": 2, "by_person": True, "who": "agent ada", "reason": "fiches réunies"}
    former = FormerState.from_dict(stored)
    assert (former.state, former.film_id, former.by_person) == (RecordState.LINKED, 2, True)
    assert (former.author.author_kind, former.author.author_label) == (AuthorKind.LEGACY, "agent ada")
    assert [(reason.code, reason.params) for reason in former.reasons] == [(ReasonCode.LEGACY, {"text": "fiches réunies"})]
    assert FormerState.from_dict(former.to_dict()) == former
