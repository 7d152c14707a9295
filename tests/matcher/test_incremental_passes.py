"""What a pass says that it decides, and why; what it remembers can be lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.db.engine import write_session
from domain.models.film import Film
from matcher.incremental.state import get_last_full_pass, get_state_path
from matcher.match_database import match_database
from tests.domain.builders import NOON, collect_run, make_observation, make_platform
from tests.matcher.test_match_database import film

LINES = [
    make_observation("1", "Playtime", year=1967, directors=["Jacques Tati"]),
    make_observation("2", "Persepolis", year=2007, directors=["Marjane Satrapi"]),
    make_observation("3", "Zéro de conduite", year=1933, directors=["Jean Vigo"]),
]


@pytest.fixture
def matched(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Three entries, of which two films are known, decided once."""
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))
    with write_session(engine) as session:
        film(session, 1, "Playtime", 1967, "Jacques Tati")
        film(session, 2, "Persepolis", 2007, "Marjane Satrapi")
        collect_run(session, make_platform(session), LINES)
    assert list_progress(engine)[1] == "3 entrées, toutes à décider"
    return engine


def list_progress(engine: Engine, *, full: bool = False) -> list[str]:
    messages: list[str] = []
    match_database(engine, messages.append, full=full)
    return messages


def test_a_pass_without_anything_new_says_so_and_counts_every_entry(matched: Engine) -> None:
    assert list_progress(matched) == [
        "2 films ; 1 catalogues",
        "3 entrées, rien de nouveau",
        "Cine-Exemple : 2 liées, 0 à vérifier, 1 sans film",
    ]


def test_only_the_entries_near_a_film_that_changed_are_decided(matched: Engine) -> None:
    with write_session(matched) as session:
        session.get_one(Film, 1).year = 1968
    assert list_progress(matched)[1] == "3 entrées, 1 à décider (1 proches d'un film qui a changé)"


def test_only_the_entries_that_changed_are_decided(matched: Engine) -> None:
    changed = make_observation("3", "Zéro de conduite", year=1934, directors=["Jean Vigo"])
    with write_session(matched) as session:
        collect_run(session, make_platform(session), [*LINES[:2], changed], NOON + timedelta(days=1))
    assert list_progress(matched)[1] == "3 entrées, 1 à décider (1 nouvelles ou changées)"


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 something else"])
def test_without_a_trace_of_the_last_pass_everything_is_decided(matched: Engine, content: bytes | None) -> None:
    path = get_state_path(matched)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert get_last_full_pass(matched) is None
    assert list_progress(matched)[1] == "3 entrées, toutes à décider"
    assert list_progress(matched)[1] == "3 entrées, rien de nouveau"


def test_a_full_pass_decides_everything(matched: Engine) -> None:
    assert list_progress(matched, full=True)[1] == "3 entrées, toutes à décider"
