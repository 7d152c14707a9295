"""Build a staff site where every page has something to show, and list the address of each kind of page."""

from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.accounts.agents import add_agent
from domain.common.enums import Complaint, IssueLevel, LinkFinding, Role, TaskKind
from domain.common.paris_time import get_paris_date
from domain.db.engine import write_session
from domain.films.edits import add_title
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.partner import PartnerCount
from domain.models.platform import Platform
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.monitoring.link_checks import hide_broken_links, record_link_check
from domain.monitoring.robots_history import record_robots_copy
from domain.partners.counters import add_counts
from domain.runs.runs import add_issue
from domain.tasks import add_comment, create_task, open_task
from tests.domain.review_scene import make_doubtful_cases
from tests.scene import SERVICE_URL, build_scene

LOGIN, PASSWORD = "camille", "un mot de passe d’été"
REPORT = "R-222-222"
ADDRESSES = (
    *("/agents/", "/agents/connexion", "/agents/comptes", "/agents/comptes/1", "/agents/a-verifier", "/agents/controles"),
    *("/agents/anomalies", "/agents/signalements", f"/agents/signalements/{REPORT}", "/agents/signalements/delais"),
    *("/agents/introuvables", "/agents/films?q=dune", "/agents/films/1", "/agents/films/1/corriger", "/agents/films/1/separer"),
    *("/agents/films/3/reunir?q=dune&avec=4&reste=4", "/agents/partenaires", "/agents/collectes", "/agents/collectes/1"),
    *("/agents/collectes/6", "/agents/services", "/agents/services/cine", "/agents/taches", "/agents/taches/1"),
    *("/agents/liens", "/agents/robots", "/agents/robots/2", "/agents/historique"),
)


def fill_staff_site(engine: Engine, now: datetime) -> None:
    """Store the scene, and what agents do with it: run 6 is held, task 1 is about a robots.txt that changed."""
    build_scene(engine, now)
    with write_session(engine) as session:
        agent = add_agent(session, LOGIN, "Camille Martin", PASSWORD, now, Role.ADMIN)
        cine = session.exec(select(Platform).where(Platform.slug == "cine")).one()
        cine.every_hours, cine.night, cine.hosts = 24, "01:00-06:00", ["cine.example"]
        add_issue(session, 6, IssueLevel.WARNING, "mot inconnu", "format « 4k »", "1")
        make_doubtful_cases(session, ["Récréation", "Trafic"], (1, 2), "revue")
        add_title(session, 1, agent, "La balade", None, "vu sur une affiche", now)
        _add_public_records(session, now)
        _add_watch_records(session, cine, agent, now)


def _add_public_records(session: Session, now: datetime) -> None:
    session.add(ReaderReport(number=REPORT, complaint=Complaint.OTHER, film_id=1, message="Pas en VF", received_at=now))
    day = get_paris_date(now)
    session.add(UnfoundTitle(key="dune 3", day=day, count=7))
    add_counts(session, PartnerCount, {(("cinema.example", 1), day): 12}, "loads")


def _add_watch_records(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    platform_id = get_id(platform)
    for days in (2, 1, 0):
        record_link_check(session, platform_id, f"{SERVICE_URL}/film", LinkFinding.GONE, 404, now - timedelta(days=days))
    hide_broken_links(session, platform, now)
    for days, body in ((9, b"User-agent: *\nDisallow: /compte"), (0, b"User-agent: *\nDisallow: /")):
        record_robots_copy(session, platform_id, "cine.example", body, now - timedelta(days=days))
    task = open_task(session, platform_id, TaskKind.ROBOTS, "robots.txt de cine.example a changé", now)
    add_comment(session, get_id(task), agent, "je regarde", now)
    create_task(session, agent, "relire les conditions", now, slug="cine")
