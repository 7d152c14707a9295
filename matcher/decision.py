"""One entry's decision: published unseen, shown to a person, or nothing near."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.candidates import ScoredFilm, rank_candidates
from matcher.clues import IdLevel
from matcher.model import Model
from matcher.reason import french_number, tell_clues, tell_rule
from matcher.shortlist import FilmIndex
from matcher.vetoes import pair_veto, rival_veto
from matcher.work import Work

_PROPOSALS = 3


class Band(StrEnum):
    """What becomes of an entry."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoredProposal:
    """A film put forward for an entry, ready to be written."""

    film_id: str
    probability: float
    clues: dict[str, float]
    reason: str


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """The decision about an entry; the first proposal is the film decided or most probable."""

    band: Band
    reason: str
    proposals: tuple[ScoredProposal, ...] = ()


def _proposed(candidate: ScoredFilm) -> ScoredProposal:
    return ScoredProposal(candidate.film.id, round(candidate.probability, 4), candidate.weighed, tell_clues(candidate))


def _judge(entry: Work, candidates: Sequence[ScoredFilm], model: Model) -> tuple[Band, str]:
    """The band, and the rule or veto that put the entry there."""
    best, bands = candidates[0], model.bands
    identified = any(candidate.clues.identifier is IdLevel.SAME for candidate in candidates)
    if best.probability < bands.review and not identified:
        return Band.NONE, f"règle : moins de {french_number(bands.review, 2)}"
    if veto := pair_veto(entry, best) or rival_veto(candidates):
        return Band.REVIEW, f"veto : {veto}"
    if best.probability < bands.auto:
        return Band.REVIEW, f"règle : moins de {french_number(bands.auto, 2)}"
    return Band.AUTO, f"règle : au moins {french_number(bands.auto, 2)}"


def decide_entry(entry: Work, index: FilmIndex, model: Model) -> EntryDecision:
    """The decision about one entry, on its own."""
    candidates = rank_candidates(entry, index, model)
    if not candidates:
        return EntryDecision(Band.NONE, "aucun titre proche dans la base")
    band, rule = _judge(entry, candidates, model)
    return EntryDecision(band, tell_rule(candidates[0], rule), tuple(map(_proposed, candidates[:_PROPOSALS])))
