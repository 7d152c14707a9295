"""The decision about each entry: published unseen, shown to a person, or nothing near."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.blocking import FilmIndex
from matcher.candidates import ScoredCandidate, rank_candidates
from matcher.comparison_levels import IdentifierLevel, TitleLevel
from matcher.comparisons import ComparisonVector
from matcher.explanations import format_match_weights, format_number, format_reason
from matcher.model import Model
from matcher.rules import find_pair_veto, find_rival_veto
from matcher.work import Work

_MAX_PROPOSALS = 3


class Band(StrEnum):
    """What becomes of an entry."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoredProposal:
    """A film put forward for an entry, ready to be written: what each clue weighs, and its level."""

    film_id: str
    probability: float
    match_weights: dict[str, float]
    reason: str
    vector: ComparisonVector


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """The decision about an entry; the first proposal is the film decided or most probable, `doubt` what sends it to a person."""

    band: Band
    reason: str
    proposals: tuple[ScoredProposal, ...] = ()
    doubt: str = ""


def _choose_band(entry: Work, candidates: Sequence[ScoredCandidate], model: Model) -> tuple[Band, str, str]:
    """The band, the rule or veto that put the entry there, and the word for the doubt."""
    best, bands = candidates[0], model.bands
    identified = any(candidate.vector.identifier is IdentifierLevel.SAME for candidate in candidates)
    # Homonyms share the odds between them: what counts is that one of them may be it.
    homonyms = sum(candidate.probability for candidate in candidates if candidate.vector.title is TitleLevel.EXACT)
    if max(best.probability, homonyms) < bands.review and not identified:
        return Band.NONE, f"règle : moins de {format_number(bands.review, 2)}", ""
    if veto := find_pair_veto(entry, best) or find_rival_veto(candidates):
        return Band.REVIEW, f"veto : {veto.message}", veto.code
    if best.probability < bands.auto:
        return Band.REVIEW, f"règle : moins de {format_number(bands.auto, 2)}", "probability"
    return Band.AUTO, f"règle : au moins {format_number(bands.auto, 2)}", ""


def decide_entry(entry: Work, candidates: Sequence[ScoredCandidate], model: Model, limit: int = _MAX_PROPOSALS) -> EntryDecision:
    """The decision about one entry, on its own, with `most` proposals; candidates come most probable first."""
    if not candidates:
        return EntryDecision(Band.NONE, "aucun titre proche dans la base")
    band, rule, doubt = _choose_band(entry, candidates, model)
    proposals = []
    for found in candidates[:limit]:
        weighed = model.get_match_weights(found.vector)
        told = format_match_weights(found.vector, weighed)
        proposals.append(ScoredProposal(found.film.id, round(found.probability, 4), weighed, told, found.vector))
    return EntryDecision(band, format_reason(proposals[0].reason, rule), tuple(proposals), doubt)


def decide_entries(entries: Sequence[Work], index: FilmIndex, model: Model, limit: int = _MAX_PROPOSALS) -> list[EntryDecision]:
    """The decision about each entry, each on its own, in their order."""
    shortlists = index.find_candidates(entries)
    return [
        decide_entry(entry, rank_candidates(entry, shortlist, index, model), model, limit)
        for entry, shortlist in zip(entries, shortlists, strict=True)
    ]
