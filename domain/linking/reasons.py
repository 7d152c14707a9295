"""Say why something was decided, as codes with parameters; `matcher.explanations` makes the French line of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from domain.common.enums import ReasonCode

if TYPE_CHECKING:  # the tables are slow to import, for `ouvoir link` that reads none
    from domain.models.decision import DecidedRow, ReasonedRow


@dataclass(frozen=True, slots=True)
class Reason:
    """Represent a rule, veto or act that decided, with what it bears on: plain values, ready for JSON."""

    code: ReasonCode
    params: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> "Reason":
        """Return the reason of a decision of which only a text is known; the text is shown as it is."""
        return cls(ReasonCode.LEGACY, {"text": text})

    @classmethod
    def from_row(cls, row: "ReasonedRow") -> "Reason":
        """Return the reason that decided, as a row tells it."""
        return cls(row.reason_code, row.reason_params)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reason":
        """Return the reason that `dataclasses.asdict` gave to a JSON column."""
        return cls(ReasonCode(stored["code"]), stored["params"])


COMPARED = Reason(ReasonCode.COMPARISONS)
"""The reason of a film put forward: what the comparisons weighed, and no more."""


def read_reasons(row: "DecidedRow") -> tuple[Reason, ...]:
    """Return all the reasons of a decision in the order they applied; the last one decided."""
    earlier = [Reason.from_json(stored) for stored in row.earlier_reasons]
    return (*earlier, Reason.from_row(row))


def build_reason_columns(reasons: Sequence[Reason]) -> dict[str, Any]:
    """Return the columns of `domain.models.decision.DecidedRow` that tell reasons given in the order they applied."""
    *earlier, last = reasons
    return {
        "reason_code": last.code,
        "reason_params": dict(last.params),
        "earlier_reasons": [asdict(reason) for reason in earlier],
    }
