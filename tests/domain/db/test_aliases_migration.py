"""Titles that agents kept and other titles of second sources become aliases, and alternative titles again on the way back."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.domain.db.test_migrations import migrate

FILM = """
    INSERT INTO film (id, source, source_ref, title, slug, directors, countries, genres, merged_attributes, edited, content_hash,
                      updated_at)
    VALUES (1, 'cnc', 'c1', 'Mon oncle (Hulot)', 'mon-oncle', '[]', '[]', '[]', '{}', '{}', '', '2026-11-22 12:00:00')
"""
TITLE = """
    INSERT INTO filmtitle (film_id, title, kind, language, key, source_kind, source, source_ref)
    VALUES (1, :title, :kind, :language, :title, :source_kind, :source, '')
"""
RECORD = """
    INSERT INTO baseline (source, source_ref, payload, content_hash, state, film_id, proposals, by_person, decided_at,
                          weights_by_level)
    VALUES (:source, :ref, :payload, 'x', 'linked', 1, '[]', FALSE, '2026-11-22 12:00:00', '{}')
"""
TITLES = (
    ("Mon oncle (Hulot)", "display", None, "source", "cnc"),
    ("Hulot", "alternative", None, "source", "cnc"),
    ("Tonton", "alternative", None, "source", "cnc"),
    ("My Uncle", "alternative", None, "source", "monde"),
    ("Tati's Uncle", "alternative", None, "source", "monde"),
    ("Mon oncle (1958)", "alternative", "fr", "source", "monde"),
    ("Mein Onkel", "alternative", None, "source", "wikidata"),
    ("L'oncle", "alternative", None, "platform", "cine"),
)


@pytest.fixture
def old_engine(engine: Engine) -> Engine:
    """Return a database of the revision before aliases, with a film, its titles and two linked records."""
    migrate(engine, "0016")
    others = json.dumps({"title": "My Uncle", "other_titles": ["My Uncle", "Tati's Uncle"]})
    names = ("title", "kind", "language", "source_kind", "source")
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(FILM))
        connection.execute(text(TITLE), [dict(zip(names, values, strict=True)) for values in TITLES])
        connection.execute(text(RECORD), {"source": "monde", "ref": "w1", "payload": others})
        wikidata = json.dumps({"title": "Mein Onkel", "other_titles": ["Mein Onkel"]})
        connection.execute(text(RECORD), {"source": "wikidata", "ref": "Q1", "payload": wikidata})
    return engine


def _read_aliases(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT title FROM filmtitle WHERE kind = 'alias' ORDER BY id")))


def _read_payload(engine: Engine, ref: str) -> dict[str, Any]:
    with engine.connect() as connection:
        stored = connection.scalar(text("SELECT payload FROM baseline WHERE source_ref = :ref"), {"ref": ref})
    payload: dict[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    return payload


def test_titles_kept_by_agents_and_other_titles_of_sources_become_aliases(old_engine: Engine) -> None:
    migrate(old_engine, "head")
    assert _read_aliases(old_engine) == ["Tonton", "Tati's Uncle", "L'oncle"]


def test_aliases_are_alternative_titles_again_on_the_way_back(old_engine: Engine) -> None:
    migrate(old_engine, "head")
    described = {"title": "Mein Onkel", "titles": [{"title": "Onkel", "kind": "alias", "language": "de"}]}
    with old_engine.execution_options(writes=True).begin() as connection:
        stmt = text("UPDATE baseline SET payload = :payload WHERE source_ref = 'Q1'")
        connection.execute(stmt, {"payload": json.dumps(described)})
    migrate(old_engine, "0016")
    assert _read_aliases(old_engine) == []
    assert _read_payload(old_engine, "Q1") == {"title": "Mein Onkel", "other_titles": ["Onkel"]}
    assert _read_payload(old_engine, "w1")["other_titles"] == ["My Uncle", "Tati's Uncle"]
