"""A delivered catalogue goes through the same door as a collected one: stored aside, checked, then believed or held.

What is its own: a delta stands on the live catalogue, and a rehearsal is told what a true delivery would be.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from domain.common.enums import IssueLevel, Outcome, RunState
from domain.common.settings import VERSION
from domain.common.text import format_count
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import end_run, find_hold_reasons
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.runs import add_issue, open_run, store_observations
from domain.runs.validation import RunCounts, RunExpectations

MAX_ISSUES_PER_KIND = 200
_BATCH = 500


@dataclass(frozen=True)
class DeliveryIssue:
    """Something wrong in a delivery, in French, with the number of the title it concerns."""

    level: IssueLevel
    kind: str
    message: str
    ref: str = ""


@dataclass
class PreparedDelivery:
    """A delivery as read: the titles that stand, what was counted of those that arrived, what was wrong.

    `told_whole` are the titles of a delta whose every product stands: what they no longer offer was withdrawn; `removed` are
    those it takes out. Both are empty in a full list.
    """

    delta: bool
    observations: dict[str, ObservedEntry]
    counts: RunCounts
    issues: list[DeliveryIssue] = field(default_factory=list)
    complete_refs: list[str] = field(default_factory=list)
    removed_refs: list[str] = field(default_factory=list)


def read_live_catalogue(session: Session, platform: Platform) -> dict[str, ObservedEntry]:
    """The platform's current catalogue, as it would be observed again: entries and open offers of its current run."""
    current = (col(Entry.platform_id) == platform.id) & (col(Entry.last_run_id) == platform.current_run_id)
    still_open = (col(Offer.last_run_id) == platform.current_run_id) & col(Offer.closed_at).is_(None)
    rows = session.connection()  # columns, not objects: a large catalogue is read for one delta
    asked = select_columns(col(Offer.entry_id), *_list_model_columns(Offer, ObservedOffer)).join(
        Entry, col(Offer.entry_id) == col(Entry.id)
    )
    offers: defaultdict[int, list[ObservedOffer]] = defaultdict(list)
    for entry_id, *facts in rows.execute(asked.where(current, still_open).order_by(col(Offer.id))):
        offers[entry_id].append(ObservedOffer.model_validate(dict(zip(ObservedOffer.model_fields, facts, strict=True))))
    names = [name for name in ObservedEntry.model_fields if name != "offers"]
    entries = (
        select_columns(col(Entry.id), *_list_model_columns(Entry, ObservedEntry, "offers")).where(current).order_by(col(Entry.id))
    )
    found = (
        ObservedEntry.model_validate({**dict(zip(names, facts, strict=True)), "offers": offers[entry_id]})
        for entry_id, *facts in rows.execute(entries)
    )
    return {line.ref: line for line in found}


def _list_model_columns(table: type[SQLModel], model: type[BaseModel], *excluded: str) -> list[Any]:
    """The columns that hold the fields of a model, in its order."""
    return [col(getattr(table, name)) for name in model.model_fields if name not in excluded]


def apply_delta(live: Mapping[str, ObservedEntry], delivery: PreparedDelivery) -> PreparedDelivery:
    """The catalogue that a delta leads to: the live one, its titles replaced, those removed taken out; counted anew."""
    gone = set(delivery.removed_refs)
    lines = {ref: line for ref, line in live.items() if ref not in gone} | delivery.observations
    left_out = delivery.counts.rows - delivery.counts.kept
    counts = delivery.counts.model_copy(update={"rows": len(lines) + left_out, "announced": None})
    return PreparedDelivery(
        True, lines, count_observations(lines.values(), counts), delivery.issues, delivery.complete_refs, delivery.removed_refs
    )


def count_observations(observations: Iterable[ObservedEntry], counts: RunCounts) -> RunCounts:
    """The counts with the titles and offers kept, and how many titles have each field."""
    filled: Counter[str] = Counter()
    kept = offers = 0
    for line in observations:
        kept += 1
        offers += len(line.offers)
        filled.update(name for name in ObservedEntry.model_fields if getattr(line, name))
        filled["price_cents"] += any(offer.price_cents is not None for offer in line.offers)
    return counts.model_copy(update={"kept": kept, "offers": offers, "filled": dict(filled)})


def has_unaccepted_delivery(session: Session, platform: Platform) -> bool:
    """Whether the platform's last delivery is held, or was rejected: what its editor believes we have is not what we have."""
    last = session.exec(select(Run).where(col(Run.platform_id) == platform.id).order_by(col(Run.id).desc())).first()
    kept_aside = last is not None and last.state in (RunState.HELD, RunState.REJECTED)
    return kept_aside and last is not None and last.outcome is not Outcome.FAILED


def store_delivery(
    session: Session, platform: Platform, delivery: PreparedDelivery, documents: Sequence[dict[str, str]], now: datetime
) -> Run:
    """Puts a delivery beside the live tables, under a run of its own, with its counts and remarks."""
    run = open_run(session, platform, now)
    assert run.id is not None
    lines = list(delivery.observations.values())
    for start in range(0, len(lines), _BATCH):
        store_observations(session, run.id, lines[start : start + _BATCH])
    kinds: Counter[str] = Counter()
    for remark in delivery.issues:
        kinds[remark.kind] += 1
        if kinds[remark.kind] <= MAX_ISSUES_PER_KIND:
            add_issue(session, run.id, remark.level, remark.kind, remark.message, remark.ref)
    for kind, seen in kinds.items():
        if seen > MAX_ISSUES_PER_KIND:
            add_issue(session, run.id, IssueLevel.WARNING, kind, f"et {format_count(seen - MAX_ISSUES_PER_KIND, 'autre')}")
    run.counts, run.documents = delivery.counts.model_dump(), list(documents)
    session.add(run)
    return run


def end_delivery_run(session: Session, run: Run, platform: Platform, delta: bool, now: datetime) -> list[str]:
    """Ends a stored delivery: believed or held by the platform's own measure. Returns why it is held, in French."""
    return end_run(session, run, RunExpectations.model_validate(platform.expect), Outcome.COMPLETE, now, delta)


def rehearse_delivery(session: Session, platform: Platform, delivery: PreparedDelivery, now: datetime) -> list[str]:
    """Why a delivery would be held, in French; empty when it would be believed. Nothing is stored."""
    assert platform.id is not None
    run = Run(platform_id=platform.id, code_version=VERSION, started_at=now, counts=delivery.counts.model_dump())
    return find_hold_reasons(
        session, run, RunExpectations.model_validate(platform.expect), Outcome.COMPLETE, delivery.observations
    )
