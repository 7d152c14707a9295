"""A delivery received: one at a time for a service, told again when it is only repeated, else checked, then believed or held."""

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
from domain.db.locks import LockBusyError, hold_lock
from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.deliveries import (
    PreparedDelivery,
    apply_delta,
    end_delivery_run,
    has_unaccepted_delivery,
    read_live_catalogue,
    rehearse_delivery,
    store_delivery,
)
from domain.runs.delivery_log import clear_old_lines, find_duplicate_delivery, refresh_report_state
from domain.runs.observation import ObservedEntry
from domain.runs.runs import get_run
from ingest.catalogue import CheckedDelivery, ReceivedDelivery, read_titles
from ingest.delivery_report import DeliveryOutcome, build_report_head, build_report_lines
from ingest.results import Fault, LineResult
from webapp.editors.bodies import reserve_body_slot
from webapp.editors.problems import DeliveryRefusedError

LiveTitles = Mapping[str, ObservedEntry]


@dataclass(frozen=True)
class PostedDelivery:
    """What was posted: the hash of its bytes and of what came with them, and the key it may be repeated under."""

    received: ReceivedDelivery
    sha256: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class DeliveryResult:
    """What the editor is told. `repeated` when the delivery had been received before."""

    report: dict[str, Any]
    lines: Sequence[dict[str, Any]] = field(default_factory=list)
    repeated: bool = False


def receive_delivery(engine: Engine, key: EditorKey, open_body: Callable[[], PostedDelivery], now: datetime) -> DeliveryResult:
    """Takes a delivery in, or rehearses it on a recette key. Raises DeliveryRefused when nothing of it can be taken.

    `open_body` reads what was posted: it is only called once the service's turn has come, and one body at a time.
    """
    with read_session(engine) as session:
        platform = session.get_one(Platform, key.platform_id)
    if platform.status is not PlatformStatus.OPEN or platform.legal_basis is LegalBasis.FORBIDDEN:
        raise DeliveryRefusedError("service", "Ce service est fermé ou suspendu : son catalogue n’est pas reçu. Écrivez-nous.")
    with _lock_platform(engine, platform):
        with reserve_body_slot():
            posted = open_body()
            with read_session(engine) as session:
                if earlier := _find_earlier_result(session, key, posted, now):
                    return earlier
                platform = session.get_one(Platform, key.platform_id)
                live = _load_live_titles(session, platform) if posted.received.delta else {}
            read = read_titles(posted.received, platform.hosts, now)
        return _store_delivery(engine, key, platform, posted, read, live, now)


@contextmanager
def _lock_platform(engine: Engine, platform: Platform) -> Iterator[None]:
    """The lock of collections, rehearsals included: a run of the service never meets another."""
    try:
        with hold_lock(
            engine,
            f"crawl-{platform.slug}",
            "Une livraison ou une collecte de ce service est déjà en cours. Réessayez dans un instant.",
        ):
            yield
    except LockBusyError as busy:
        raise DeliveryRefusedError("occupe", str(busy)) from None


def _find_earlier_result(session: Session, key: EditorKey, posted: PostedDelivery, now: datetime) -> DeliveryResult | None:
    try:
        earlier = find_duplicate_delivery(session, key, posted.sha256, posted.idempotency_key, now)
    except UserError as problem:
        raise DeliveryRefusedError("idempotence", f"{problem}.") from None
    if earlier is None:
        return None
    run = session.get(Run, earlier.run_id) if earlier.run_id else None
    return DeliveryResult(refresh_report_state(earlier.report, run), earlier.lines, repeated=True)


def _load_live_titles(session: Session, platform: Platform) -> LiveTitles:
    if platform.current_run_id is None:
        raise DeliveryRefusedError("delta", "Aucune liste complète n’a encore été acceptée : un delta n’a rien à modifier.")
    if has_unaccepted_delivery(session, platform):
        raise DeliveryRefusedError(
            "delta", "La dernière livraison attend un agent, ou a été refusée : envoyez une liste complète."
        )
    return read_live_catalogue(session, platform)


def _store_delivery(
    engine: Engine,
    key: EditorKey,
    platform: Platform,
    posted: PostedDelivery,
    read: CheckedDelivery,
    live: LiveTitles,
    now: datetime,
) -> DeliveryResult:
    removed = _list_removed_titles(posted.received, read, live)
    parcel = read.parcel
    if parcel.delta:
        parcel.removed_refs = [one["idTitleEditor"] for one in removed if one["result"] == "accepted"]
        parcel = apply_delta(live, parcel)
    delivery = _build_delivery(key, posted, parcel, now)
    if not key.recette:
        documents = [{"url": "editeurs/v1/catalogue", "sha256": posted.sha256, "fetched_at": now.isoformat(timespec="seconds")}]
        with write_session(engine) as session:
            delivery.run_id = store_delivery(session, platform, parcel, documents, now).id
    with write_session(engine) as session:
        session.add(delivery)
        session.flush()
        settled = _end_delivery(session, delivery, platform, parcel, now)
        delivery.report = build_report_head(delivery, key, platform, posted.received, read, settled, removed)
        delivery.lines = build_report_lines(read)
        session.add(delivery)
        clear_old_lines(session, key)
    return DeliveryResult(delivery.report, delivery.lines)


def _list_removed_titles(received: ReceivedDelivery, read: CheckedDelivery, live: LiveTitles) -> list[dict[str, Any]]:
    """What became of each title to take out."""
    named = {result.outcome.ref for result in read.titles}
    told = []
    for ref, where in received.removed.items():
        reason = "ce titre est aussi livré" if ref in named else None if ref in live else "aucun titre en ligne sous ce numéro"
        outcome = LineResult(where, ref, [Fault("", reason)] if reason else [])
        told.append(outcome.to_dict("idTitleEditor"))
    return told


def _build_delivery(key: EditorKey, posted: PostedDelivery, parcel: PreparedDelivery, now: datetime) -> Delivery:
    told_whole = [*parcel.complete_refs, *parcel.removed_refs]
    assert key.id is not None
    return Delivery(
        key_id=key.id, sha256=posted.sha256, idempotency_key=posted.idempotency_key, received_at=now, complete_refs=told_whole
    )


def _end_delivery(
    session: Session, delivery: Delivery, platform: Platform, parcel: PreparedDelivery, now: datetime
) -> DeliveryOutcome:
    """How the delivery ends; on a recette key, how it would."""
    if delivery.run_id is None:
        reasons = rehearse_delivery(session, platform, parcel, now)
    else:
        reasons = end_delivery_run(session, get_run(session, delivery.run_id), platform, parcel.delta, now)
    return DeliveryOutcome("held" if reasons else "accepted", reasons, parcel.counts.kept)
