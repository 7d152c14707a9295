"""Return the services: the evidence that each is legal, how fresh it is, and its runs."""

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
from webapp.api.operations import get_operation
from webapp.api.parameters import NoParams, PageParams
from webapp.api.responses import add_cursor_links, build_cacheable_response, build_common_fields
from webapp.api.schemas import Legal, Platform, PlatformAnswer, PlatformsAnswer, Run, RunsAnswer
from webapp.core.context import open_db_session
from webapp.core.service_register import get_absence_reason, get_service_or_404, load_service_state, sort_by_name

RunsByPlatform = Mapping[int, RunRow]
_CURSOR_NAME = "runs"
_PLATFORM_FIELDS = {"slug", "name", "operator", "country", "status", "status_note", "accesses", "site", "replaces"}


@get_operation(
    "platforms",
    "/platforms",
    NoParams,
    PlatformsAnswer,
    "Les services",
    "Tous ceux du registre, avec la preuve que chacun est légal, et l’âge de ce qui en est montré.",
)
def list_platforms(params: NoParams) -> Response:
    """Return the whole register, by name."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        rows = sort_by_name(list(db.exec(select(PlatformRow))))
        current_runs = {run.platform_id: run for run in db.exec(select(RunRow).join(PlatformRow, _is_current()))}
        held_runs = _load_last_held_runs(db)
    platforms = []
    for row in rows:
        assert row.id is not None
        platforms.append(Platform(**_build_platform_fields(row, current_runs.get(row.id), held_runs.get(row.id))))
    return build_cacheable_response(PlatformsAnswer(**build_common_fields(at), platforms=platforms), at)


def _is_current() -> Any:
    return col(PlatformRow.current_run_id) == col(RunRow.id)


def _load_last_held_runs(db: Session) -> RunsByPlatform:
    newest_ids = select(func.max(RunRow.id)).where(RunRow.state == RunState.HELD).group_by(col(RunRow.platform_id))
    return {run.platform_id: run for run in db.exec(select(RunRow).where(col(RunRow.id).in_(newest_ids)))}


@get_operation(
    "platform",
    "/platforms/<slug>",
    NoParams,
    PlatformAnswer,
    "Un service",
    "Et ce que les lignes de sa dernière collecte sont devenues.",
)
def show_platform(params: NoParams, slug: str) -> Response:
    """Return one service, and what became of the rows of its last run."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        state = load_service_state(db, platform)
    answer = PlatformAnswer(
        **build_common_fields(at),
        **_build_platform_fields(platform, state.run, state.held_run),
        run=_build_run(state.run) if state.run else None,
        rows_linked=state.linked,
        rows_doubtful=state.doubtful,
        rows_unlinked=state.unlinked,
    )
    return build_cacheable_response(answer, at)


@get_operation("runs", "/platforms/<slug>/runs", PageParams, RunsAnswer, "Les collectes d’un service", "La dernière d’abord.")
def list_runs(params: PageParams, slug: str) -> Response:
    """Return the runs of a service, the last one first."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        stmt = select(RunRow).where(RunRow.platform_id == platform.id).order_by(col(RunRow.id).desc()).limit(params.limit + 1)
        if position := read_cursor(_CURSOR_NAME, params.cursor):
            stmt = stmt.where(col(RunRow.id) < position[0])
        rows = db.exec(stmt).all()
    runs = [_build_run(run) for run in rows[: params.limit]]
    cursor = write_cursor(_CURSOR_NAME, runs[-1].id) if len(rows) > params.limit else None
    answer = RunsAnswer(**build_common_fields(at), runs=runs, cursor=cursor)
    return add_cursor_links(build_cacheable_response(answer, at), cursor)


def _build_run(run: RunRow) -> Run:
    assert run.id is not None
    counts = get_run_counts(run)
    return Run(
        id=run.id,
        state=run.state,
        outcome=run.outcome,
        started=format_iso(run.started_at) or "",
        ended=format_iso(run.ended_at),
        rows=counts.rows,
        kept=counts.kept,
    )


def _build_platform_fields(platform: PlatformRow, run: RunRow | None, held: RunRow | None) -> dict[str, Any]:
    """Return the fields of `Platform`."""
    reason = get_absence_reason(platform)
    is_held_since = held is not None and (run is None or held.started_at > run.started_at)
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
        "held_at": format_iso(held.started_at) if held and is_held_since else None,
        "page": url_for("browse.show_service", slug=platform.slug, _external=True),
        "details": url_for("api.platform", slug=platform.slug, _external=True),
    }
