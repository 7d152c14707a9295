"""Make poorer copies of labelled entries, as other catalogues would give them: facts missing, years and running times off.

A model that only learns from complete entries is too sure of entries that say little.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any
from zlib import crc32

from matcher.work import Work

VARIANT_COUNT = 2
"""Copies of each entry."""
VARIANT_WEIGHT = 0.3
"""What a copy counts in the fit, beside its entry, which counts 1."""
_DROP_CHANCES = {"people": 0.35, "year": 0.3, "runtime_min": 0.4, "countries": 0.4, "kind": 0.5}
_WRONG_YEAR_CHANCE, _WRONG_RUNTIME_CHANCE = 0.08, 0.1
_YEAR_ERRORS = (-1, 1, 1, 2)
_RUNTIME_ERRORS = (-8, -5, -3, 3, 4, 6, 9)  # minutes


def make_variants(entries: Sequence[Work], copy: int) -> list[Work]:
    """Return a poorer copy of each entry, always the same for the same entry and number of copy."""
    return [_make_variant(entry, Random(crc32(f"{entry.id} {copy}".encode()))) for entry in entries]  # noqa: S311


def _make_variant(entry: Work, chance: Random) -> Work:
    changes: dict[str, Any] = {}
    for fact, drop_chance in _DROP_CHANCES.items():
        if chance.random() < drop_chance:
            changes[fact] = () if fact in ("people", "countries") else None
    if "people" in changes:
        changes["directors"] = ()
    if "year" in changes:
        changes["release_year"] = None
    elif entry.year and chance.random() < _WRONG_YEAR_CHANCE:
        changes["year"] = entry.year + chance.choice(_YEAR_ERRORS)
    if "runtime_min" not in changes and entry.runtime_min and chance.random() < _WRONG_RUNTIME_CHANCE:
        changes["runtime_min"] = max(1, entry.runtime_min + chance.choice(_RUNTIME_ERRORS))
    return replace(entry, **changes)
