"""Decide each entry: publish its film, ask a person, or link it to no film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.blocking import FilmIndex
from matcher.candidates import ScoredCandidate, rank_candidates
from matcher.comparisons.levels import IdentifierLevel, TitleLevel
from matcher.comparisons.pair import ComparisonVector
from matcher.explanations import format_explanation
from matcher.model import Model
from matcher.rules import find_pair_veto, find_rival_veto
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


def _choose_band(entry: Work, candidates: Sequence[ScoredCandidate], model: Model) -> tuple[Band, Reason, str]:
    """Return the band, the rule or veto that put the entry there, and the word for the doubt."""
    best = candidates[0]
    bands = model.bands
    has_identifier = any(candidate.vector.identifier is IdentifierLevel.SAME for candidate in candidates)
    # Homonyms share the probability between them: what counts is that one of them may be the film.
    homonym_probability = sum(candidate.probability for candidate in candidates if candidate.vector.title is TitleLevel.EXACT)
    if max(best.probability, homonym_probability) < bands.review and not has_identifier:
        return Band.NONE, Reason(ReasonCode.BELOW_REVIEW, {"threshold": bands.review}), ""
    objection = find_pair_veto(entry, best) or find_rival_veto(candidates)
    if objection:
        return Band.REVIEW, objection.reason, objection.doubt
    if best.probability < bands.auto:
        return Band.REVIEW, Reason(ReasonCode.BELOW_AUTO, {"threshold": bands.auto}), "probability"
    return Band.AUTO, Reason(ReasonCode.ABOVE_AUTO, {"threshold": bands.auto}), ""


def decide_entry(entry: Work, candidates: Sequence[ScoredCandidate], model: Model, limit: int = _MAX_PROPOSALS) -> EntryDecision:
    """Decide one entry on its own, with at most `limit` proposals; candidates come most probable first."""
    if not candidates:
        return EntryDecision(Band.NONE, (Reason(ReasonCode.NO_CANDIDATE),))
    band, reason, doubt = _choose_band(entry, candidates, model)
    proposals = tuple(_build_proposal(candidate, model) for candidate in candidates[:limit])
    return EntryDecision(band, (reason,), proposals, doubt, proposals[0].weights_by_level)


def _build_proposal(candidate: ScoredCandidate, model: Model) -> ScoredProposal:
    weights = model.get_match_weights(candidate.vector)
    return ScoredProposal(candidate.film.id, round(candidate.probability, 4), weights, candidate.vector)


def decide_entries(entries: Sequence[Work], index: FilmIndex, model: Model, limit: int = _MAX_PROPOSALS) -> list[EntryDecision]:
    """Decide entries, each on its own, in their order."""
    decisions = []
    for entry, candidate_set in zip(entries, index.find_candidates(entries), strict=True):
        candidates = rank_candidates(entry, candidate_set, index, model)
        decisions.append(decide_entry(entry, candidates, model, limit))
    return decisions
