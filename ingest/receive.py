"""Receive a delivery: one at a time for a service, replayed when it was received before, else checked, then accepted or held."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.db.locks import LockBusyError, get_crawl_lock, hold_lock
from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.deliveries import (
    PreparedDelivery,
    apply_delta,
    clear_old_lines,
    end_delivery_run,
    find_duplicate_delivery,
    has_unaccepted_delivery,
    read_live_catalogue,
    refresh_report_state,
    rehearse_delivery,
    store_delivery,
)
from domain.runs.hold_reasons import format_hold_reasons
from domain.runs.observation import ObservedEntry
from domain.runs.runs import get_run
from ingest.body_slot import BodySlot
from ingest.catalogue import CheckedDelivery, ReceivedDelivery, read_titles
from ingest.delivery_report import DeliveryOutcome, build_report_head, build_report_lines
from ingest.refusals import IngestRefusedError, RefusalCode
from ingest.results import Fault, LineResult

LiveTitles = Mapping[str, ObservedEntry]


@dataclass(frozen=True)
class PostedDelivery:
    """A delivery as it was posted, with the hash of its bytes and parameters, and the key under which it may be repeated."""

    received: ReceivedDelivery
    sha256: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class DeliveryResult:
    """The report that answers a delivery; `repeated` when the same delivery had been received before."""

    report: dict[str, Any]
    lines: Sequence[dict[str, Any]] = field(default_factory=list)
    repeated: bool = False


@dataclass(frozen=True)
class _ReadDelivery:
    """A delivery read to its end, the platform it is for, and its titles that are live now (only a delta needs them)."""

    key: EditorKey
    platform: Platform
    posted: PostedDelivery
    checked: CheckedDelivery
    live: LiveTitles


def receive_delivery(
    engine: Engine, key: EditorKey, slot: BodySlot, open_body: Callable[[], PostedDelivery], now: datetime
) -> DeliveryResult:
    """Receive a delivery, or rehearse it on a test key. Raise IngestRefusedError when nothing of it can be taken.

    `open_body` reads what was posted; it is called once the service's turn has come and the slot for bodies is free.
    """
    with read_session(engine) as session:
        platform = session.get_one(Platform, key.platform_id)
    if platform.status is not PlatformStatus.OPEN or platform.legal_basis is LegalBasis.FORBIDDEN:
        raise IngestRefusedError(RefusalCode.SERVICE_CLOSED)
    with _lock_platform(engine, platform):
        with slot.reserve():
            posted = open_body()
            with read_session(engine) as session:
                earlier_result = _find_earlier_result(session, key, posted, now)
                if earlier_result:
                    return earlier_result
                platform = session.get_one(Platform, key.platform_id)
                live = _load_live_titles(session, platform) if posted.received.delta else {}
            checked = read_titles(posted.received, platform.hosts, now)
        return _store_delivery(engine, _ReadDelivery(key, platform, posted, checked, live), now)


@contextmanager
def _lock_platform(engine: Engine, platform: Platform) -> Iterator[None]:
    """Hold the lock of the platform's runs, rehearsals included: two runs of one service never meet."""
    try:
        with hold_lock(engine, get_crawl_lock(platform.slug), RefusalCode.ALREADY_RECEIVING):
            yield
    except LockBusyError:
        raise IngestRefusedError(RefusalCode.ALREADY_RECEIVING) from None


def _find_earlier_result(session: Session, key: EditorKey, posted: PostedDelivery, now: datetime) -> DeliveryResult | None:
    try:
        earlier = find_duplicate_delivery(session, key, posted.sha256, posted.idempotency_key, now)
    except UserError as error:
        raise IngestRefusedError(RefusalCode.IDEMPOTENCY_KEY_REUSED, problem=str(error)) from None
    if earlier is None:
        return None
    run = session.get(Run, earlier.run_id) if earlier.run_id else None
    return DeliveryResult(refresh_report_state(earlier.report, run), earlier.lines, repeated=True)


def _load_live_titles(session: Session, platform: Platform) -> LiveTitles:
    if platform.current_run_id is None:
        raise IngestRefusedError(RefusalCode.NO_FULL_LIST)
    if has_unaccepted_delivery(session, platform):
        raise IngestRefusedError(RefusalCode.DELIVERY_ON_HOLD)
    return read_live_catalogue(session, platform)


def _store_delivery(engine: Engine, read: _ReadDelivery, now: datetime) -> DeliveryResult:
    removed = _list_removed_titles(read.posted.received, read.checked, read.live)
    parcel = read.checked.parcel
    if parcel.delta:
        parcel.removed_refs = [title["idTitleEditor"] for title in removed if title["result"] == "accepted"]
        parcel = apply_delta(read.live, parcel)
    delivery = _build_delivery(read.key, read.posted, parcel, now)
    if not read.key.recette:
        delivery.run_id = _store_run(engine, read, parcel, now)
    with write_session(engine) as session:
        session.add(delivery)
        session.flush()
        outcome = _end_delivery(session, delivery, read.platform, parcel, now)
        delivery.report = build_report_head(
            delivery, read.key, read.platform, read.posted.received, read.checked, outcome, removed
        )
        delivery.lines = build_report_lines(read.checked)
        session.add(delivery)
        clear_old_lines(session, read.key)
    return DeliveryResult(delivery.report, delivery.lines)


def _store_run(engine: Engine, read: _ReadDelivery, parcel: PreparedDelivery, now: datetime) -> int | None:
    fetched_at = now.isoformat(timespec="seconds")
    document = {"url": "editeurs/v1/catalogue", "sha256": read.posted.sha256, "fetched_at": fetched_at}
    with write_session(engine) as session:
        return store_delivery(session, read.platform, parcel, [document], now).id


def _list_removed_titles(received: ReceivedDelivery, checked: CheckedDelivery, live: LiveTitles) -> list[dict[str, Any]]:
    """Return the result of each title that the delivery withdraws, as the report gives it."""
    delivered_refs = {result.outcome.ref for result in checked.titles}
    results = []
    for ref, position in received.removed.items():
        outcome = LineResult(position, ref)
        if ref in delivered_refs:
            outcome.faults.append(Fault("", "ce titre est aussi livré"))
        elif ref not in live:
            outcome.faults.append(Fault("", "aucun titre en ligne sous ce numéro"))
        results.append(outcome.to_dict("idTitleEditor"))
    return results


def _build_delivery(key: EditorKey, posted: PostedDelivery, parcel: PreparedDelivery, now: datetime) -> Delivery:
    assert key.id is not None
    return Delivery(
        key_id=key.id,
        sha256=posted.sha256,
        idempotency_key=posted.idempotency_key,
        received_at=now,
        complete_refs=[*parcel.complete_refs, *parcel.removed_refs],
    )


def _end_delivery(
    session: Session, delivery: Delivery, platform: Platform, parcel: PreparedDelivery, now: datetime
) -> DeliveryOutcome:
    """End the delivery's run; on a test key, return how it would end."""
    if delivery.run_id is None:
        reasons = rehearse_delivery(session, platform, parcel, now)
    else:
        reasons = end_delivery_run(session, get_run(session, delivery.run_id), platform, parcel.delta, now)
    return DeliveryOutcome("held" if reasons else "accepted", format_hold_reasons(reasons), parcel.counts.kept)
