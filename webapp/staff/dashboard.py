"""The cockpit: on one screen, what waits for agents and how healthy each collection is, the most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, url_for
from sqlmodel import Session

from domain.accounts.agents import list_agents
from domain.common.enums import CaseCause, Role, TaskKind
from domain.common.paris_time import day_in_paris
from domain.dashboard import ServiceLine, reports_waiting, service_lines
from domain.models.agent import Agent
from domain.monitoring.link_lists import count_broken
from domain.offers.listings import state_mark
from domain.offers.neutral_order import period_start
from domain.reports.replies import list_unfound
from domain.review.queue import count_waiting
from domain.review.sampling import ErrorRate, error_rates
from domain.tasks import list_tasks, open_tasks
from domain.windows.anomalies import Anomalies, early_offers
from domain.windows.upcoming import windows_opening
from webapp.core.absence_labels import rule_words
from webapp.core.context import session
from webapp.core.french import count, long_date
from webapp.core.memo import Lists
from webapp.staff.auth import PATH, for_readers, may
from webapp.staff.durations import age, capital, signed
from webapp.staff.labels import COUNTED, HEALTH, KINDS
from webapp.staff.navigation import places

pages = Blueprint("cockpit", __name__, url_prefix=PATH)
pages.add_app_template_filter(age)
pages.add_app_template_filter(capital)
pages.add_app_template_filter(signed)
pages.add_app_template_global(may)
pages.add_app_template_global(places)
_LISTS = "ouvoir.cockpit"
_TASKS, _UNFOUND, _DAYS, _AHEAD, _FILMS = 8, 5, 30, 6, 4


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits: how many, in words, since when or how bad, and where it is settled (nowhere for who may not)."""

    number: int
    told: str
    detail: str
    address: str | None


@pages.get("/")
@for_readers
def home(agent: Agent) -> Response:
    """One screen."""
    now = datetime.now(UTC)
    with session() as db:
        lines = service_lines(db, now)
        concerns = list(_concerns(db, agent, lines, now))
        facts = {
            "lines": lines,
            "rate": sum(error_rates(db, CaseCause.AUDIT, now).values(), ErrorRate()),
            "tasks": list_tasks(db, agent, 0, _TASKS),
            "names": {one.id: one.name for one in list_agents(db)},
            "tasks_open": len(open_tasks(db)),
            "openings": windows_opening(db, day_in_paris(now), day_in_paris(now) + timedelta(days=_AHEAD), now),
            "unfound": list_unfound(db, (now - timedelta(days=_DAYS)).date(), _UNFOUND),
        }
    waiting = [concern for concern in concerns if concern.number]
    told = {
        "at": now,
        "agent": agent,
        "waiting": waiting,
        "health": HEALTH,
        "kinds": KINDS,
        "rule_words": rule_words,
        "days": _DAYS,
        "most": _FILMS,
    }
    return make_response(render_template("staff/dashboard.html", **told, **facts))


@pages.record_once
def _begin(state: Any) -> None:
    state.app.extensions[_LISTS] = Lists()


def _early(db: Session, now: datetime) -> Anomalies:
    """The offers seen too early, which take long to find: kept until a link or a collection changes, five minutes at most."""
    lists: Lists = current_app.extensions[_LISTS]
    return lists.take("early", (state_mark(db), period_start(now)), lambda: early_offers(db, now, 1))


def _concerns(db: Session, agent: Agent, lines: list[ServiceLine], now: datetime) -> Iterator[Concern]:
    """All that may wait, the most urgent first."""
    held = sum(line.held for line in lines)
    oldest = [line.run.started for line in lines if line.late and line.run]
    late = f"la plus ancienne collecte a {age(now - min(oldest))}" if oldest else ""
    yield Concern(len(oldest), count(len(oldest), "service en retard", "services en retard"), late, "#services")
    runs = url_for("staff_runs.listed", etat="held")
    yield Concern(held, count(held, "collecte à examiner", "collectes à examiner"), "rien n’en est montré", runs)
    robots = [task for task in open_tasks(db) if task.kind is TaskKind.ROBOTS]
    told = f"la plus ancienne attend depuis {age(now - robots[0].opened)}" if robots else ""
    yield Concern(len(robots), count(len(robots), "robots.txt à relire"), told, url_for("staff_robots.hosts"))
    broken = count_broken(db).values()
    many, hidden = sum(one.waiting + one.hidden for one in broken), sum(one.hidden for one in broken)
    told = f"{count(hidden, 'lien caché', 'liens cachés')} avec ses offres" if hidden else "aucun n’est encore caché"
    yield Concern(many, count(many, "lien rompu", "liens rompus"), told, url_for("staff_links.broken"))
    number, first = reports_waiting(db)
    told = f"le plus ancien attend depuis {age(now - first)}" if first else ""
    yield Concern(
        number, count(number, "signalement de lecteur", "signalements de lecteurs"), told, url_for("staff_reports.waiting")
    )
    for cause, many in count_waiting(db).items():
        desk = url_for("review.desk", motif=cause) if may(agent, Role.MANAGER) else None
        yield Concern(many, count(many, *COUNTED[cause]), "à vérifier", desk)
    early = _early(db, now)
    latest = f"la dernière vue le {long_date(early.latest[0].seen)}" if early.latest else ""
    yield Concern(
        early.number,
        count(early.number, "offre vue avant sa fenêtre", "offres vues avant leur fenêtre"),
        latest,
        url_for("anomalies.early"),
    )
