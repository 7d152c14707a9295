"""Build the report of a delivery: its head, with counts, and its lines. The report is the French answer to the editor."""

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
    """How a delivery ended, or would end: « accepted », or « held » with reasons, and the size of the catalogue after it."""

    state: str
    reasons: Sequence[str]
    catalogue_size: int


def build_report_head(
    delivery: Delivery,
    key: EditorKey,
    platform: Platform,
    received: ReceivedDelivery,
    checked: CheckedDelivery,
    delivery_outcome: DeliveryOutcome,
    removed: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Return the report without its lines; `run` is None for a rehearsal."""
    has_accepted = bool(checked.parcel.observations or removed)
    return {
        "delivery": delivery.id,
        "received_at": format_iso(delivery.received_at),
        "environment": "recette" if key.recette else "production",
        "platform": platform.slug,
        "kind": "delta" if received.delta else "full",
        "state": delivery_outcome.state,
        "reasons": list(delivery_outcome.reasons),
        "message": _build_message(key.recette, delivery_outcome.state, has_accepted),
        "run": delivery.run_id,
        "counts": _build_counts(received, checked, delivery_outcome.catalogue_size),
        "removed": list(removed),
        "warnings": [warning.to_dict(Position()) for warning in received.warnings],
    }


def build_report_lines(checked: CheckedDelivery) -> list[dict[str, Any]]:
    """Return what became of each title, in the order of the delivery."""
    return [result.to_dict() for result in checked.titles]


def _build_counts(received: ReceivedDelivery, checked: CheckedDelivery, catalogue_size: int) -> dict[str, Any]:
    titles = [result.outcome for result in checked.titles]
    products = [product for result in checked.titles for product in result.products]
    line_warnings = sum(len(outcome.warnings) for outcome in (*titles, *products))
    return {
        "titles": _count_outcomes(titles),
        "products": _count_outcomes(products),
        "catalogue": catalogue_size,
        "warnings": line_warnings + len(received.warnings),
    }


def _count_outcomes(outcomes: Iterable[LineResult]) -> dict[str, int]:
    are_accepted = [outcome.is_accepted for outcome in outcomes]
    accepted = sum(are_accepted)
    return {"received": len(are_accepted), "accepted": accepted, "rejected": len(are_accepted) - accepted}


def _build_message(recette: bool, state: str, has_accepted: bool) -> str:
    if not has_accepted:
        message = "Aucune ligne n’a pu être acceptée : corrigez-les et livrez de nouveau."
    elif state == "held" and recette:
        message = "En production, cette livraison attendrait un agent, et l’état précédent resterait en ligne."
    elif state == "held":
        message = "La livraison attend un agent ; d’ici là, l’état précédent reste en ligne."
    elif recette:
        message = "En production, cette livraison serait acceptée."
    else:
        message = "La livraison est acceptée. Ses titres seront reliés aux films à la prochaine passe de rapprochement."
    return f"Essai, rien n’a été changé. {message}" if recette else message
