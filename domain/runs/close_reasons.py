"""Describe in French why a period of an offer ended."""

from typing import overload

from domain.common.enums import CloseReason

CLOSE_REASON_LABELS = {
    CloseReason.TERMS_CHANGED: "prix ou dates changés",
    CloseReason.ABSENT: "absente de deux collectes complètes",
    CloseReason.WITHDRAWN: "retirée par l'éditeur",
    CloseReason.BROKEN_LINK: "lien rompu plusieurs jours de suite",
}


@overload
def format_close_reason(reason: CloseReason) -> str: ...
@overload
def format_close_reason(reason: CloseReason | None) -> str | None: ...
def format_close_reason(reason: CloseReason | None) -> str | None:
    """Return the French label of a reason, None for a period that is still open."""
    return None if reason is None else CLOSE_REASON_LABELS[reason]
