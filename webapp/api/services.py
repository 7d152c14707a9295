"""The services: by what right each stands here, how fresh it is, its collections."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, url_for
from sqlmodel import Session, col, func, select

from domain.common.enums import RunState
from domain.common.isoformat import format_iso
from domain.models.platform import Platform as PlatformRow
from domain.models.run import Run as RunRow
from domain.runs.runs import get_run_counts
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.operations import declare_get
from webapp.api.parameters import NoParams, PageParams
from webapp.api.responses import add_link_header, build_cacheable_response, build_common_fields
from webapp.api.schemas import Legal, Platform, PlatformAnswer, PlatformsAnswer, Run, RunsAnswer
from webapp.core.context import open_db_session
from webapp.core.service_register import get_absence_reason, get_service_or_404, load_service_state, sort_by_name

RunsByPlatform = Mapping[int, RunRow]
_CURSOR_NAME = "runs"
_PLATFORM_FIELDS = {"slug", "name", "operator", "country", "status", "status_note", "accesses", "site", "replaces"}


@declare_get(
    "/platforms",
    NoParams,
    PlatformsAnswer,
    "Les services",
    "Tous ceux du registre, avec la preuve que chacun est légal, et l’âge de ce qui en est montré.",
)
def platforms(params: NoParams) -> Response:
    """The register."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        known = sort_by_name(list(db.exec(select(PlatformRow))))
        current = db.exec(select(RunRow).join(PlatformRow, _is_current()))
        shown = {run.platform_id: run for run in current}
        held = _load_last_held_runs(db)
    told = [Platform(**_build_platform_fields(one, shown.get(one.id or 0), held.get(one.id or 0))) for one in known]
    return build_cacheable_response(PlatformsAnswer(**build_common_fields(at), platforms=told), at)


def _is_current() -> Any:
    return col(PlatformRow.current_run_id) == col(RunRow.id)


def _load_last_held_runs(db: Session) -> RunsByPlatform:
    newest = select(func.max(RunRow.id)).where(RunRow.state == RunState.HELD)
    newest = newest.group_by(col(RunRow.platform_id))
    return {run.platform_id: run for run in db.exec(select(RunRow).where(col(RunRow.id).in_(newest)))}


@declare_get(
    "/platforms/<slug>", NoParams, PlatformAnswer, "Un service", "Et ce que les lignes de sa dernière collecte sont devenues."
)
def platform(params: NoParams, slug: str) -> Response:
    """One service."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        found = get_service_or_404(db, slug)
        state = load_service_state(db, found)
    told = PlatformAnswer(
        **build_common_fields(at),
        **_build_platform_fields(found, state.run, state.held_run),
        run=_build_run(state.run) if state.run else None,
        rows_linked=state.linked,
        rows_doubtful=state.doubtful,
        rows_unlinked=state.unlinked,
    )
    return build_cacheable_response(told, at)


@declare_get("/platforms/<slug>/runs", PageParams, RunsAnswer, "Les collectes d’un service", "La dernière d’abord.")
def runs(params: PageParams, slug: str) -> Response:
    """The collections of a service."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        found = get_service_or_404(db, slug)
        before = read_cursor(_CURSOR_NAME, params.cursor)
        wanted = select(RunRow).where(RunRow.platform_id == found.id)
        if before:
            wanted = wanted.where(col(RunRow.id) < before[0])
        page = db.exec(wanted.order_by(col(RunRow.id).desc()).limit(params.limit + 1)).all()
    told = [_build_run(run) for run in page[: params.limit]]
    after = write_cursor(_CURSOR_NAME, told[-1].id) if len(page) > params.limit else None
    sent = build_cacheable_response(RunsAnswer(**build_common_fields(at), runs=told, cursor=after), at)
    add_link_header(sent, "first", cursor=None)
    if after:
        add_link_header(sent, "next", cursor=after)
    return sent


def _build_run(run: RunRow) -> Run:
    counts = get_run_counts(run)
    return Run(
        id=run.id or 0,
        state=run.state,
        outcome=run.outcome,
        started=format_iso(run.started_at) or "",
        ended=format_iso(run.ended_at),
        rows=counts.rows,
        kept=counts.kept,
    )


def _build_platform_fields(platform: PlatformRow, run: RunRow | None, held: RunRow | None) -> dict[str, Any]:
    """The facts of `Platform`."""
    reason = get_absence_reason(platform)
    later = held if held and (run is None or held.started_at > run.started_at) else None
    return {
        **platform.model_dump(include=_PLATFORM_FIELDS),
        "shown": reason is None,
        "absent_reason": reason,
        "legal": Legal(
            basis=platform.legal_basis,
            evidence=platform.legal_evidence,
            checked_on=platform.legal_checked_on.isoformat(),
            doubt=platform.legal_doubt,
        ),
        "collected_at": format_iso(run.started_at) if run else None,
        "held_at": format_iso(later.started_at) if later else None,
        "page": url_for("browse.show_service", slug=platform.slug, _external=True),
        "details": url_for("api.platform", slug=platform.slug, _external=True),
    }
