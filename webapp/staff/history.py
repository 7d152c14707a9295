"""What was done at the desk, by whom, on what, and what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.agents import list_agents
from domain.common.paris_time import get_day_start
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.runs.runs import STATE_LABELS
from webapp.core import report_labels
from webapp.core.context import open_db_session
from webapp.core.french import format_clock_time, format_long_date
from webapp.core.pagination import parse_page
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.film_labels import list_changes
from webapp.staff.labels import ACTIONS, AUDIT_FIELDS, FIELDS, OUTCOMES, ROLES

bp = Blueprint("staff_history", __name__, url_prefix=STAFF_PREFIX)
_PAGE_SIZE = 50
_MOMENTS = ("wanted", "hidden")


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that an act changed, as it was and as it became; « – » where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An act, who did it, and what it bears on."""

    act: AuditLine
    who: str
    changes: list[Change]
    entry: Entry | None
    film: Film | None
    platform: Platform | None


def _parse_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None  # a day of Paris may begin or end in another year, in UTC


def _read_filters() -> dict[str, Any]:
    """What the address asks for; only what is known counts."""
    action = request.args.get("acte", "")
    day = _parse_day(request.args.get("jour", ""))
    return {"agent": request.args.get("agent", ""), "acte": action if action in ACTIONS else "", "jour": day}


def _build_query(filters: dict[str, Any], agents: dict[int, Agent]) -> SelectOfScalar[AuditLine]:
    lines = select(AuditLine)
    who = next((number for number, one in agents.items() if one.login == filters["agent"]), None)
    if who is not None:
        lines = lines.where(AuditLine.agent_id == who)
    if filters["acte"]:
        lines = lines.where(AuditLine.action == filters["acte"])
    if filters["jour"]:
        begins, ends = get_day_start(filters["jour"]), get_day_start(filters["jour"] + timedelta(days=1))
        lines = lines.where(AuditLine.logged_at >= begins, AuditLine.logged_at < ends)
    return lines.order_by(col(AuditLine.id).desc())


@bp.get("/historique")
@require_reader
def list_acts(agent: Agent) -> Response:
    """The acts of an agent (`agent`), of a kind (`acte`), of a day (`jour`), or all; the last first."""
    asked, page = _read_filters(), parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        agents = {one.id or 0: one for one in list_agents(db)}
        found = db.exec(_build_query(asked, agents).offset((page - 1) * _PAGE_SIZE).limit(_PAGE_SIZE + 1)).all()
        lines = [_build_row(db, line, agents) for line in found[:_PAGE_SIZE]]
    told = {"at": datetime.now(UTC), "agent": agent, "page": page, "more": len(found) > _PAGE_SIZE, "actions": ACTIONS}
    told["names"] = FIELDS | AUDIT_FIELDS
    told |= {"lines": lines, "agents": agents.values(), "asked": asked}
    told["args"] = {name: value or None for name, value in asked.items()}
    return make_response(render_template("staff/history.html", **told))


def _build_row(db: Session, line: AuditLine, agents: dict[int, Agent]) -> HistoryRow:
    who = agents[line.agent_id].name if line.agent_id else _describe_system_actor(line.action)
    entry = db.get(Entry, line.entry_id) if line.entry_id else None
    film = db.get(Film, line.film_id) if line.film_id else None
    return HistoryRow(
        line, who, _list_changes(line), entry, film, db.get(Platform, line.platform_id) if line.platform_id else None
    )


def _describe_system_actor(action: str) -> str:
    """Who acted when no agent did."""
    if action == "withdrawn":
        return "le programme"
    return "inconnu" if action.startswith("sign-in") else "en ligne de commande"


def _list_changes(line: AuditLine) -> list[Change]:
    if line.action.startswith("film-"):
        return [Change(*told) for told in list_changes(line.before, line.after)]
    before, after = line.before or {}, line.after or {}
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [Change(name, _format_value(name, before.get(name)), _format_value(name, after.get(name))) for name in names]


def _format_value(name: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in _MOMENTS:
        moment = datetime.fromisoformat(value)
        return f"{format_long_date(moment)} à {format_clock_time(moment)}"
    return ", ".join(map(str, value)) if isinstance(value, list) else _get_labels(name).get(str(value), str(value))


def _get_labels(name: str) -> Mapping[Any, str]:
    """The words that a fact takes, those of runs and of reports together: none is of both."""
    told: dict[str, list[Mapping[Any, str]]] = {
        "state": [STATE_LABELS, report_labels.get_state_labels()],
        "role": [ROLES],
        "verdict": [OUTCOMES],
    }
    return {str(word): words for some in told.get(name, []) for word, words in some.items()}
