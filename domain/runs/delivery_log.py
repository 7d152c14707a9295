"""The deliveries of an editor, kept with the answer each was given."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.models.delivery import Delivery, EditorKey
from domain.models.run import Run

DUPLICATE_PERIOD = timedelta(hours=1)
DELIVERY_HISTORY_SIZE = 30


def find_duplicate_delivery(
    session: Session, key: EditorKey, sha256: str, idempotency_key: str | None, now: datetime
) -> Delivery | None:
    """The delivery that this one only repeats: same idempotency key, or same content as the last one within the hour.

    The last one is that of the platform, whichever key it came by; for a rehearsal, that of the key. Later than an hour, the
    same content is a new delivery: its editor says that the catalogue still stands. Raises Problem when the idempotency key
    went with another content.
    """
    made = select(Delivery).where(col(Delivery.key_id) == key.id).order_by(col(Delivery.id).desc())
    if idempotency_key is not None:
        earlier = session.exec(made.where(col(Delivery.idempotency_key) == idempotency_key).limit(1)).first()
        if earlier is not None and earlier.sha256 != sha256:
            raise UserError("cette clé d'idempotence a déjà servi pour un autre contenu")
        return earlier
    last = session.exec((made if key.recette else _select_production_deliveries(key)).limit(1)).first()
    return last if last is not None and last.sha256 == sha256 and now - last.received_at < DUPLICATE_PERIOD else None


def _select_production_deliveries(key: EditorKey) -> SelectOfScalar[Delivery]:
    """The deliveries that count of the key's platform, the last first."""
    own = (col(EditorKey.platform_id) == key.platform_id) & col(EditorKey.recette).is_(False)
    asked = select(Delivery).join(EditorKey, col(Delivery.key_id) == col(EditorKey.id))
    return asked.where(own).order_by(col(Delivery.id).desc())


def clear_old_lines(session: Session, key: EditorKey) -> None:
    """Frees the lines of the delivery that has just left the last thirty of its key; its figures stay."""
    made = select(Delivery).where(col(Delivery.key_id) == key.id).order_by(col(Delivery.id).desc())
    old = session.exec(made.offset(DELIVERY_HISTORY_SIZE).limit(1)).first()
    if old is not None:
        old.lines = []
        session.add(old)


def find_deliveries(session: Session, key: EditorKey, only_id: int | None = None) -> list[tuple[int, dict[str, Any], Run | None]]:
    """The last thirty deliveries of the key's platform, on keys of the same kind, or the one of that number.

    Each as its number, the head of its report, and its run (None for a rehearsal).
    """
    own = (col(EditorKey.platform_id) == key.platform_id) & (col(EditorKey.recette) == key.recette)
    asked = (
        select(col(Delivery.id), col(Delivery.report), Run)
        .join(EditorKey, col(Delivery.key_id) == col(EditorKey.id))
        .join(Run, col(Delivery.run_id) == col(Run.id), isouter=True)
        .where(own)
        .order_by(col(Delivery.id).desc())
        .limit(DELIVERY_HISTORY_SIZE)
    )
    if only_id is not None:
        asked = asked.where(col(Delivery.id) == only_id)
    return [(delivery_id or 0, report, run) for delivery_id, report, run in session.exec(asked)]


def list_last_deliveries(session: Session, platform_id: int, limit: int) -> Sequence[Delivery]:
    """The last deliveries that count of a platform, the last first."""
    own = (col(EditorKey.platform_id) == platform_id) & col(EditorKey.recette).is_(False)
    asked = select(Delivery).join(EditorKey, col(Delivery.key_id) == col(EditorKey.id)).where(own)
    return session.exec(asked.order_by(col(Delivery.id).desc()).limit(limit)).all()


def refresh_report_state(report: dict[str, Any], run: Run | None) -> dict[str, Any]:
    """The head of a report as things stand now: a person may have accepted or rejected what was held."""
    if run is None or run.state not in (RunState.ACCEPTED, RunState.REJECTED) or report["state"] == "accepted":
        return report
    return report | {"state": run.state.value, f"{run.state.value}_by_agent": run.reason}
