"""Show agents the links that lead nowhere: what the service last answered, since when, of which films; restore one by hand."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import MAX_REASON_LENGTH
from domain.common.enums import LinkFinding, TaskKind
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.monitoring.link_checks import DAYS_BEFORE_HIDING, restore_link
from domain.monitoring.link_lists import count_broken_links, list_broken_links, map_films_by_check
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.lookups import list_open_tasks_of
from webapp.staff.pages import LOOKAHEAD_LIMIT, get_offset, make_page, read_page_number, render_staff_page

bp = Blueprint("staff_links", __name__, url_prefix=STAFF_PREFIX)
_MAX_FILMS = 5
_FINDING_LABELS = {
    LinkFinding.FINE: "page trouvée",
    LinkFinding.GONE: "page absente",
    LinkFinding.FAULT: "panne ou pas de réponse",
    LinkFinding.REFUSED: "refus",
}


@bp.get("/liens")
@require_reader
def show_broken_links(agent: Agent) -> Response:
    """List the links of a service (`service`), or of all, that led nowhere when last checked; the hidden ones first."""
    return _render_links(agent)


def _render_links(agent: Agent, problem: str = "", refused_id: int | None = None) -> Response:
    """Render the list; `refused_id` is the check whose link could not be restored, shown open with the reason typed."""
    with open_db_session() as db:
        context = _load_links(db) | _load_link_tasks(db)
    context |= {
        "problem": problem,
        "refused_id": refused_id,
        "typed": request.form.get("raison", ""),
        "max_length": MAX_REASON_LENGTH,
        "days": DAYS_BEFORE_HIDING,
        "max_films": _MAX_FILMS,
        "describe_check": describe_check,
    }
    return render_staff_page("staff/links.html", agent, context)


def _load_links(db: Session) -> dict[str, Any]:
    """Return a page of broken links, with the services to choose from."""
    page_number = read_page_number()
    counts = count_broken_links(db)
    platforms = db.exec(select(Platform).where(col(Platform.id).in_(counts)).order_by(col(Platform.name))).all()
    slug = _read_slug(platforms)
    links = list_broken_links(db, slug or "", get_offset(page_number), LOOKAHEAD_LIMIT)
    page = make_page(page_number, links)
    return {
        "page": page,
        "args": {"service": slug},
        "films": map_films_by_check(db, [check for check, _ in page.rows]),
        "counts": counts,
        "platforms": platforms,
        "chosen": next((platform for platform in platforms if platform.slug == slug), None),
    }


def _read_slug(platforms: Iterable[Platform]) -> str | None:
    """Return the service asked for, None when it has no broken link or is not known."""
    slug = request.args.get("service", "")
    return slug if slug in {platform.slug for platform in platforms} else None


def _load_link_tasks(db: Session) -> dict[str, Any]:
    """Return the last open task about the links of each service, and the names of these services."""
    tasks = {task.platform_id: task for task in list_open_tasks_of(db, TaskKind.LINKS)}
    platforms: Sequence[Platform] = db.exec(select(Platform).where(col(Platform.id).in_(tasks))).all()
    return {"tasks": list(tasks.values()), "names": {platform.id: platform.name for platform in platforms}}


def describe_check(check: LinkCheck) -> str:
    """Return what a service last answered: « page absente (404) », « page absente (renvoi à l’accueil, 302) »."""
    label = _FINDING_LABELS[check.finding]
    if not check.status:
        return label
    is_redirect = 300 <= check.status < 400
    if check.finding is LinkFinding.GONE and is_redirect:
        return f"{label} (renvoi à l’accueil, {check.status})"
    return f"{label} ({check.status})"


@bp.post(f"/liens/<{ID_CONVERTER}:check_id>/retablir")
@require_manager
def confirm_restore(agent: Agent, check_id: int) -> AnyResponse:
    """Show a hidden link again; the same list says why when it cannot be."""
    reason = request.form.get("raison", "")
    try:
        with write_session(get_engine()) as db:
            restore_link(db, check_id, agent, reason, datetime.now(UTC))
    except UserError as error:
        return _render_links(agent, format_problem(error), check_id)
    return redirect(url_for(".show_broken_links", service=request.args.get("service") or None), 303)
