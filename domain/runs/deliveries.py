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

from domain.common.enums import Level, Outcome, RunState
from domain.common.settings import VERSION
from domain.common.text import counted
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import reasons_to_hold, settle
from domain.runs.observation import Observed, ObservedOffer
from domain.runs.runs import add_issue, open_run, store_observations
from domain.runs.validation import Expect, RunCounts

ISSUES_PER_KIND = 200
_BATCH = 500


@dataclass(frozen=True)
class Remark:
    """Something wrong in a delivery, in French, with the number of the title it concerns."""

    level: Level
    kind: str
    message: str
    ref: str = ""


@dataclass
class Parcel:
    """A delivery as read: the titles that stand, what was counted of those that arrived, what was wrong.

    `told_whole` are the titles of a delta whose every product stands: what they no longer offer was withdrawn; `removed` are
    those it takes out. Both are empty in a full list.
    """

    delta: bool
    lines: dict[str, Observed]
    counts: RunCounts
    remarks: list[Remark] = field(default_factory=list)
    told_whole: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def live_lines(session: Session, platform: Platform) -> dict[str, Observed]:
    """The platform's current catalogue, as it would be observed again: entries and open offers of its current run."""
    current = (col(Entry.platform_id) == platform.id) & (col(Entry.last_run_id) == platform.current_run_id)
    still_open = (col(Offer.last_run_id) == platform.current_run_id) & col(Offer.closed_at).is_(None)
    rows = session.connection()  # columns, not objects: a large catalogue is read for one delta
    asked = select_columns(col(Offer.entry_id), *_columns(Offer, ObservedOffer)).join(Entry, col(Offer.entry_id) == col(Entry.id))
    offers: defaultdict[int, list[ObservedOffer]] = defaultdict(list)
    for entry_id, *facts in rows.execute(asked.where(current, still_open).order_by(col(Offer.id))):
        offers[entry_id].append(ObservedOffer.model_validate(dict(zip(ObservedOffer.model_fields, facts, strict=True))))
    names = [name for name in Observed.model_fields if name != "offers"]
    entries = select_columns(col(Entry.id), *_columns(Entry, Observed, "offers")).where(current).order_by(col(Entry.id))
    found = (
        Observed.model_validate({**dict(zip(names, facts, strict=True)), "offers": offers[entry_id]})
        for entry_id, *facts in rows.execute(entries)
    )
    return {line.ref: line for line in found}


def _columns(table: type[SQLModel], model: type[BaseModel], *but: str) -> list[Any]:
    """The columns that hold the fields of a model, in its order."""
    return [col(getattr(table, name)) for name in model.model_fields if name not in but]


def onto(live: Mapping[str, Observed], parcel: Parcel) -> Parcel:
    """The catalogue that a delta leads to: the live one, its titles replaced, those removed taken out; counted anew."""
    gone = set(parcel.removed)
    lines = {ref: line for ref, line in live.items() if ref not in gone} | parcel.lines
    left_out = parcel.counts.rows - parcel.counts.kept
    counts = parcel.counts.model_copy(update={"rows": len(lines) + left_out, "announced": None})
    return Parcel(True, lines, counted_lines(lines.values(), counts), parcel.remarks, parcel.told_whole, parcel.removed)


def counted_lines(lines: Iterable[Observed], counts: RunCounts) -> RunCounts:
    """The counts with the titles and offers kept, and how many titles have each field."""
    filled: Counter[str] = Counter()
    kept = offers = 0
    for line in lines:
        kept += 1
        offers += len(line.offers)
        filled.update(name for name in Observed.model_fields if getattr(line, name))
        filled["price_cents"] += any(offer.price_cents is not None for offer in line.offers)
    return counts.model_copy(update={"kept": kept, "offers": offers, "filled": dict(filled)})


def waits_for_agents(session: Session, platform: Platform) -> bool:
    """Whether the platform's last delivery is held, or was rejected: what its editor believes we have is not what we have."""
    last = session.exec(select(Run).where(col(Run.platform_id) == platform.id).order_by(col(Run.id).desc())).first()
    kept_aside = last is not None and last.state in (RunState.HELD, RunState.REJECTED)
    return kept_aside and last is not None and last.outcome is not Outcome.FAILED


def store_parcel(session: Session, platform: Platform, parcel: Parcel, documents: Sequence[dict[str, str]], now: datetime) -> Run:
    """Puts a delivery beside the live tables, under a run of its own, with its counts and remarks."""
    run = open_run(session, platform, now)
    assert run.id is not None
    lines = list(parcel.lines.values())
    for start in range(0, len(lines), _BATCH):
        store_observations(session, run.id, lines[start : start + _BATCH])
    kinds: Counter[str] = Counter()
    for remark in parcel.remarks:
        kinds[remark.kind] += 1
        if kinds[remark.kind] <= ISSUES_PER_KIND:
            add_issue(session, run.id, remark.level, remark.kind, remark.message, remark.ref)
    for kind, seen in kinds.items():
        if seen > ISSUES_PER_KIND:
            add_issue(session, run.id, Level.WARNING, kind, f"et {counted(seen - ISSUES_PER_KIND, 'autre')}")
    run.counts, run.documents = parcel.counts.model_dump(), list(documents)
    session.add(run)
    return run


def settle_delivery(session: Session, run: Run, platform: Platform, delta: bool, now: datetime) -> list[str]:
    """Ends a stored delivery: believed or held by the platform's own measure. Returns why it is held, in French."""
    return settle(session, run, Expect.model_validate(platform.expect), Outcome.COMPLETE, now, delta)


def rehearse_delivery(session: Session, platform: Platform, parcel: Parcel, now: datetime) -> list[str]:
    """Why a delivery would be held, in French; empty when it would be believed. Nothing is stored."""
    assert platform.id is not None
    run = Run(platform_id=platform.id, code_version=VERSION, started=now, counts=parcel.counts.model_dump())
    return reasons_to_hold(session, run, Expect.model_validate(platform.expect), Outcome.COMPLETE, parcel.lines)
