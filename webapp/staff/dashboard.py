"""The cockpit: on one screen, what waits for agents and how healthy each collection is, the most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, url_for
from sqlmodel import Session

from domain.accounts.agents import list_agents
from domain.common.enums import CaseCause, Role, TaskKind
from domain.common.paris_time import get_paris_date
from domain.dashboard import PlatformHealth, count_open_reports, list_platform_health
from domain.models.agent import Agent
from domain.monitoring.link_lists import count_broken_links
from domain.offers.listings import get_state_version
from domain.offers.neutral_order import get_period_start
from domain.reports.replies import list_unfound_titles
from domain.review.queue import count_open_cases
from domain.review.sampling import ErrorRate, get_error_rates
from domain.tasks import list_open_tasks, list_tasks
from domain.windows.anomalies import Anomalies, list_early_offers
from domain.windows.upcoming import list_upcoming_windows
from webapp.core.absence_labels import format_rule
from webapp.core.context import open_db_session
from webapp.core.french import format_count, format_long_date
from webapp.core.memo import ListCache
from webapp.staff.auth import STAFF_PREFIX, has_role, require_reader
from webapp.staff.durations import format_age
from webapp.staff.labels import CAUSE_NOUNS, HEALTH, TASK_KINDS

bp = Blueprint("cockpit", __name__, url_prefix=STAFF_PREFIX)
_CACHE_KEY = "ouvoir.cockpit"
_MAX_TASKS, _MAX_UNFOUND, _UNFOUND_DAYS, _WINDOW_DAYS, _MAX_FILMS = 8, 5, 30, 6, 4


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that waits: how many, in words, since when or how bad, and where it is settled (nowhere for who may not)."""

    count: int
    label: str
    detail: str
    url: str | None


@bp.get("/")
@require_reader
def show_dashboard(agent: Agent) -> Response:
    """One screen."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        lines = list_platform_health(db, now)
        concerns = list(_list_work_items(db, agent, lines, now))
        facts = {
            "lines": lines,
            "rate": sum(get_error_rates(db, CaseCause.AUDIT, now).values(), ErrorRate()),
            "tasks": list_tasks(db, agent, 0, _MAX_TASKS),
            "names": {one.id: one.name for one in list_agents(db)},
            "tasks_open": len(list_open_tasks(db)),
            "openings": list_upcoming_windows(db, get_paris_date(now), get_paris_date(now) + timedelta(days=_WINDOW_DAYS), now),
            "unfound": list_unfound_titles(db, (now - timedelta(days=_UNFOUND_DAYS)).date(), _MAX_UNFOUND),
        }
    waiting = [concern for concern in concerns if concern.count]
    told = {
        "at": now,
        "agent": agent,
        "waiting": waiting,
        "health": HEALTH,
        "kinds": TASK_KINDS,
        "rule_words": format_rule,
        "days": _UNFOUND_DAYS,
        "most": _MAX_FILMS,
    }
    return make_response(render_template("staff/dashboard.html", **told, **facts))


def init_app(app: Flask) -> None:
    """Give the site the dashboard's cache."""
    app.extensions[_CACHE_KEY] = ListCache()


def _get_early_offers(db: Session, now: datetime) -> Anomalies:
    """The offers seen too early, which take long to find: kept until a link or a collection changes, five minutes at most."""
    lists: ListCache = current_app.extensions[_CACHE_KEY]
    return lists.get_or_build("early", (get_state_version(db), get_period_start(now)), lambda: list_early_offers(db, now, 1))


def _list_work_items(db: Session, agent: Agent, lines: list[PlatformHealth], now: datetime) -> Iterator[WorkItem]:
    """All that may wait, the most urgent first."""
    held = sum(line.held for line in lines)
    oldest = [line.run.started_at for line in lines if line.late and line.run]
    late = f"la plus ancienne collecte a {format_age(now - min(oldest))}" if oldest else ""
    yield WorkItem(len(oldest), format_count(len(oldest), "service en retard", "services en retard"), late, "#services")
    runs = url_for("staff_runs.show_runs", etat="held")
    yield WorkItem(held, format_count(held, "collecte à examiner", "collectes à examiner"), "rien n’en est montré", runs)
    robots = [task for task in list_open_tasks(db) if task.kind is TaskKind.ROBOTS]
    told = f"la plus ancienne attend depuis {format_age(now - robots[0].opened_at)}" if robots else ""
    yield WorkItem(len(robots), format_count(len(robots), "robots.txt à relire"), told, url_for("staff_robots.list_hosts"))
    broken = count_broken_links(db).values()
    many, hidden = sum(one.waiting + one.hidden for one in broken), sum(one.hidden for one in broken)
    told = f"{format_count(hidden, 'lien caché', 'liens cachés')} avec ses offres" if hidden else "aucun n’est encore caché"
    yield WorkItem(many, format_count(many, "lien rompu", "liens rompus"), told, url_for("staff_links.show_broken_links"))
    number, first = count_open_reports(db)
    told = f"le plus ancien attend depuis {format_age(now - first)}" if first else ""
    yield WorkItem(
        number,
        format_count(number, "signalement de lecteur", "signalements de lecteurs"),
        told,
        url_for("staff_reports.show_reports"),
    )
    for cause, many in count_open_cases(db).items():
        desk = url_for("review.show_review", motif=cause) if has_role(agent, Role.MANAGER) else None
        yield WorkItem(many, format_count(many, *CAUSE_NOUNS[cause]), "à vérifier", desk)
    early = _get_early_offers(db, now)
    latest = f"la dernière vue le {format_long_date(early.latest[0].first_seen_on)}" if early.latest else ""
    yield WorkItem(
        early.total,
        format_count(early.total, "offre vue avant sa fenêtre", "offres vues avant leur fenêtre"),
        latest,
        url_for("anomalies.list_anomalies"),
    )
