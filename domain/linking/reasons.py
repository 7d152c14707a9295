"""Say why something was decided, as codes with parameters; `matcher.explanations` makes the French line of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.common.enums import ReasonCode


@dataclass(frozen=True, slots=True)
class Reason:
    """Represent a rule, veto or act that decided, with what it bears on: plain values, ready for JSON."""

    code: ReasonCode
    params: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> "Reason":
        """Return the reason of a decision of which only a text is known; the text is shown as it is."""
        return cls(ReasonCode.LEGACY, {"text": text})
