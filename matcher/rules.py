"""Decide whether a person must look at a link, whatever its probability: vetoes on the pair, and films that rival it."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.candidates import ScoredCandidate
from matcher.comparisons.levels import (
    AGREEING_PEOPLE,
    AGREEING_TITLES,
    CLOSE_YEARS,
    EQUAL_TITLES,
    CountriesLevel,
    IdentifierLevel,
    PeopleLevel,
    RuntimeLevel,
    YearLevel,
)
from matcher.comparisons.pair import ComparisonVector
from matcher.vetoes import COMMON_VETOES, DISTANT_YEARS, IDENTIFIED_VETOES, UNIDENTIFIED_VETOES, describe_work
from matcher.work import Work

_FACTS = ("year", "directors", "runtime", "countries")


class Objection(NamedTuple):
    """Say why a person must look: the word for the doubt, the veto with what it bears on, and when it yields."""

    doubt: str
    reason: Reason
    min_probability: float | None = None

    def yields_to(self, probability: float, strict: float) -> bool:
        """Return whether a film so probable is published all the same; `strict` is the model's strict band."""
        return self.min_probability is not None and probability >= max(self.min_probability, strict)


def find_objections(entry: Work, candidates: Sequence[ScoredCandidate]) -> list[Objection]:
    """Return the reasons why the most probable film cannot be published unseen, those that never yield first."""
    best, *others = candidates
    objections = [*_find_pair_objections(entry, best), *_find_rival_objections(best, others)]
    return sorted(objections, key=_rank_objection)


def _rank_objection(objection: Objection) -> float:
    """Return a rank: the objections that never yield first, then those that yield to the highest probability."""
    return -math.inf if objection.min_probability is None else -objection.min_probability


def _find_pair_objections(entry: Work, best: ScoredCandidate) -> Iterator[Objection]:
    identified = best.vector.identifier is IdentifierLevel.SAME
    for veto in (*(IDENTIFIED_VETOES if identified else UNIDENTIFIED_VETOES), *COMMON_VETOES):
        if veto.applies(best.vector):
            yield Objection(veto.doubt, Reason(veto.code, veto.get_params(entry, best.film)), veto.min_probability)


def _find_rival_objections(best: ScoredCandidate, others: Sequence[ScoredCandidate]) -> Iterator[Objection]:
    for other in others:
        rival = describe_work(other.film)
        params = {"film_work": describe_work(best.film), "rival_work": rival}
        if other.vector.identifier is IdentifierLevel.SAME:
            yield Objection("identifier", Reason(ReasonCode.IDENTIFIER_OF_OTHER_FILM, {"rival_work": rival}))
        elif _are_indistinguishable(best, other) or _has_better_title(best, other) or _leads_by_unknown_facts(best, other):
            yield Objection("rivals", Reason(ReasonCode.RIVAL_FILMS, params))


def _are_indistinguishable(best: ScoredCandidate, other: ScoredCandidate) -> bool:
    """Return whether only popularity distinguishes two candidates."""
    return best.vector.identifier is not IdentifierLevel.SAME and best.vector._replace(fame=other.vector.fame) == other.vector


def _has_better_title(best: ScoredCandidate, other: ScoredCandidate) -> bool:
    """Return whether another film by the same people, of about the same year, has the entry's title, and the best one has not."""
    if best.vector.identifier is IdentifierLevel.SAME or best.vector.title in AGREEING_TITLES:
        return False
    is_near = other.vector.year in (*CLOSE_YEARS, YearLevel.TWO, YearLevel.UNKNOWN)
    return other.vector.title in EQUAL_TITLES and other.vector.directors in AGREEING_PEOPLE and is_near


def _leads_by_unknown_facts(best: ScoredCandidate, other: ScoredCandidate) -> bool:
    """Return whether the best film leads another one of an equal title only by facts that are unknown."""
    if best.vector.title not in EQUAL_TITLES or other.vector.title not in EQUAL_TITLES:
        return False
    if best.vector.identifier is IdentifierLevel.SAME or _is_contradicted(other.vector):
        return False
    pairs = [(getattr(best.vector, fact), getattr(other.vector, fact)) for fact in _FACTS]
    differing = [(level, rival_level) for level, rival_level in pairs if level != rival_level]
    return bool(differing) and all(level == "unknown" for level, _ in differing)


def _is_contradicted(vector: ComparisonVector) -> bool:
    """Return whether a fact speaks clearly against a film."""
    return (
        vector.year in DISTANT_YEARS
        or vector.directors is PeopleLevel.DISJOINT
        or vector.runtime is RuntimeLevel.FAR
        or vector.countries is CountriesLevel.DISJOINT
    )
