"""The report of a delivery: its head, kept with figures and words, and its lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from ingest.catalogue import Read, Received
from ingest.results import LineResult, Place
from webapp.core.context import iso


@dataclass(frozen=True)
class Settled:
    """How a delivery ended, or would end: « accepted » or « held » with its reasons, and the titles of the catalogue it makes."""

    state: str
    reasons: Sequence[str]
    catalogue: int


def head_of(
    delivery: Delivery, key: EditorKey, platform: Platform, received: Received, read: Read, settled: Settled,
    removed: Sequence[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """The report without its lines. `run` is None for a rehearsal."""
    outcomes = [result.outcome for result in read.titles]
    products = [product for result in read.titles for product in result.products]
    counts = {"titles": _counted(outcomes), "products": _counted(products), "catalogue": settled.catalogue}
    counts["warnings"] = sum(len(outcome.warnings) for outcome in (*outcomes, *products)) + len(received.warnings)
    return {
        "delivery": delivery.id,
        "received_at": iso(delivery.received),
        "environment": "recette" if key.recette else "production",
        "platform": platform.slug,
        "kind": "delta" if received.delta else "full",
        "state": settled.state,
        "reasons": list(settled.reasons),
        "message": _message(key.recette, settled.state, bool(read.parcel.lines or removed)),
        "run": delivery.run_id,
        "counts": counts,
        "removed": list(removed),
        "warnings": [warning.told(Place()) for warning in received.warnings],
    }


def lines_of(read: Read) -> list[dict[str, Any]]:
    """What became of each title, in the order they came."""
    return [result.told() for result in read.titles]


def _counted(outcomes: Iterable[LineResult]) -> dict[str, int]:
    accepted = [outcome.accepted for outcome in outcomes]
    return {"received": len(accepted), "accepted": sum(accepted), "rejected": len(accepted) - sum(accepted)}


def _message(recette: bool, state: str, some_stand: bool) -> str:
    if not some_stand:
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
