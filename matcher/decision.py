"""The decision about each entry: published unseen, shown to a person, or nothing near."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.blocking import FilmIndex
from matcher.candidates import ScoredFilm, rank_candidates
from matcher.comparison_levels import IdLevel, TitleLevel
from matcher.comparisons import Clues
from matcher.explanations import french_number, tell_clues, tell_rule
from matcher.model import Model
from matcher.rules import pair_veto, rival_veto
from matcher.work import Work

_PROPOSALS = 3


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
    clues: dict[str, float]
    reason: str
    levels: Clues


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """The decision about an entry; the first proposal is the film decided or most probable, `doubt` what sends it to a person."""

    band: Band
    reason: str
    proposals: tuple[ScoredProposal, ...] = ()
    doubt: str = ""


def _judge(entry: Work, candidates: Sequence[ScoredFilm], model: Model) -> tuple[Band, str, str]:
    """The band, the rule or veto that put the entry there, and the word for the doubt."""
    best, bands = candidates[0], model.bands
    identified = any(candidate.clues.identifier is IdLevel.SAME for candidate in candidates)
    # Homonyms share the odds between them: what counts is that one of them may be it.
    homonyms = sum(candidate.probability for candidate in candidates if candidate.clues.title is TitleLevel.EXACT)
    if max(best.probability, homonyms) < bands.review and not identified:
        return Band.NONE, f"règle : moins de {french_number(bands.review, 2)}", ""
    if veto := pair_veto(entry, best) or rival_veto(candidates):
        return Band.REVIEW, f"veto : {veto.told}", veto.word
    if best.probability < bands.auto:
        return Band.REVIEW, f"règle : moins de {french_number(bands.auto, 2)}", "probability"
    return Band.AUTO, f"règle : au moins {french_number(bands.auto, 2)}", ""


def decide(entry: Work, candidates: Sequence[ScoredFilm], model: Model, most: int = _PROPOSALS) -> EntryDecision:
    """The decision about one entry, on its own, with `most` proposals; candidates come most probable first."""
    if not candidates:
        return EntryDecision(Band.NONE, "aucun titre proche dans la base")
    band, rule, doubt = _judge(entry, candidates, model)
    proposals = []
    for found in candidates[:most]:
        weighed = model.weigh(found.clues)
        told = tell_clues(found.clues, weighed)
        proposals.append(ScoredProposal(found.film.id, round(found.probability, 4), weighed, told, found.clues))
    return EntryDecision(band, tell_rule(proposals[0].reason, rule), tuple(proposals), doubt)


def decide_entries(entries: Sequence[Work], index: FilmIndex, model: Model, most: int = _PROPOSALS) -> list[EntryDecision]:
    """The decision about each entry, each on its own, in their order."""
    shortlists = index.shortlists(entries)
    return [
        decide(entry, rank_candidates(entry, shortlist, index, model), model, most)
        for entry, shortlist in zip(entries, shortlists, strict=True)
    ]
