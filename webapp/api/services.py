"""The services: by what right each stands here, how fresh it is, its collections."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, url_for
from sqlmodel import Session, col, func, select

from domain import models
from domain.common.enums import RunState
from domain.common.isoformat import iso
from domain.runs.runs import counts_of
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.operations import reads
from webapp.api.parameters import Nothing, Paged
from webapp.api.responses import common, link, send_kept
from webapp.api.schemas import Legal, Platform, PlatformAnswer, PlatformsAnswer, Run, RunsAnswer
from webapp.core.context import session
from webapp.core.service_register import by_name, read_state, why_absent
from webapp.public.browse.services import find_service

Runs = Mapping[int, models.run.Run]
_RUNS = "runs"
_OWN = {"slug", "name", "operator", "country", "status", "status_note", "accesses", "site", "replaces"}


@reads(
    "/platforms",
    Nothing,
    PlatformsAnswer,
    "Les services",
    "Tous ceux du registre, avec la preuve que chacun est légal, et l’âge de ce qui en est montré.",
)
def platforms(asked: Nothing) -> Response:
    """The register."""
    at = datetime.now(UTC)
    with session() as db:
        known = by_name(list(db.exec(select(models.platform.Platform))))
        current = db.exec(select(models.run.Run).join(models.platform.Platform, _is_current()))
        shown = {run.platform_id: run for run in current}
        held = _last_held(db)
    told = [Platform(**_facts(one, shown.get(one.id or 0), held.get(one.id or 0))) for one in known]
    return send_kept(PlatformsAnswer(**common(at), platforms=told), at)


def _is_current() -> Any:
    return col(models.platform.Platform.current_run_id) == col(models.run.Run.id)


def _last_held(db: Session) -> Runs:
    newest = select(func.max(models.run.Run.id)).where(models.run.Run.state == RunState.HELD)
    newest = newest.group_by(col(models.run.Run.platform_id))
    return {run.platform_id: run for run in db.exec(select(models.run.Run).where(col(models.run.Run.id).in_(newest)))}


@reads("/platforms/<slug>", Nothing, PlatformAnswer, "Un service", "Et ce que les lignes de sa dernière collecte sont devenues.")
def platform(asked: Nothing, slug: str) -> Response:
    """One service."""
    at = datetime.now(UTC)
    with session() as db:
        found = find_service(db, slug)
        state = read_state(db, found)
    told = PlatformAnswer(
        **common(at),
        **_facts(found, state.run, state.held),
        run=_run(state.run) if state.run else None,
        rows_linked=state.linked,
        rows_doubtful=state.doubtful,
        rows_unlinked=state.unlinked,
    )
    return send_kept(told, at)


@reads("/platforms/<slug>/runs", Paged, RunsAnswer, "Les collectes d’un service", "La dernière d’abord.")
def runs(asked: Paged, slug: str) -> Response:
    """The collections of a service."""
    at = datetime.now(UTC)
    with session() as db:
        found = find_service(db, slug)
        before = read_cursor(_RUNS, asked.cursor)
        wanted = select(models.run.Run).where(models.run.Run.platform_id == found.id)
        if before:
            wanted = wanted.where(col(models.run.Run.id) < before[0])
        page = db.exec(wanted.order_by(col(models.run.Run.id).desc()).limit(asked.limit + 1)).all()
    told = [_run(run) for run in page[: asked.limit]]
    after = write_cursor(_RUNS, told[-1].id) if len(page) > asked.limit else None
    sent = send_kept(RunsAnswer(**common(at), runs=told, cursor=after), at)
    link(sent, "first", cursor=None)
    if after:
        link(sent, "next", cursor=after)
    return sent


def _run(run: models.run.Run) -> Run:
    counts = counts_of(run)
    return Run(
        id=run.id or 0,
        state=run.state,
        outcome=run.outcome,
        started=iso(run.started) or "",
        ended=iso(run.ended),
        rows=counts.rows,
        kept=counts.kept,
    )


def _facts(platform: models.platform.Platform, run: models.run.Run | None, held: models.run.Run | None) -> dict[str, Any]:
    """The facts of `Platform`."""
    reason = why_absent(platform)
    later = held if held and (run is None or held.started > run.started) else None
    return {
        **platform.model_dump(include=_OWN),
        "shown": reason is None,
        "absent_reason": reason,
        "legal": Legal(
            basis=platform.legal_basis,
            evidence=platform.legal_evidence,
            checked_on=platform.legal_checked_on.isoformat(),
            doubt=platform.legal_doubt,
        ),
        "collected_at": iso(run.started) if run else None,
        "held_at": iso(later.started) if later else None,
        "page": url_for("browse.service", slug=platform.slug, _external=True),
        "details": url_for("api.platform", slug=platform.slug, _external=True),
    }
