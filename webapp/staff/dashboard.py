"""Show agents, on one screen, what waits for them and how healthy each collection is, the most urgent first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, current_app, url_for
from sqlmodel import Session

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
from webapp.staff.lookups import list_open_tasks_of, map_agent_names
from webapp.staff.pages import render_staff_page

bp = Blueprint("dashboard", __name__, url_prefix=STAFF_PREFIX)
_CACHE_KEY = "ouvoir.dashboard"
_MAX_TASKS = 8
_MAX_UNFOUND_TITLES = 5
_UNFOUND_DAYS = 30
_WINDOW_DAYS = 6
_MAX_FILMS = 4


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Represent something that waits: how many, in words, since when or how bad, and where to settle it (None: no right to)."""

    count: int
    label: str
    detail: str
    url: str | None


def init_app(app: Flask) -> None:
    """Give the site the dashboard's cache."""
    app.extensions[_CACHE_KEY] = ListCache()


@bp.get("/")
@require_reader
def show_dashboard(agent: Agent) -> Response:
    """Show the dashboard."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        platforms = list_platform_health(db, now)
        work_items = [item for item in _list_work_items(db, agent, platforms, now) if item.count]
        context = _load_context(db, agent, now)
    context |= {
        "work_items": work_items,
        "platforms": platforms,
        "health_labels": HEALTH,
        "kinds": TASK_KINDS,
        "format_rule": format_rule,
        "unfound_days": _UNFOUND_DAYS,
        "max_films": _MAX_FILMS,
    }
    return render_staff_page("staff/dashboard.html", agent, context, at=now)


def _load_context(db: Session, agent: Agent, now: datetime) -> dict[str, Any]:
    """Return tasks, error rate, windows about to open and titles searched in vain."""
    today = get_paris_date(now)
    unfound_since = (now - timedelta(days=_UNFOUND_DAYS)).date()
    return {
        "error_rate": sum(get_error_rates(db, CaseCause.AUDIT, now).values(), ErrorRate()),
        "tasks": list_tasks(db, agent, 0, _MAX_TASKS),
        "open_task_count": len(list_open_tasks(db)),
        "names": map_agent_names(db),
        "upcoming_windows": list_upcoming_windows(db, today, today + timedelta(days=_WINDOW_DAYS), now),
        "unfound_titles": list_unfound_titles(db, unfound_since, _MAX_UNFOUND_TITLES),
    }


def _list_work_items(db: Session, agent: Agent, platforms: Sequence[PlatformHealth], now: datetime) -> Iterator[WorkItem]:
    """Yield all that may wait, the most urgent first; what does not wait has a count of zero."""
    yield _get_late_platforms(platforms, now)
    yield _get_held_runs(platforms)
    yield _get_robots_tasks(db, now)
    yield _get_broken_links(db)
    yield _get_reader_reports(db, now)
    yield from _list_review_cases(db, agent)
    yield _get_anomalies(db, now)


def _get_late_platforms(platforms: Sequence[PlatformHealth], now: datetime) -> WorkItem:
    run_starts = [platform.run.started_at for platform in platforms if platform.late and platform.run]
    detail = ""
    if run_starts:
        detail = f"la plus ancienne collecte a {format_age(now - min(run_starts))}"
    count = len(run_starts)
    return WorkItem(count, format_count(count, "service en retard", "services en retard"), detail, "#services")


def _get_held_runs(platforms: Sequence[PlatformHealth]) -> WorkItem:
    count = sum(platform.held for platform in platforms)
    label = format_count(count, "collecte à examiner", "collectes à examiner")
    return WorkItem(count, label, "rien n’en est montré", url_for("staff_runs.show_runs", etat="held"))


def _get_robots_tasks(db: Session, now: datetime) -> WorkItem:
    tasks = list_open_tasks_of(db, TaskKind.ROBOTS)
    detail = ""
    if tasks:
        detail = f"la plus ancienne attend depuis {format_age(now - tasks[0].opened_at)}"
    return WorkItem(len(tasks), format_count(len(tasks), "robots.txt à relire"), detail, url_for("staff_robots.list_hosts"))


def _get_broken_links(db: Session) -> WorkItem:
    counts = count_broken_links(db).values()
    hidden = sum(platform_counts.hidden for platform_counts in counts)
    total = hidden + sum(platform_counts.waiting for platform_counts in counts)
    detail = "aucun n’est encore caché"
    if hidden:
        detail = f"{format_count(hidden, 'lien caché', 'liens cachés')} avec ses offres"
    label = format_count(total, "lien rompu", "liens rompus")
    return WorkItem(total, label, detail, url_for("staff_links.show_broken_links"))


def _get_reader_reports(db: Session, now: datetime) -> WorkItem:
    count, oldest_at = count_open_reports(db)
    detail = ""
    if oldest_at:
        detail = f"le plus ancien attend depuis {format_age(now - oldest_at)}"
    label = format_count(count, "signalement de lecteur", "signalements de lecteurs")
    return WorkItem(count, label, detail, url_for("staff_reports.show_reports"))


def _list_review_cases(db: Session, agent: Agent) -> Iterator[WorkItem]:
    can_review = has_role(agent, Role.MANAGER)
    for cause, count in count_open_cases(db).items():
        url = url_for("review.show_review", motif=cause) if can_review else None
        yield WorkItem(count, format_count(count, *CAUSE_NOUNS[cause]), "à vérifier", url)


def _get_anomalies(db: Session, now: datetime) -> WorkItem:
    anomalies = _get_early_offers(db, now)
    label = format_count(anomalies.total, "offre vue avant sa fenêtre", "offres vues avant leur fenêtre")
    detail = ""
    if anomalies.latest:
        detail = f"la dernière vue le {format_long_date(anomalies.latest[0].first_seen_on)}"
    return WorkItem(anomalies.total, label, detail, url_for("anomalies.list_anomalies"))


def _get_early_offers(db: Session, now: datetime) -> Anomalies:
    """Return the offers seen too early, slow to find: cached until a link or a run changes, five minutes at most."""
    cache: ListCache = current_app.extensions[_CACHE_KEY]
    version = (get_state_version(db), get_period_start(now))
    return cache.get_or_build("early", version, lambda: list_early_offers(db, now, 1))
