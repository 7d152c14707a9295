"""A delivery received: one at a time for a service, told again when it is only repeated, else checked, then believed or held."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.db.locks import Busy, hold
from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.deliveries import Parcel, live_lines, onto, rehearse_delivery, settle_delivery, store_parcel, waits_for_agents
from domain.runs.delivery_log import find_earlier, forget_old_lines, told_now
from domain.runs.observation import Observed
from domain.runs.runs import find_run
from ingest.catalogue import Read, Received, read_titles
from ingest.delivery_report import Settled, head_of, lines_of
from ingest.results import Fault, LineResult
from webapp.editors.bodies import one_body
from webapp.editors.problems import DeliveryRefused

Live = Mapping[str, Observed]


@dataclass(frozen=True)
class Posted:
    """What was posted: the hash of its bytes and of what came with them, and the key it may be repeated under."""

    received: Received
    sha256: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the editor is told. `repeated` when the delivery had been received before."""

    report: dict[str, Any]
    lines: Sequence[dict[str, Any]] = field(default_factory=list)
    repeated: bool = False


def receive(engine: Engine, key: EditorKey, open_body: Callable[[], Posted], now: datetime) -> Answer:
    """Takes a delivery in, or rehearses it on a recette key. Raises DeliveryRefused when nothing of it can be taken.

    `open_body` reads what was posted: it is only called once the service's turn has come, and one body at a time.
    """
    with reading(engine) as session:
        platform = session.get_one(Platform, key.platform_id)
    if platform.status is not PlatformStatus.OPEN or platform.legal_basis is LegalBasis.FORBIDDEN:
        raise DeliveryRefused("service", "Ce service est fermé ou suspendu : son catalogue n’est pas reçu. Écrivez-nous.")
    with _alone(engine, platform):
        with one_body():
            posted = open_body()
            with reading(engine) as session:
                if earlier := _earlier(session, key, posted, now):
                    return earlier
                platform = session.get_one(Platform, key.platform_id)
                live = _live(session, platform) if posted.received.delta else {}
            read = read_titles(posted.received, platform.hosts, now)
        return _take(engine, key, platform, posted, read, live, now)


@contextmanager
def _alone(engine: Engine, platform: Platform) -> Iterator[None]:
    """The lock of collections, rehearsals included: a run of the service never meets another."""
    try:
        with hold(
            engine,
            f"crawl-{platform.slug}",
            "Une livraison ou une collecte de ce service est déjà en cours. Réessayez dans un instant.",
        ):
            yield
    except Busy as busy:
        raise DeliveryRefused("occupe", str(busy)) from None


def _earlier(session: Session, key: EditorKey, posted: Posted, now: datetime) -> Answer | None:
    try:
        earlier = find_earlier(session, key, posted.sha256, posted.idempotency_key, now)
    except Problem as problem:
        raise DeliveryRefused("idempotence", f"{problem}.") from None
    if earlier is None:
        return None
    run = session.get(Run, earlier.run_id) if earlier.run_id else None
    return Answer(told_now(earlier.report, run), earlier.lines, repeated=True)


def _live(session: Session, platform: Platform) -> Live:
    if platform.current_run_id is None:
        raise DeliveryRefused("delta", "Aucune liste complète n’a encore été acceptée : un delta n’a rien à modifier.")
    if waits_for_agents(session, platform):
        raise DeliveryRefused("delta", "La dernière livraison attend un agent, ou a été refusée : envoyez une liste complète.")
    return live_lines(session, platform)


def _take(engine: Engine, key: EditorKey, platform: Platform, posted: Posted, read: Read, live: Live, now: datetime) -> Answer:
    removed = _removed(posted.received, read, live)
    parcel = read.parcel
    if parcel.delta:
        parcel.removed = [one["idTitleEditor"] for one in removed if one["result"] == "accepted"]
        parcel = onto(live, parcel)
    delivery = _delivery(key, posted, parcel, now)
    if not key.recette:
        documents = [{"url": "editeurs/v1/catalogue", "sha256": posted.sha256, "fetched_at": now.isoformat(timespec="seconds")}]
        with writing(engine) as session:
            delivery.run_id = store_parcel(session, platform, parcel, documents, now).id
    with writing(engine) as session:
        session.add(delivery)
        session.flush()
        settled = _settle(session, delivery, platform, parcel, now)
        delivery.report = head_of(delivery, key, platform, posted.received, read, settled, removed)
        delivery.lines = lines_of(read)
        session.add(delivery)
        forget_old_lines(session, key)
    return Answer(delivery.report, delivery.lines)


def _removed(received: Received, read: Read, live: Live) -> list[dict[str, Any]]:
    """What became of each title to take out."""
    named = {result.outcome.name for result in read.titles}
    told = []
    for ref, where in received.removed.items():
        reason = "ce titre est aussi livré" if ref in named else None if ref in live else "aucun titre en ligne sous ce numéro"
        outcome = LineResult(where, ref, [Fault("", reason)] if reason else [])
        told.append(outcome.told("idTitleEditor"))
    return told


def _delivery(key: EditorKey, posted: Posted, parcel: Parcel, now: datetime) -> Delivery:
    told_whole = [*parcel.told_whole, *parcel.removed]
    assert key.id is not None
    return Delivery(
        key_id=key.id, sha256=posted.sha256, idempotency_key=posted.idempotency_key, received=now, told_whole=told_whole
    )


def _settle(session: Session, delivery: Delivery, platform: Platform, parcel: Parcel, now: datetime) -> Settled:
    """How the delivery ends; on a recette key, how it would."""
    if delivery.run_id is None:
        reasons = rehearse_delivery(session, platform, parcel, now)
    else:
        reasons = settle_delivery(session, find_run(session, delivery.run_id), platform, parcel.delta, now)
    return Settled("held" if reasons else "accepted", reasons, parcel.counts.kept)
