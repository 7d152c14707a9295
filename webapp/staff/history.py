"""Show agents the audit trail: what was done, by whom, on what, and what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
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
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.film_labels import format_boolean, list_changes
from webapp.staff.labels import ACTIONS, AUDIT_FIELDS, FIELDS, OUTCOMES, ROLES
from webapp.staff.lookups import find_row, map_agent_names
from webapp.staff.pages import LOOKAHEAD_LIMIT, Page, get_offset, make_page, read_page_number, render_staff_page

bp = Blueprint("staff_history", __name__, url_prefix=STAFF_PREFIX)
_MOMENT_FIELDS = ("wanted", "hidden")


@dataclass(frozen=True, slots=True)
class Change:
    """Represent a fact that an act changed, as it was and as it became; « – » where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Represent an act, who did it, and what it bears on."""

    act: AuditLine
    who: str
    changes: list[Change]
    entry: Entry | None
    film: Film | None
    platform: Platform | None


@dataclass(frozen=True, slots=True)
class HistoryFilters:
    """Store what the address asks for: an agent's login, a kind of act, a day; only known values count."""

    login: str
    action: str
    day: date | None

    def get_args(self) -> dict[str, Any]:
        """Return the filters as the address writes them."""
        return {"agent": self.login or None, "acte": self.action or None, "jour": self.day}


@bp.get("/historique")
@require_reader
def list_acts(agent: Agent) -> Response:
    """List the acts of an agent (`agent`), of a kind (`acte`), of a day (`jour`), or all; the last first."""
    filters = _read_filters()
    with open_db_session() as db:
        agents = list_agents(db)
        page = _load_page(db, filters, agents)
    context = {
        "page": page,
        "args": filters.get_args(),
        "filters": filters,
        "accounts": agents,
        "actions": ACTIONS,
        "names": FIELDS | AUDIT_FIELDS,
    }
    return render_staff_page("staff/history.html", agent, context)


def _read_filters() -> HistoryFilters:
    action = request.args.get("acte", "")
    if action not in ACTIONS:
        action = ""
    day = _parse_day(request.args.get("jour", ""))
    return HistoryFilters(request.args.get("agent", ""), action, day)


def _parse_day(text: str) -> date | None:
    """Return a day written 2026-11-22, None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    is_in_range = date.min.year < day.year < date.max.year  # a day of Paris may begin or end in another year, in UTC
    return day if is_in_range else None


def _load_page(db: Session, filters: HistoryFilters, agents: Sequence[Agent]) -> Page[HistoryRow]:
    page_number = read_page_number()
    names = map_agent_names(db)
    ids_by_login = {account.login: account.id for account in agents}
    stmt = _build_query(filters, ids_by_login.get(filters.login))
    acts = db.exec(stmt.offset(get_offset(page_number)).limit(LOOKAHEAD_LIMIT)).all()
    return make_page(page_number, acts).map_rows(lambda act: _build_row(db, act, names))


def _build_query(filters: HistoryFilters, agent_id: int | None) -> SelectOfScalar[AuditLine]:
    stmt = select(AuditLine).order_by(col(AuditLine.id).desc())
    if agent_id is not None:
        stmt = stmt.where(AuditLine.agent_id == agent_id)
    if filters.action:
        stmt = stmt.where(AuditLine.action == filters.action)
    if filters.day:
        start = get_day_start(filters.day)
        end = get_day_start(filters.day + timedelta(days=1))
        stmt = stmt.where(AuditLine.logged_at >= start, AuditLine.logged_at < end)
    return stmt


def _build_row(db: Session, act: AuditLine, names: Mapping[int | None, str]) -> HistoryRow:
    return HistoryRow(
        act=act,
        who=names[act.agent_id] if act.agent_id else _describe_system_actor(act.action),
        changes=_list_changes(act),
        entry=find_row(db, Entry, act.entry_id),
        film=find_row(db, Film, act.film_id),
        platform=find_row(db, Platform, act.platform_id),
    )


def _describe_system_actor(action: str) -> str:
    """Return who acted when no agent did."""
    if action == "withdrawn":
        return "le programme"
    return "inconnu" if action.startswith("sign-in") else "en ligne de commande"


def _list_changes(act: AuditLine) -> list[Change]:
    if act.action.startswith("film-"):
        return [Change(*change) for change in list_changes(act.before, act.after)]
    before = act.before or {}
    after = act.after or {}
    changes = []
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            changes.append(Change(name, _format_value(name, before.get(name)), _format_value(name, after.get(name))))
    return changes


def _format_value(name: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return format_boolean(value)
    if name in _MOMENT_FIELDS:
        moment = datetime.fromisoformat(value)
        return f"{format_long_date(moment)} à {format_clock_time(moment)}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _get_labels(name).get(str(value), str(value))


def _get_labels(name: str) -> Mapping[Any, str]:
    """Return the labels of a field's values."""
    if name == "state":  # of a run or of a report: no value is of both
        return STATE_LABELS | report_labels.get_state_labels()
    labels: dict[str, Mapping[Any, str]] = {"role": ROLES, "verdict": OUTCOMES}
    return labels.get(name, {})
