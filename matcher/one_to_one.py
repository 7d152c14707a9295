"""One line, one film: what a base's lines say together, once each was decided alone."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from matcher.countries import Shared
from matcher.decision import Band, EntryDecision
from matcher.people import Agreement, compare_people
from matcher.retitled import settle_retitled
from matcher.work import Work

_CLEAR = 2.0  # log-odds that the best line must have over the next to be believed alone
_WORTH_ASKING = 0.2  # under it, one line in twenty or so is the film: the desk would drown
_SAME_LENGTH = 3
_NAMED = (Agreement.SAME, Agreement.PARTIAL)
_RIVAL = "une autre ligne de cette base est ou pourrait être ce film"
_ELSEWHERE = "autre pays, et aucun réalisateur pour le confirmer"


def settle_base(
    lines: Sequence[Work], alone: Sequence[EntryDecision], films: Sequence[Work], taken: Collection[str]
) -> list[EntryDecision]:
    """The decisions of a whole base's lines, in their order; `taken` are the films that other lines of it are already.

    A base lists a film once, but for a number that died: of several lines sure of one film, the best is believed where it
    is clearly so, and nobody where it is not. A line joined under another title must be the only one that could be. A film
    that has its line is no longer proposed for lines less sure.
    """
    alone = [_disputed(decision, _ELSEWHERE, "title") if _elsewhere(decision) else decision for decision in alone]
    decided = list(alone)
    rivals: defaultdict[str, list[int]] = defaultdict(list)
    for place, decision in enumerate(alone):
        if decision.band is Band.AUTO:
            rivals[decision.proposals[0].film_id].append(place)
    for film, places in rivals.items():
        kept = set() if film in taken else _believed(lines, alone, places)
        for place in places:
            decided[place] = alone[place] if place in kept else _disputed(alone[place], _RIVAL, "assignment")
    decided = settle_retitled(lines, decided, films, taken)
    linked = {decision.proposals[0].film_id for decision in decided if decision.band is Band.AUTO}.union(taken)
    return [_free(decision, linked) if decision.band is Band.REVIEW else decision for decision in decided]


def _weight(decision: EntryDecision) -> float:
    return sum(decision.proposals[0].clues.values())


def _believed(lines: Sequence[Work], alone: Sequence[EntryDecision], places: Sequence[int]) -> set[int]:
    """Of the lines sure of one film: the best and those that tell the same work.

    Beside other lines, the best must be far over them and name the film's director: of homonyms, the year tells little.
    """
    best = max(places, key=lambda place: (_weight(alone[place]), lines[place].id))
    kept = {place for place in places if place == best or _same_work(lines[best], lines[place])}
    others = [_weight(alone[place]) for place in places if place not in kept]
    named = alone[best].proposals[0].levels.directors in _NAMED
    return kept if not others or (named and _weight(alone[best]) - max(others) >= _CLEAR) else set()


def _same_work(line: Work, other: Work) -> bool:
    """Whether two lines of a base tell one work, under a number that died: same title, people, year and length."""
    same_title = not set(line.exact).isdisjoint(other.exact)
    apart = abs(line.runtime_min - other.runtime_min) if line.runtime_min and other.runtime_min else 0
    same_people = compare_people(line.people, other.people) is Agreement.SAME
    return same_title and same_people and line.year == other.year and apart <= _SAME_LENGTH


def _elsewhere(decision: EntryDecision) -> bool:
    """Whether a line is sure of a film of another country, with nobody named to tell that it is the same: a homonym, often."""
    if decision.band is not Band.AUTO:
        return False
    levels = decision.proposals[0].levels
    return levels.countries is Shared.DISJOINT and levels.directors not in _NAMED


def _disputed(decision: EntryDecision, why: str, doubt: str) -> EntryDecision:
    return replace(decision, band=Band.REVIEW, reason=f"{decision.reason} — veto : {why}", doubt=doubt)


def _free(decision: EntryDecision, linked: Collection[str]) -> EntryDecision:
    """A doubt without the films that have their line; when nothing worth asking is left, the line is none of them.

    A film that only its number tells from the line stays: one of the two numbers may be dead.
    """
    if decision.doubt == "assignment":
        return decision
    free = tuple(near for near in decision.proposals if near.film_id not in linked or decision.doubt == "identifier")
    if free and free[0].probability >= _WORTH_ASKING:
        return replace(decision, proposals=free)
    why = "trop peu probable" if free else "les films proches ont leur ligne dans cette base"
    return EntryDecision(Band.NONE, f"{decision.reason} — {why}")
