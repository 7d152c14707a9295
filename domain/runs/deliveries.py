"""Store, check and answer the catalogues that editors deliver, whole or as a delta of the live catalogue."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.common.batches import iter_batches
from domain.common.enums import IssueLevel, Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import VERSION
from domain.models.columns import get_id
from domain.models.delivery import Delivery, EditorKey
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import end_run, find_hold_reasons
from domain.runs.hold_reasons import HoldReason
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.runs import add_issue, add_omitted_issues, open_run, store_observations
from domain.runs.validation import RunCounts, RunExpectations

MAX_ISSUES_PER_KIND = 200
DUPLICATE_PERIOD = timedelta(hours=1)
DELIVERY_HISTORY_SIZE = 30
_BATCH = 500
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class DeliveryIssue:
    """Represent something wrong in a delivery, in French; `ref` is the editor's id of the title it concerns."""

    level: IssueLevel
    kind: str
    message: str
    ref: str = ""


@dataclass
class PreparedDelivery:
    """Represent a delivery as read: the titles of the catalogue it makes, its counts and its issues.

    `complete_refs` are the titles of a delta that came with all their offers: other open offers of theirs were withdrawn.
    `removed_refs` are the titles that a delta takes out. Both are empty in a full list.
    """

    delta: bool
    observations: dict[str, ObservedEntry]
    counts: RunCounts
    issues: list[DeliveryIssue] = field(default_factory=list)
    complete_refs: list[str] = field(default_factory=list)
    removed_refs: list[str] = field(default_factory=list)


def read_live_catalogue(session: Session, platform: Platform) -> dict[str, ObservedEntry]:
    """Return the platform's current catalogue by ref, as a run would observe it: entries of its current run, open offers."""
    is_current = (col(Entry.platform_id) == platform.id) & (col(Entry.last_run_id) == platform.current_run_id)
    offers = _read_live_offers(session, platform, is_current)
    names = [name for name in ObservedEntry.model_fields if name != "offers"]
    query = select_columns(col(Entry.id), *_list_model_columns(Entry, names)).where(is_current).order_by(col(Entry.id))
    catalogue = {}
    for entry_id, *values in session.connection().execute(query):
        entry = _build_model(ObservedEntry, [*names, "offers"], [*values, offers[entry_id]])
        catalogue[entry.ref] = entry
    return catalogue


def _read_live_offers(session: Session, platform: Platform, is_current: Any) -> defaultdict[int, list[ObservedOffer]]:
    """Return the open offers of the current run by entry id."""
    names = list(ObservedOffer.model_fields)
    still_open = (col(Offer.last_run_id) == platform.current_run_id) & col(Offer.closed_at).is_(None)
    # Columns, not objects: a large catalogue is read for one delta.
    query = select_columns(col(Offer.entry_id), *_list_model_columns(Offer, names))
    query = query.join(Entry, col(Offer.entry_id) == col(Entry.id)).where(is_current, still_open).order_by(col(Offer.id))
    offers: defaultdict[int, list[ObservedOffer]] = defaultdict(list)
    for entry_id, *values in session.connection().execute(query):
        offers[entry_id].append(_build_model(ObservedOffer, names, values))
    return offers


def _list_model_columns(table: type[SQLModel], names: Iterable[str]) -> list[Any]:
    return [col(getattr(table, name)) for name in names]


def _build_model(model: type[_Model], names: Sequence[str], values: Sequence[Any]) -> _Model:
    return model.model_validate(dict(zip(names, values, strict=True)))


def apply_delta(live: Mapping[str, ObservedEntry], delivery: PreparedDelivery) -> PreparedDelivery:
    """Return the catalogue that a delta leads to: live titles, without those removed, with those delivered; counted anew."""
    removed = set(delivery.removed_refs)
    catalogue = {ref: entry for ref, entry in live.items() if ref not in removed}
    catalogue |= delivery.observations
    refused = delivery.counts.rows - delivery.counts.kept
    counts = delivery.counts.model_copy(update={"rows": len(catalogue) + refused, "announced": None})
    counts = count_observations(catalogue.values(), counts)
    return replace(delivery, delta=True, observations=catalogue, counts=counts)


def count_observations(observations: Iterable[ObservedEntry], counts: RunCounts) -> RunCounts:
    """Return the counts with the numbers of titles and offers, and of titles that have each field."""
    filled: Counter[str] = Counter()
    titles = 0
    offers = 0
    for observation in observations:
        titles += 1
        offers += len(observation.offers)
        filled.update(name for name in ObservedEntry.model_fields if getattr(observation, name))
        filled["price_cents"] += any(offer.price_cents is not None for offer in observation.offers)
    return counts.model_copy(update={"kept": titles, "offers": offers, "filled": dict(filled)})


def has_unaccepted_delivery(session: Session, platform: Platform) -> bool:
    """Tell whether the platform's last delivery is held or rejected: the catalogue its editor thinks we have is not ours."""
    last = session.exec(select(Run).where(col(Run.platform_id) == platform.id).order_by(col(Run.id).desc())).first()
    if last is None or last.outcome is Outcome.FAILED:
        return False
    return last.state in (RunState.HELD, RunState.REJECTED)


def store_delivery(
    session: Session, platform: Platform, delivery: PreparedDelivery, documents: Sequence[dict[str, str]], now: datetime
) -> Run:
    """Store a delivery under a run of its own, apart from the live tables, with its counts and issues."""
    run = open_run(session, platform, now)
    for batch in iter_batches(list(delivery.observations.values()), _BATCH):
        store_observations(session, get_id(run), batch)
    _store_issues(session, get_id(run), delivery.issues)
    run.counts = delivery.counts.model_dump()
    run.documents = list(documents)
    session.add(run)
    return run


def _store_issues(session: Session, run_id: int, issues: Iterable[DeliveryIssue]) -> None:
    """Store the first issues of each kind, and the number of those that follow."""
    kinds: Counter[str] = Counter()
    for issue in issues:
        kinds[issue.kind] += 1
        if kinds[issue.kind] <= MAX_ISSUES_PER_KIND:
            add_issue(session, run_id, issue.level, issue.kind, issue.message, issue.ref)
    for kind, count in kinds.items():
        if count > MAX_ISSUES_PER_KIND:
            add_omitted_issues(session, run_id, IssueLevel.WARNING, kind, count - MAX_ISSUES_PER_KIND)


def end_delivery_run(session: Session, run: Run, platform: Platform, delta: bool, now: datetime) -> list[HoldReason]:
    """Accept or hold a stored delivery by the platform's own expectations. Returns why it is held."""
    return end_run(session, run, RunExpectations.model_validate(platform.expect), Outcome.COMPLETE, now, delta)


def rehearse_delivery(session: Session, platform: Platform, delivery: PreparedDelivery, now: datetime) -> list[HoldReason]:
    """List why a delivery would be held, empty when it would be accepted. Nothing is stored."""
    run = Run(platform_id=get_id(platform), code_version=VERSION, started_at=now, counts=delivery.counts.model_dump())
    expectations = RunExpectations.model_validate(platform.expect)
    return find_hold_reasons(session, run, expectations, Outcome.COMPLETE, delivery.observations)


def find_duplicate_delivery(
    session: Session, key: EditorKey, sha256: str, idempotency_key: str | None, now: datetime
) -> Delivery | None:
    """Return the delivery that this one repeats: the same idempotency key, or the last one's content within the hour.

    The last one is that of the platform, whichever key it came by; for a rehearsal, that of the key. Later than an hour, the
    same content is a new delivery: its editor says that the catalogue is still the same. Raises UserError when the idempotency
    key came with another content.
    """
    own = _select_deliveries_of_key(key)
    if idempotency_key is not None:
        earlier = session.exec(own.where(col(Delivery.idempotency_key) == idempotency_key).limit(1)).first()
        if earlier is not None and earlier.sha256 != sha256:
            raise UserError("cette clé d'idempotence a déjà servi pour un autre contenu")
        return earlier
    comparable = own if key.recette else _select_production_deliveries(key.platform_id)
    last = session.exec(comparable.limit(1)).first()
    if last is None or last.sha256 != sha256 or now - last.received_at >= DUPLICATE_PERIOD:
        return None
    return last


def _select_deliveries_of_key(key: EditorKey) -> SelectOfScalar[Delivery]:
    """Select the deliveries made with a key, the newest first."""
    return select(Delivery).where(col(Delivery.key_id) == key.id).order_by(col(Delivery.id).desc())


def _select_production_deliveries(platform_id: int) -> SelectOfScalar[Delivery]:
    """Select the deliveries of a platform that are not rehearsals, the newest first."""
    is_production = (col(EditorKey.platform_id) == platform_id) & col(EditorKey.recette).is_(False)
    query = select(Delivery).join(EditorKey, col(Delivery.key_id) == col(EditorKey.id))
    return query.where(is_production).order_by(col(Delivery.id).desc())


def clear_old_lines(session: Session, key: EditorKey) -> None:
    """Delete the title by title answer of the delivery that has just left the last thirty of its key; its report stays."""
    old = session.exec(_select_deliveries_of_key(key).offset(DELIVERY_HISTORY_SIZE).limit(1)).first()
    if old is not None:
        old.lines = []
        session.add(old)


def find_deliveries(session: Session, key: EditorKey, only_id: int | None = None) -> list[tuple[int, dict[str, Any], Run | None]]:
    """Return the last thirty deliveries of the key's platform by keys of the same kind, or only that of one id.

    Each is its id, the head of its report and its run (None for a rehearsal).
    """
    is_same_kind = (col(EditorKey.platform_id) == key.platform_id) & (col(EditorKey.recette) == key.recette)
    query = select(col(Delivery.id), col(Delivery.report), Run).join(EditorKey, col(Delivery.key_id) == col(EditorKey.id))
    query = query.join(Run, col(Delivery.run_id) == col(Run.id), isouter=True).where(is_same_kind)
    if only_id is not None:
        query = query.where(col(Delivery.id) == only_id)
    rows = session.exec(query.order_by(col(Delivery.id).desc()).limit(DELIVERY_HISTORY_SIZE))
    return [(delivery_id, report, run) for delivery_id, report, run in rows if delivery_id is not None]


def list_last_deliveries(session: Session, platform_id: int, limit: int) -> Sequence[Delivery]:
    """Return the last deliveries of a platform that are not rehearsals, the newest first."""
    return session.exec(_select_production_deliveries(platform_id).limit(limit)).all()


def refresh_report_state(report: dict[str, Any], run: Run | None) -> dict[str, Any]:
    """Return the head of a report with what an agent has decided since of a delivery that was held."""
    if run is None or run.state not in (RunState.ACCEPTED, RunState.REJECTED) or report["state"] == "accepted":
        return report
    return report | {"state": run.state.value, f"{run.state.value}_by_agent": run.reason}
