"""What a pass decides of what changed equals what a full pass decides, whatever changed and in whatever order."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, make_url, text
from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import create_db_engine, read_session, write_session
from domain.films.merge import merge_film, preview_merge
from domain.linking.cases import is_open_case
from domain.linking.redirects import is_canonical
from domain.models.agent import Agent
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Candidate, Judgement
from domain.models.review_case import ReviewCase
from domain.review.resolve import CaseAnswer, resolve_case
from matcher import habits
from matcher.incremental.state import MatchState, compute_version, flatten_state, get_state_path, load_state
from matcher.match_database import match_database
from matcher.model import load_model
from tests.domain.builders import NOON, collect_run, make_film, make_observation, make_platform
from tests.domain.review_scene import make_agent

FILM_IDS = st.integers(1, 12)
TITLES = st.lists(st.sampled_from(["nuit", "nuits", "mer", "amour", "zazie", "2", "le"]), min_size=1, max_size=3).map(" ".join)
YEARS = st.sampled_from([None, 1959, 1960, 1961, 1975])
NAMES = st.lists(st.sampled_from(["Agnès Varda", "Agnes Vardas", "Jean Vigo", "Jacques Tati"]), max_size=2, unique=True)
COUNTRIES = st.sampled_from([[], ["France"]])
NUMBERS = st.sampled_from([None, "tt0000001", "tt0000002"])
FACTS = st.fixed_dictionaries(
    {
        "year": YEARS,
        "directors": NAMES,
        "runtime_min": st.sampled_from([None, 90, 91]),
        "countries": st.sampled_from([[], ["France"]]),
    }
)
LINES = st.tuples(st.integers(1, 8), TITLES, FACTS, NUMBERS)
Action = Callable[[Session, datetime], None]


def change_film(film_id: int, title: str, facts: dict[str, Any], number: str | None) -> Action:
    """A film comes, or another record of it does."""

    def act(session: Session, now: datetime) -> None:
        film = session.get(Film, film_id) or make_film(film_id, title)
        film.sqlmodel_update({"title": title, "updated_at": now, **facts})
        session.add(film)
        session.flush()
        session.exec(delete(FilmTitle).where(col(FilmTitle.film_id) == film_id))
        session.exec(delete(FilmIdentifier).where(col(FilmIdentifier.film_id) == film_id))
        add_title(film_id, title)(session, now)
        if number and film.merged_into is None:
            session.exec(delete(FilmIdentifier).where(col(FilmIdentifier.value) == number))
            session.add(FilmIdentifier(film_id=film_id, scheme="imdb", value=number))

    return act


def add_title(film_id: int, title: str) -> Action:
    """A film gains a title; nothing else says that it changed."""

    def act(session: Session, now: datetime) -> None:
        if session.get(Film, film_id):
            session.add(FilmTitle(film_id=film_id, title=title, kind=TitleKind.ALTERNATIVE, key=build_title_key(title)))

    return act


def collect(platform: str, lines: list[tuple[int, str, dict[str, Any], str | None]]) -> Action:
    """A platform's catalogue comes in: entries come, go and change."""

    def act(session: Session, now: datetime) -> None:
        observations = {}
        for ref, title, facts, number in lines:
            observations[ref] = make_observation(str(ref), title, **facts, ids={"imdb": number} if number else {})
        collect_run(session, make_platform(session, platform), list(observations.values()), now)

    return act


def answer(rank: int, reply: CaseAnswer, film_id: int) -> Action:
    """An agent answers a case that waits."""

    def act(session: Session, now: datetime) -> None:
        cases = session.exec(select(ReviewCase).where(is_open_case()).order_by(col(ReviewCase.id))).all()
        if not cases:
            return
        case = cases[rank % len(cases)]
        films = session.exec(select(Film.id).where(is_canonical()).order_by(col(Film.id))).all()
        chosen_id = (case.film_id or films[film_id % len(films)]) if reply is CaseAnswer.SAME else None
        resolve_case(session, case.id or 0, get_agent(session), reply, chosen_id, now)

    return act


def merge(merged_id: int, survivor_id: int) -> Action:
    """An agent says that two films are one."""

    def act(session: Session, now: datetime) -> None:
        films = [session.get(Film, film_id) for film_id in (merged_id, survivor_id)]
        if merged_id != survivor_id and all(film is not None and film.merged_into is None for film in films):
            version = preview_merge(session, merged_id, survivor_id).version
            merge_film(session, merged_id, survivor_id, get_agent(session), version, "un seul film", now)

    return act


def get_agent(session: Session) -> Agent:
    return session.exec(select(Agent)).first() or make_agent(session)


ACTIONS = st.one_of(
    st.builds(change_film, FILM_IDS, TITLES, FACTS, NUMBERS),
    st.builds(add_title, FILM_IDS, TITLES),
    st.builds(collect, st.sampled_from(["ciné", "kiosque"]), st.lists(LINES, max_size=8)),
    st.builds(answer, st.integers(0, 5), st.sampled_from([CaseAnswer.SAME, CaseAnswer.NONE, CaseAnswer.UNSURE]), FILM_IDS),
    st.builds(merge, FILM_IDS, FILM_IDS),
)
FIRST_FILMS = st.lists(st.builds(change_film, FILM_IDS, TITLES, FACTS, NUMBERS), min_size=4, max_size=12)
FIRST_LINES = st.lists(LINES, min_size=4, max_size=8)


@pytest.fixture(autouse=True)
def _own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and habits learnt from few anchors: the catalogues of this test are small."""
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(habits, "_MIN_ANCHORS", 2)
    monkeypatch.setattr(habits, "_MIN_RELABELLED_ANCHORS", 2)
    monkeypatch.setattr(habits, "_YEAR_PRIOR", 2.0)


@pytest.fixture(params=["sqlite", "postgresql"])
def open_empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractContextManager[Engine]]:
    """Open a database made anew: nothing may be deleted from the audit trail of another one."""
    numbers = itertools.count()
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return lambda: open_sqlite_copy(template, tmp_path / f"{next(numbers)}.db")
    template_url: str = request.getfixturevalue("postgresql_url")
    admin: Connection = request.getfixturevalue("postgresql_admin")
    return lambda: open_postgresql_copy(admin, template_url, f"incremental_{abs(hash(str(tmp_path)))}_{next(numbers)}")


@contextmanager
def open_sqlite_copy(template: Path, path: Path) -> Iterator[Engine]:
    shutil.copy(template, path)
    engine = create_db_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()
    path.unlink()


@contextmanager
def open_postgresql_copy(admin: Connection, template_url: str, name: str) -> Iterator[Engine]:
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY"))
    engine = create_db_engine(make_url(template_url).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def match(engine: Engine, *, full: bool = False) -> int:
    return match_database(engine, lambda line: None, full=full).changed


def iter_written_rows(engine: Engine) -> Iterator[dict[str, Any]]:
    with read_session(engine) as session:
        for table in (Judgement, Candidate, ReviewCase):
            for row in session.exec(select(table).order_by(col(table.id))):
                yield row.model_dump()


def get_state(engine: Engine) -> MatchState:
    state = load_state(get_state_path(engine), compute_version(load_model()))
    assert state is not None
    return state


def assert_full_pass_agrees(engine: Engine) -> None:
    """A full pass writes nothing, and leaves the same state behind."""
    written, state = list(iter_written_rows(engine)), flatten_state(get_state(engine))
    assert match(engine, full=True) == 0
    assert list(iter_written_rows(engine)) == written
    after = flatten_state(replace(get_state(engine), full_at=float(state["full_at"])))
    assert [name for name in after if after[name].tolist() != state[name].tolist()] == []


@settings(max_examples=40)
@given(FIRST_FILMS, FIRST_LINES, st.lists(st.lists(ACTIONS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_passes_over_changes_come_to_the_same_as_a_full_pass(
    open_empty_database: Callable[[], AbstractContextManager[Engine]],
    films: list[Action],
    lines: list[Any],
    days: list[list[Action]],
) -> None:
    now = NOON
    with open_empty_database() as engine:
        for actions in ([*films, collect("ciné", lines)], *days):
            for action in actions:
                now += timedelta(minutes=1)
                with write_session(engine) as session:
                    action(session, now)
            match(engine)
        assert_full_pass_agrees(engine)
