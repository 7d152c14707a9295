"""What was done at the desk, by whom, on what, and what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.accounts.agents import list_agents
from domain.common.paris_time import start_of
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.runs.runs import STATES
from webapp.core import report_labels
from webapp.core.context import session
from webapp.core.french import clock, long_date
from webapp.core.pagination import read_page
from webapp.staff.auth import PATH, for_readers
from webapp.staff.film_labels import tell_changes
from webapp.staff.labels import ACTIONS, FIELDS, OUTCOMES, ROLES, TRAIL_FACTS

pages = Blueprint("staff_history", __name__, url_prefix=PATH)
_SHOWN = 50
_MOMENTS = ("wanted", "hidden")


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that an act changed, as it was and as it became; « – » where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """An act, who did it, and what it bears on."""

    act: AuditLine
    who: str
    changes: list[Change]
    entry: Entry | None
    film: Film | None
    platform: Platform | None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None  # a day of Paris may begin or end in another year, in UTC


def _asked() -> dict[str, Any]:
    """What the address asks for; only what is known counts."""
    action = request.args.get("acte", "")
    day = _day(request.args.get("jour", ""))
    return {"agent": request.args.get("agent", ""), "acte": action if action in ACTIONS else "", "jour": day}


def _narrowed(asked: dict[str, Any], agents: dict[int, Agent]) -> SelectOfScalar[AuditLine]:
    lines = select(AuditLine)
    who = next((number for number, one in agents.items() if one.login == asked["agent"]), None)
    if who is not None:
        lines = lines.where(AuditLine.agent_id == who)
    if asked["acte"]:
        lines = lines.where(AuditLine.action == asked["acte"])
    if asked["jour"]:
        begins, ends = start_of(asked["jour"]), start_of(asked["jour"] + timedelta(days=1))
        lines = lines.where(AuditLine.at >= begins, AuditLine.at < ends)
    return lines.order_by(col(AuditLine.id).desc())


@pages.get("/historique")
@for_readers
def acts(agent: Agent) -> Response:
    """The acts of an agent (`agent`), of a kind (`acte`), of a day (`jour`), or all; the last first."""
    asked, page = _asked(), read_page(request.args.get("page", "1"))
    with session() as db:
        agents = {one.id or 0: one for one in list_agents(db)}
        found = db.exec(_narrowed(asked, agents).offset((page - 1) * _SHOWN).limit(_SHOWN + 1)).all()
        lines = [_line(db, line, agents) for line in found[:_SHOWN]]
    told = {"at": datetime.now(UTC), "agent": agent, "page": page, "more": len(found) > _SHOWN, "actions": ACTIONS}
    told["names"] = FIELDS | TRAIL_FACTS
    told |= {"lines": lines, "agents": agents.values(), "asked": asked}
    told["args"] = {name: value or None for name, value in asked.items()}
    return make_response(render_template("staff/history.html", **told))


def _line(db: Session, line: AuditLine, agents: dict[int, Agent]) -> Line:
    who = agents[line.agent_id].name if line.agent_id else _nobody(line.action)
    entry = db.get(Entry, line.entry_id) if line.entry_id else None
    film = db.get(Film, line.film_id) if line.film_id else None
    return Line(line, who, _changes(line), entry, film, db.get(Platform, line.platform_id) if line.platform_id else None)


def _nobody(action: str) -> str:
    """Who acted when no agent did."""
    if action == "withdrawn":
        return "le programme"
    return "inconnu" if action.startswith("sign-in") else "en ligne de commande"


def _changes(line: AuditLine) -> list[Change]:
    if line.action.startswith("film-"):
        return [Change(*told) for told in tell_changes(line.before, line.after)]
    before, after = line.before or {}, line.after or {}
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [Change(name, _told(name, before.get(name)), _told(name, after.get(name))) for name in names]


def _told(name: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in _MOMENTS:
        moment = datetime.fromisoformat(value)
        return f"{long_date(moment)} à {clock(moment)}"
    return ", ".join(map(str, value)) if isinstance(value, list) else _values(name).get(str(value), str(value))


def _values(name: str) -> Mapping[Any, str]:
    """The words that a fact takes, those of runs and of reports together: none is of both."""
    told: dict[str, list[Mapping[Any, str]]] = {"state": [STATES, report_labels.states()], "role": [ROLES], "verdict": [OUTCOMES]}
    return {str(word): words for some in told.get(name, []) for word, words in some.items()}
