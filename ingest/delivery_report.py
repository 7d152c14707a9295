"""The report of a delivery: its head, kept with figures and words, and its lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.common.isoformat import format_iso
from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from ingest.catalogue import CheckedDelivery, ReceivedDelivery
from ingest.results import LineResult, Position


@dataclass(frozen=True)
class DeliveryOutcome:
    """How a delivery ended, or would end: « accepted » or « held » with its reasons, and the titles of the catalogue it makes."""

    state: str
    reasons: Sequence[str]
    catalogue_size: int


def build_report_head(
    delivery: Delivery,
    key: EditorKey,
    platform: Platform,
    received: ReceivedDelivery,
    read: CheckedDelivery,
    delivery_outcome: DeliveryOutcome,
    removed: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """The report without its lines. `run` is None for a rehearsal."""
    outcomes = [result.outcome for result in read.titles]
    products = [product for result in read.titles for product in result.products]
    counts = {
        "titles": _count_outcomes(outcomes),
        "products": _count_outcomes(products),
        "catalogue": delivery_outcome.catalogue_size,
    }
    counts["warnings"] = sum(len(outcome.warnings) for outcome in (*outcomes, *products)) + len(received.warnings)
    return {
        "delivery": delivery.id,
        "received_at": format_iso(delivery.received_at),
        "environment": "recette" if key.recette else "production",
        "platform": platform.slug,
        "kind": "delta" if received.delta else "full",
        "state": delivery_outcome.state,
        "reasons": list(delivery_outcome.reasons),
        "message": _build_message(key.recette, delivery_outcome.state, bool(read.parcel.observations or removed)),
        "run": delivery.run_id,
        "counts": counts,
        "removed": list(removed),
        "warnings": [warning.to_dict(Position()) for warning in received.warnings],
    }


def build_report_lines(read: CheckedDelivery) -> list[dict[str, Any]]:
    """What became of each title, in the order they came."""
    return [result.to_dict() for result in read.titles]


def _count_outcomes(outcomes: Iterable[LineResult]) -> dict[str, int]:
    accepted = [outcome.is_accepted for outcome in outcomes]
    return {"received": len(accepted), "accepted": sum(accepted), "rejected": len(accepted) - sum(accepted)}


def _build_message(recette: bool, state: str, has_accepted: bool) -> str:
    if not has_accepted:
        told = "Aucune ligne n’a pu être acceptée : corrigez-les et livrez de nouveau."
    elif state == "held" and recette:
        told = "En production, cette livraison attendrait un agent, et l’état précédent resterait en ligne."
    elif state == "held":
        told = "La livraison attend un agent ; d’ici là, l’état précédent reste en ligne."
    elif recette:
        told = "En production, cette livraison serait acceptée."
    else:
        told = "La livraison est acceptée. Ses titres seront reliés aux films à la prochaine passe de rapprochement."
    return f"Essai, rien n’a été changé. {told}" if recette else told
