"""Short ways to write a film, an entry, and what becomes of it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from matcher.blocking import FilmIndex
from matcher.comparisons.levels import NEUTRAL_LEVELS
from matcher.comparisons.pair import COMPARISON_LEVELS, ComparisonVector
from matcher.decision import EntryDecision, decide_entries
from matcher.model import load_model
from matcher.work import Work, make_work


def build_work(work_id: str, *titles: str, **facts: Any) -> Work:
    """A work; `by` names its directors, parted by « | »."""
    directors = [name for name in facts.pop("by", "").split("|") if name]
    return make_work(work_id, titles, directors=directors, **facts)


def decide_entry(entry: Work, *films: Work) -> EntryDecision:
    """The decision about an entry, with the model in use."""
    return decide_entries([entry], FilmIndex(films), load_model())[0]


def build_comparisons(**levels: StrEnum) -> ComparisonVector:
    """The comparisons of a pair of which these levels are known and nothing else."""
    nothing: dict[str, Any] = {
        comparison: next((level for level in of if level in NEUTRAL_LEVELS), next(iter(of)))
        for comparison, of in COMPARISON_LEVELS.items()
    }
    return ComparisonVector(**{**nothing, **levels})


def list_links(outcomes: Sequence[EntryDecision]) -> list[tuple[str, str | None]]:
    """Each band, with the film put first."""
    return [(decision.band.value, decision.proposals[0].film_id if decision.proposals else None) for decision in outcomes]
