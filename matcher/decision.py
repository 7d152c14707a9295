"""Decide each entry: publish its film, ask a person, or link it to no film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.blocking import FilmIndex
from matcher.candidates import ScoredCandidate, rank_candidates
from matcher.comparisons.identifiers import translate_identifiers
from matcher.comparisons.levels import EQUAL_TITLES, IdentifierLevel
from matcher.comparisons.pair import ComparisonVector
from matcher.explanations import format_explanation
from matcher.habits import NO_HABITS, CatalogueHabits
from matcher.model import Model
from matcher.rules import find_objections
from matcher.work import Work

_MAX_PROPOSALS = 3


class Band(StrEnum):
    """Say what becomes of an entry: its film is published, a person checks it, or no film is near."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoredProposal:
    """Represent a film put forward for an entry, with the weight of each comparison and the levels they came from."""

    film_id: str
    probability: float
    match_weights: dict[str, float]
    vector: ComparisonVector

    @property
    def weights_by_level(self) -> dict[str, float]:
        """Return the match weight of each comparison, by its name and level: {"title.exact": 1.9}."""
        return {f"{name}.{getattr(self.vector, name)}": weight for name, weight in self.match_weights.items()}

    @property
    def reason(self) -> str:
        """Return the match weights in one French line."""
        return format_explanation(self.weights_by_level, [Reason(ReasonCode.COMPARISONS)])


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """Represent the decision about an entry; the first proposal is the film decided or most probable.

    `reasons` are the rules and vetoes in the order they applied: the last one decided. `weights_by_level` are those of the
    most probable film, `doubt` what sends the entry to a person.
    """

    band: Band
    reasons: tuple[Reason, ...] = ()
    proposals: tuple[ScoredProposal, ...] = ()
    doubt: str = ""
    weights_by_level: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> ScoredProposal | None:
        """Return the most probable film; None when there is none."""
        return self.proposals[0] if self.proposals else None

    @property
    def reason(self) -> str:
        """Return the comparisons and the rules that decided in one French line."""
        return format_explanation(self.weights_by_level, self.reasons)

    def demote_to_review(self, reason: Reason, doubt: str) -> "EntryDecision":
        """Return the decision with one more veto, which sends the entry to a person."""
        return replace(self, band=Band.REVIEW, reasons=(*self.reasons, reason), doubt=doubt)


class _BandChoice(NamedTuple):
    """The band of an entry, the rules or vetoes that put it there, and the word for the doubt."""

    band: Band
    reasons: tuple[Reason, ...]
    doubt: str = ""


def _choose_band(entry: Work, candidates: Sequence[ScoredCandidate], model: Model) -> _BandChoice:
    best = candidates[0]
    bands = model.bands
    has_identifier = any(candidate.vector.identifier is IdentifierLevel.SAME for candidate in candidates)
    # Homonyms share the probability between them: what counts is that one of them may be the film.
    homonym_probability = sum(candidate.probability for candidate in candidates if candidate.vector.title in EQUAL_TITLES)
    if max(best.probability, homonym_probability) < bands.review and not has_identifier:
        return _BandChoice(Band.NONE, (Reason(ReasonCode.BELOW_REVIEW, {"threshold": bands.review}),))
    objections = find_objections(entry, candidates)
    if objections and not objections[0].yields_to(best.probability, bands.strict):
        return _BandChoice(Band.REVIEW, (objections[0].reason,), objections[0].doubt)
    if best.probability < bands.auto:
        return _BandChoice(Band.REVIEW, (Reason(ReasonCode.BELOW_AUTO, {"threshold": bands.auto}),), "probability")
    if objections:
        return _BandChoice(Band.AUTO, (objections[0].reason, Reason(ReasonCode.ABOVE_STRICT, {"threshold": bands.strict})))
    return _BandChoice(Band.AUTO, (Reason(ReasonCode.ABOVE_AUTO, {"threshold": bands.auto}),))


def decide_entry(
    entry: Work,
    candidates: Sequence[ScoredCandidate],
    model: Model,
    limit: int = _MAX_PROPOSALS,
    habits: CatalogueHabits = NO_HABITS,
) -> EntryDecision:
    """Decide one entry on its own, with at most `limit` proposals; candidates come most probable first."""
    if not candidates:
        return EntryDecision(Band.NONE, (Reason(ReasonCode.NO_CANDIDATE),))
    choice = _choose_band(entry, candidates, model)
    proposals = tuple(_build_proposal(candidate, model, habits) for candidate in candidates[:limit])
    return EntryDecision(choice.band, choice.reasons, proposals, choice.doubt, proposals[0].weights_by_level)


def _build_proposal(candidate: ScoredCandidate, model: Model, habits: CatalogueHabits) -> ScoredProposal:
    weights = model.get_match_weights(candidate.vector, habits.adjustments)
    return ScoredProposal(candidate.film.id, round(candidate.probability, 4), weights, candidate.vector)


def decide_entries(
    entries: Sequence[Work],
    index: FilmIndex,
    model: Model,
    limit: int = _MAX_PROPOSALS,
    habits: CatalogueHabits = NO_HABITS,
) -> list[EntryDecision]:
    """Decide entries of one catalogue, each on its own, in their order."""
    decisions = []
    entries = [translate_identifiers(entry, habits.readings) for entry in entries]
    for entry, candidate_set in zip(entries, index.find_candidates(entries), strict=True):
        candidates = rank_candidates(entry, candidate_set, index, model, habits)
        decisions.append(decide_entry(entry, candidates, model, limit, habits))
    return decisions
