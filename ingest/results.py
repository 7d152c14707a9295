"""What became of each line of a delivery, told to its editor: accepted or rejected, with field, place and reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

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
UNKNOWN_KEY = "clé inconnue"
_MAX_UNKNOWN_KEYS = 5
_MAX_SUGGESTIONS = 100
_IGNORED_KEY = "clé inconnue, laissée de côté"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a line stands: a JSON pointer, or a line of a spreadsheet whose `columns` name the fields in their own words."""

    pointer: str = ""
    line: int | None = None
    columns: Mapping[str, str] | None = None

    def get_child(self, *steps: str | int) -> "Position":
        """A place inside this one."""
        escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return Position("/".join([self.pointer, *escaped]), self.line, self.columns)

    def to_dict(self) -> dict[str, Any]:
        """The place as the report gives it."""
        return {"pointer": self.pointer} if self.line is None else {"line": self.line}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, in French. `kind` sorts faults for the checks: see `ingest.codes`."""

    name: str
    reason: str
    kind: str = ""

    def format_sentence(self) -> str:
        """« price : 0 n'est pas un prix »."""
        return f"{self.name} : {self.reason}" if self.name else self.reason

    def to_dict(self, position: Position) -> dict[str, Any]:
        """The fault as the report gives it."""
        inner = position.get_child(*self.name.split(".")) if self.name else position
        return {"field": (position.columns or {}).get(self.name, self.name), "reason": self.reason, **inner.to_dict()}


@dataclass(slots=True)
class LineResult:
    """What became of one title or product. It is accepted when it has no fault; warnings do not count."""

    position: Position
    ref: str
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether the line stands."""
        return not self.faults

    def to_dict(self, key: str) -> dict[str, Any]:
        """The outcome as the report gives it, the editor's own number under `key`."""
        facts: dict[str, Any] = {
            key: self.ref,
            "result": "accepted" if self.is_accepted else "rejected",
            **self.position.to_dict(),
        }
        for name, faults in (("errors", self.faults), ("warnings", self.warnings)):
            if faults:
                facts[name] = [fault.to_dict(self.position) for fault in faults]
        return facts


def get_editor_ref(given: object, key: str) -> str:
    """The editor's own number of a line, whatever else is wrong with it; empty when it gives none."""
    number = given.get(key) if isinstance(given, dict) else None
    return clean_text(str(number)[:10_000])[:200] if isinstance(number, str | int) and not isinstance(number, bool) else ""


def list_faults(error: ValidationError) -> Iterator[Fault]:
    """The faults that a model found, each under the name of its field."""
    for fault in error.errors(include_url=False, include_input=False):
        name = ".".join(clean_text(str(step))[:80] for step in fault["loc"])
        kind, context = fault["type"], fault.get("ctx", {})
        if kind == "value_error":
            reason = str(context["error"])
        elif kind in (UNKNOWN_WORD, PHYSICAL_MEDIA):
            reason = fault["msg"]
        elif kind == "string_pattern_mismatch":
            reason = _PATTERN_REASONS.get(name, "valeur refusée")
        else:
            reason = _REASONS.get(kind, "valeur refusée").format(**context)
        yield Fault(name, reason, kind)


class KeyHints:
    """What to say of the unknown keys of one delivery. Only the first hundred are compared with the known ones: it is slow."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, tuple[str, ...]], str] = {}

    def get_reason(self, key: str, known: tuple[str, ...]) -> str:
        """What to say of an unknown key, with the known one it may stand for."""
        told = self._told.get((key, known))
        if told is None and len(self._told) < _MAX_SUGGESTIONS:
            near = get_close_matches(key, known, n=1)
            told = self._told[key, known] = f"{_IGNORED_KEY} (peut-être « {near[0]} » ?)" if near else _IGNORED_KEY
        return told or _IGNORED_KEY


def find_unknown_keys(given: object, known: tuple[str, ...], hints: KeyHints, prefix: str = "") -> list[Fault]:
    """A warning for each key that the contract does not hold, with what may have been meant."""
    if not isinstance(given, dict):
        return []
    unknown = [clean_text(key)[:60] for key in given if key not in known]
    told = [Fault(prefix + key, hints.get_reason(key, known), UNKNOWN_KEY) for key in unknown[:_MAX_UNKNOWN_KEYS]]
    if more := len(unknown) - len(told):
        told.append(Fault(prefix.rstrip("."), f"et {format_count(more, 'autre clé inconnue')}", UNKNOWN_KEY))
    return told
