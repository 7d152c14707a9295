"""Tasks for agents: asked by the program or by one of them, assigned, commented, closed, opened again; each act in the trail."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import LegalBasis, TaskKind
from domain.common.errors import UserError
from domain.models.agent import AuditLine
from domain.models.columns import get_id
from domain.models.task import Task
from domain.tasks import (
    MAX_TEXT_LENGTH,
    add_comment,
    assign_task,
    close_task,
    create_task,
    is_collection_paused,
    list_comments,
    list_open_tasks,
    list_tasks,
    open_task,
    reopen_task,
)
from tests.domain.builders import NOON, make_film, make_platform
from tests.domain.review_scene import make_agent

NOW = NOON


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def open_robots_task(session: Session, slug: str = "cine-exemple") -> Task:
    return open_task(session, get_id(make_platform(session, slug)), TaskKind.ROBOTS, "robots.txt a changé", NOW)


def list_events(session: Session) -> list[tuple[str, int | None, dict[str, object] | None, dict[str, object] | None]]:
    events = session.exec(select(AuditLine).order_by(col(AuditLine.id)))
    return [(event.action, event.agent_id, event.before, event.after) for event in events]


def test_a_platform_has_one_open_task_of_a_kind_until_an_agent_closes_it(session: Session) -> None:
    platform = make_platform(session)
    first = open_task(session, get_id(platform), TaskKind.ROBOTS, "robots.txt a changé", NOW)
    assert open_task(session, get_id(platform), TaskKind.ROBOTS, "encore", NOW).id == first.id
    assert [task.message for task in list_open_tasks(session)] == ["robots.txt a changé"] and is_collection_paused(
        session, platform
    )
    close_task(session, get_id(first), " relu, rien de neuf ", NOW)
    assert list_open_tasks(session) == [] and not is_collection_paused(session, platform)
    assert (first.closed_reason, first.closed_at, first.closed_by) == ("relu, rien de neuf", NOW, None)
    assert open_task(session, get_id(platform), TaskKind.ROBOTS, "encore", NOW).id != first.id


def test_only_an_open_platform_is_paused(session: Session) -> None:
    platform = make_platform(session, "contrat", LegalBasis.CONTRACT)
    open_task(session, get_id(platform), TaskKind.ROBOTS, "robots.txt a changé", NOW)
    assert not is_collection_paused(session, platform)


def test_a_task_is_closed_once_and_with_a_reason(session: Session) -> None:
    task_id = get_id(open_robots_task(session))
    with pytest.raises(UserError, match="tâche inconnue : 9999"):
        close_task(session, 9999, "lu", NOW)
    with pytest.raises(UserError, match="une raison est attendue"):
        close_task(session, task_id, "  ", NOW)
    close_task(session, task_id, "lu", NOW)
    with pytest.raises(UserError, match=r"déjà close \(lu\)"):
        close_task(session, task_id, "relu", NOW)


def test_an_agent_asks_for_something_about_a_platform_a_film_or_nothing(session: Session) -> None:
    agent, platform = make_agent(session), make_platform(session)
    session.add(make_film(7, "Playtime"))
    session.flush()
    about = create_task(session, agent, " relire  les conditions ", NOW, slug="cine-exemple", film_id=7)
    free = create_task(session, agent, "appeler l'exploitant", NOW)
    assert (about.kind, about.message, about.platform_id, about.film_id) == (
        TaskKind.OTHER, "relire les conditions", platform.id, 7,
    )  # fmt: skip
    assert (free.platform_id, free.film_id, free.opened_by) == (None, None, agent.id)
    assert list_events(session) == [
        ("task-opened", agent.id, None, {"message": "relire les conditions"}),
        ("task-opened", agent.id, None, {"message": "appeler l'exploitant"}),
    ]


@pytest.mark.parametrize(
    ("message", "about", "problem"),
    [
        (" ", {}, "en quelques mots"),
        ("a" * (MAX_TEXT_LENGTH + 1), {}, "1000 caractères au plus"),
        ("lire", {"slug": "inconnu"}, "service inconnu : « inconnu »"),
        ("lire", {"film_id": 99}, "film inconnu : 99"),
    ],
)
def test_a_task_about_nothing_known_is_refused(session: Session, message: str, about: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        create_task(session, make_agent(session), message, NOW, **about)  # type: ignore[arg-type]
    assert list_events(session) == [] and list_open_tasks(session) == []


def test_a_task_goes_from_hand_to_hand_and_each_step_is_told_once(session: Session) -> None:
    camille, sacha, task_id = make_agent(session), make_agent(session, "sacha"), get_id(open_robots_task(session))
    assert assign_task(session, task_id, camille, "sacha", NOW).assigned_to == sacha.id
    assign_task(session, task_id, camille, "sacha", NOW)
    assert assign_task(session, task_id, sacha, "", NOW).assigned_to is None
    assert list_events(session) == [
        ("task-assigned", camille.id, {"assigned_to": None}, {"assigned_to": "sacha"}),
        ("task-assigned", sacha.id, {"assigned_to": "sacha"}, {"assigned_to": None}),
    ]


def test_a_task_is_not_put_in_the_hands_of_somebody_gone_or_unknown(session: Session) -> None:
    camille, gone, task_id = make_agent(session), make_agent(session, "partie"), get_id(open_robots_task(session))
    gone.disabled_at = NOW
    session.flush()
    for login in ("partie", "personne"):
        with pytest.raises(UserError, match=f"agent inconnu : {login}"):
            assign_task(session, task_id, camille, login, NOW)
    close_task(session, task_id, "lu", NOW, camille)
    with pytest.raises(UserError, match="déjà close"):
        assign_task(session, task_id, camille, "camille", NOW)


def test_comments_stand_in_the_order_they_were_said_even_on_a_closed_task(session: Session) -> None:
    camille, task_id = make_agent(session), get_id(open_robots_task(session))
    add_comment(session, task_id, camille, "je regarde", NOW)
    close_task(session, task_id, "lu", NOW, camille)
    add_comment(session, task_id, camille, "c'était le pied de page", NOW)
    assert [(comment.text, who.login) for comment, who in list_comments(session, task_id)] == [
        ("je regarde", "camille"), ("c'était le pied de page", "camille"),
    ]  # fmt: skip
    with pytest.raises(UserError, match="un commentaire est attendu"):
        add_comment(session, task_id, camille, "\n", NOW)
    assert [act[0] for act in list_events(session)] == ["task-commented", "task-closed", "task-commented"]


def test_a_closed_task_opens_again_unless_another_of_its_kind_waits(session: Session) -> None:
    camille, task = make_agent(session), open_robots_task(session)
    task_id = get_id(task)
    with pytest.raises(UserError, match="déjà ouverte"):
        reopen_task(session, task_id, camille, NOW)
    close_task(session, task_id, "lu", NOW, camille)
    assert task.closed_by == camille.id
    reopen_task(session, task_id, camille, NOW)
    assert (task.closed_at, task.closed_reason, task.closed_by) == (None, None, None)
    assert list_events(session)[-1] == ("task-reopened", camille.id, {"closed": True, "reason": "lu"}, {"closed": False})
    close_task(session, task_id, "lu", NOW, camille)
    other = open_robots_task(session)
    assert other.id != task_id
    with pytest.raises(UserError, match=f"la tâche {other.id}, de même nature, est déjà ouverte"):
        reopen_task(session, task_id, camille, NOW)


def test_ones_own_tasks_come_first_then_those_in_nobodys_hands(session: Session) -> None:
    camille, sacha = make_agent(session), make_agent(session, "sacha")
    theirs, free, mine, done = (get_id(create_task(session, camille, text, NOW)) for text in ("a", "b", "c", "d"))
    for task_id, login in ((theirs, "sacha"), (mine, "camille")):
        assign_task(session, task_id, camille, login, NOW)
    close_task(session, done, "fait", NOW, camille)
    assert [task.id for task in list_tasks(session, camille, 0, 9)] == [mine, free, theirs]
    assert [task.id for task in list_tasks(session, sacha, 0, 2)] == [theirs, free]
    assert [task.id for task in list_tasks(session, camille, 0, 9, closed=True)] == [done]


def test_the_tasks_of_one_kind_are_told_apart(session: Session) -> None:
    camille = make_agent(session)
    robots_task = open_robots_task(session)
    create_task(session, camille, "autre chose", NOW)
    assert [task.id for task in list_tasks(session, camille, 0, 9, kind=TaskKind.ROBOTS)] == [robots_task.id]
