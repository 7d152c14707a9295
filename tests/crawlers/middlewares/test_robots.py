"""A robots.txt that changes pauses an open platform, and is told of the others."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from crawlers.robots_watch import find_refusal_comment
from domain.common.enums import RunState, TaskKind
from domain.models.platform import Platform
from domain.models.robots import RobotsCopy
from domain.models.run import RunIssue
from domain.models.task import Task
from domain.runs.hold_reasons import format_verdict
from domain.tasks import close_task, is_collection_paused
from tests.crawlers.conftest import FEED, LEGAL, Collect, Site, WriteFile
from tests.domain.builders import NOON

OPEN = {"LEGAL": LEGAL, 'basis = "invented"': 'basis = "open"'}
FILMS = [{"id": n, "title": f"Film {n}", "link": f"https://films.example/{n}"} for n in (1, 2, 3)]
SAID = "semble refuser les robots en toutes lettres : « Toute aspiration du site est interdite (loi Godfrain). »"
REFUSAL = "# Toute aspiration du site est interdite (loi Godfrain).\nUser-agent: *\nAllow: /\n"


def test_a_change_pauses_an_open_platform_until_an_agent_has_read_it(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    platform = write_file(FEED, OPEN)
    site.set_response("/films.json", FILMS)
    assert run_once(platform).state is RunState.ACCEPTED
    site.set_response("/robots.txt", "User-agent: *\nAllow: /")
    request_count = len(site.list_paths())
    run = run_once(platform)
    host = site.origin.removeprefix("http://")
    assert format_verdict(run).startswith(f"robots.txt de {host} a changé ; rien n'est collecté avant qu'un agent l'ait lu")
    assert run.state is RunState.HELD and site.list_paths()[request_count:] == ["/robots.txt"]
    with Session(sqlite_engine) as session:
        task = session.exec(select(Task)).one()
        assert (task.kind, task.message) == (TaskKind.ROBOTS, f"robots.txt de {host} a changé")
        assert is_collection_paused(session, session.exec(select(Platform)).one())
        assert [copy.body for copy in session.exec(select(RobotsCopy).order_by(col(RobotsCopy.id)))] == [
            "",
            "User-agent: *\nAllow: /",
        ]
        close_task(session, task.id or 0, "relu : rien de neuf pour nous", NOON)
        session.commit()
    assert run_once(platform).state is RunState.ACCEPTED


def test_a_refusal_in_words_pauses_at_first_sight(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    site.set_response("/films.json", FILMS)
    site.set_response("/robots.txt", REFUSAL)
    assert SAID in format_verdict(run_once(write_file(FEED, OPEN))) and "/films.json" not in site.list_paths()
    with Session(sqlite_engine) as session:
        assert is_collection_paused(session, session.exec(select(Platform)).one())


def test_a_platform_collected_by_another_right_is_only_told(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    site.set_response("/films.json", FILMS)
    site.set_response("/robots.txt", REFUSAL)
    assert run_once(write_file()).state is RunState.ACCEPTED
    with Session(sqlite_engine) as session:
        assert SAID in session.exec(select(RunIssue)).one().message and not session.exec(select(Task)).all()


@pytest.mark.parametrize(
    ("robots", "refused"),
    [
        (REFUSAL, True),
        ("User-agent: *\nAllow: / # Text and Data Mining is not permitted", True),
        ("# L'éditeur s'oppose à toute fouille de textes (art. L122-5-3 du CPI)", True),
        ("# Crawling without our written permission is prohibited.", True),
        ("# robots.txt de la boutique\n# Bienvenue aux robots\nUser-agent: *\nDisallow: /panier", False),
        ("User-agent: GPTBot\nDisallow: /", False),
        ("", False),
        ("#" * 10_000, False),
        ("# bienvenue\n" * 50_000 + REFUSAL, False),
    ],
)
def test_words_of_refusal_are_seen_in_comments_alone(robots: str, refused: bool) -> None:
    assert (find_refusal_comment(robots) is not None) is refused
