"""Represent what became of each line of a delivery: accepted or rejected, with the field, its position and the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.common.text import clean_text, format_count
from ingest.codes import PHYSICAL_MEDIA, UNKNOWN_WORD

_REASONS = {
    "missing": "champ obligatoire absent",
    "list_type": "liste attendue",
    "too_long": "trop long, {max_length} au plus",
    "too_short": "rien dedans",
    "string_too_long": "trop long, {max_length} au plus",
    "greater_than_equal": "au moins {ge} attendu",
    "less_than_equal": "au plus {le} attendu",
    "model_type": "objet attendu",
    "dict_type": "objet attendu",
    "contradiction": "le code et le nom se contredisent",
}
_PATTERN_REASONS = {"currency": "code de trois lettres attendu, comme EUR", "delivery": "« full » ou « delta » attendu"}
_OTHER_REASON = "valeur refusée"
UNKNOWN_KEY = "clé inconnue"
_IGNORED_KEY_REASON = "clé inconnue, laissée de côté"
_MAX_UNKNOWN_KEYS, _MAX_SUGGESTIONS = 5, 100
_MAX_KEY_LENGTH, _MAX_STEP_LENGTH, _MAX_REF_LENGTH = 60, 80, 200
_MAX_TEXT_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a line: a JSON pointer, or a line of a spreadsheet, whose `columns` name the fields as it does."""

    pointer: str = ""
    line: int | None = None
    columns: Mapping[str, str] | None = None

    def get_child(self, *steps: str | int) -> "Position":
        """Return a position inside this one."""
        escaped_steps = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return Position("/".join([self.pointer, *escaped_steps]), self.line, self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the position as the report gives it."""
        return {"pointer": self.pointer} if self.line is None else {"line": self.line}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, in French; `kind` classifies faults for the checks of a run (see `ingest.codes`)."""

    name: str
    reason: str
    kind: str = ""

    def format_sentence(self) -> str:
        """Return « price : 0 n'est pas un prix »."""
        return f"{self.name} : {self.reason}" if self.name else self.reason

    def to_dict(self, position: Position) -> dict[str, Any]:
        """Return the fault as the report gives it, inside the position of its line."""
        field_position = position.get_child(*self.name.split(".")) if self.name else position
        column_names = position.columns or {}
        return {"field": column_names.get(self.name, self.name), "reason": self.reason, **field_position.to_dict()}


@dataclass(slots=True)
class LineResult:
    """What became of one title or product: accepted when it has no fault, whatever its warnings."""

    position: Position
    ref: str
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Return whether the line has no fault."""
        return not self.faults

    def to_dict(self, key: str) -> dict[str, Any]:
        """Return the result as the report gives it, with the editor's own reference under `key`."""
        result = "accepted" if self.is_accepted else "rejected"
        payload: dict[str, Any] = {key: self.ref, "result": result, **self.position.to_dict()}
        for name, faults in (("errors", self.faults), ("warnings", self.warnings)):
            if faults:
                payload[name] = [fault.to_dict(self.position) for fault in faults]
        return payload


def get_editor_ref(content: object, key: str) -> str:
    """Return the editor's own reference of a line, whatever else is wrong with it; empty when it gives none."""
    ref = content.get(key) if isinstance(content, dict) else None
    if not isinstance(ref, str | int) or isinstance(ref, bool):
        return ""
    return clean_text(str(ref)[:_MAX_TEXT_LENGTH])[:_MAX_REF_LENGTH]


def list_faults(error: ValidationError) -> Iterator[Fault]:
    """Yield the faults that a model found, each under the name of its field."""
    for details in error.errors(include_url=False, include_input=False):
        name = ".".join(clean_text(str(step))[:_MAX_STEP_LENGTH] for step in details["loc"])
        yield Fault(name, _get_reason(name, details), details["type"])


def _get_reason(name: str, details: ErrorDetails) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in (UNKNOWN_WORD, PHYSICAL_MEDIA):
        return details["msg"]
    if kind == "string_pattern_mismatch":
        return _PATTERN_REASONS.get(name, _OTHER_REASON)
    return _REASONS.get(kind, _OTHER_REASON).format(**context)


class KeyHints:
    """Suggest what the unknown keys of one delivery may stand for; only the first hundred, as the comparison is slow."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, tuple[str, ...]], str] = {}

    def get_reason(self, key: str, known_keys: tuple[str, ...]) -> str:
        """Return the warning for an unknown key, with the known one that it may stand for."""
        reason = self._reasons.get((key, known_keys))
        if reason is None and len(self._reasons) < _MAX_SUGGESTIONS:
            reason = self._reasons[key, known_keys] = _build_key_reason(key, known_keys)
        return reason or _IGNORED_KEY_REASON


def _build_key_reason(key: str, known_keys: tuple[str, ...]) -> str:
    similar_keys = get_close_matches(key, known_keys, n=1)
    return f"{_IGNORED_KEY_REASON} (peut-être « {similar_keys[0]} » ?)" if similar_keys else _IGNORED_KEY_REASON


def find_unknown_keys(content: object, known_keys: tuple[str, ...], hints: KeyHints, prefix: str = "") -> list[Fault]:
    """Return a warning for each key that the contract lacks, and a last one that counts those past the fifth."""
    if not isinstance(content, dict):
        return []
    unknown = [clean_text(key)[:_MAX_KEY_LENGTH] for key in content if key not in known_keys]
    warnings = [Fault(prefix + key, hints.get_reason(key, known_keys), UNKNOWN_KEY) for key in unknown[:_MAX_UNKNOWN_KEYS]]
    other_count = len(unknown) - len(warnings)
    if other_count:
        warnings.append(Fault(prefix.rstrip("."), f"et {format_count(other_count, 'autre clé inconnue')}", UNKNOWN_KEY))
    return warnings
