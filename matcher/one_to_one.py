"""One line, one film: what a base's lines say together, once each was decided alone."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.countries import CountriesLevel
from matcher.decision import Band, EntryDecision
from matcher.people import PeopleLevel, compare_people
from matcher.retitled import review_retitled_links
from matcher.work import Work

_MIN_WEIGHT_MARGIN = 2.0  # log-odds that the best line must have over the next to be believed alone
_MIN_REVIEW_PROBABILITY = 0.2  # under it, one line in twenty or so is the film: the desk would drown
_MAX_RUNTIME_GAP = 3
_AGREEING_DIRECTORS = (PeopleLevel.SAME, PeopleLevel.PARTIAL)
_RIVAL_REASON = Reason(ReasonCode.RIVAL_RECORD)
_OTHER_COUNTRY_REASON = Reason(ReasonCode.OTHER_COUNTRY)


def assign_source_records(
    source_records: Sequence[Work], decisions: Sequence[EntryDecision], films: Sequence[Work], linked_film_ids: Collection[str]
) -> list[EntryDecision]:
    """The decisions of a whole base's lines, in their order; `taken` are the films that other lines of it are already.

    A base lists a film once, but for a number that died: of several lines sure of one film, the best is believed where it
    is clearly so, and nobody where it is not. A line joined under another title must be the only one that could be. A film
    that has its line is no longer proposed for lines less sure.
    """
    decisions = [
        decision.demote_to_review(_OTHER_COUNTRY_REASON, "title") if _is_from_other_country(decision) else decision
        for decision in decisions
    ]
    decided = list(decisions)
    rivals: defaultdict[str, list[int]] = defaultdict(list)
    for place, decision in enumerate(decisions):
        if decision.band is Band.AUTO:
            rivals[decision.proposals[0].film_id].append(place)
    for film, places in rivals.items():
        kept = set() if film in linked_film_ids else _select_accepted(source_records, decisions, places)
        for place in places:
            decided[place] = decisions[place] if place in kept else decisions[place].demote_to_review(_RIVAL_REASON, "assignment")
    decided = review_retitled_links(source_records, decided, films, linked_film_ids)
    linked = {decision.proposals[0].film_id for decision in decided if decision.band is Band.AUTO}.union(linked_film_ids)
    return [_drop_linked_films(decision, linked) if decision.band is Band.REVIEW else decision for decision in decided]


def _sum_match_weights(decision: EntryDecision) -> float:
    return sum(decision.proposals[0].match_weights.values())


def _select_accepted(source_records: Sequence[Work], decisions: Sequence[EntryDecision], positions: Sequence[int]) -> set[int]:
    """Of the lines sure of one film: the best and those that tell the same work.

    Beside other lines, the best must be far over them and name the film's director: of homonyms, the year tells little.
    """
    best = max(positions, key=lambda place: (_sum_match_weights(decisions[place]), source_records[place].id))
    kept = {place for place in positions if place == best or _is_same_work(source_records[best], source_records[place])}
    others = [_sum_match_weights(decisions[place]) for place in positions if place not in kept]
    named = decisions[best].proposals[0].vector.directors in _AGREEING_DIRECTORS
    return kept if not others or (named and _sum_match_weights(decisions[best]) - max(others) >= _MIN_WEIGHT_MARGIN) else set()


def _is_same_work(source_record: Work, other: Work) -> bool:
    """Whether two lines of a base tell one work, under a number that died: same title, people, year and length."""
    same_title = not set(source_record.exact_keys).isdisjoint(other.exact_keys)
    apart = abs(source_record.runtime_min - other.runtime_min) if source_record.runtime_min and other.runtime_min else 0
    same_people = compare_people(source_record.people, other.people) is PeopleLevel.SAME
    return same_title and same_people and source_record.year == other.year and apart <= _MAX_RUNTIME_GAP


def _is_from_other_country(decision: EntryDecision) -> bool:
    """Whether a line is sure of a film of another country, with nobody named to tell that it is the same: a homonym, often."""
    if decision.band is not Band.AUTO:
        return False
    levels = decision.proposals[0].vector
    return levels.countries is CountriesLevel.DISJOINT and levels.directors not in _AGREEING_DIRECTORS


def _drop_linked_films(decision: EntryDecision, linked_film_ids: Collection[str]) -> EntryDecision:
    """A doubt without the films that have their line; when nothing worth asking is left, the line is none of them.

    A film that only its number tells from the line stays: one of the two numbers may be dead.
    """
    if decision.doubt == "assignment":
        return decision
    free = tuple(near for near in decision.proposals if near.film_id not in linked_film_ids or decision.doubt == "identifier")
    if free and free[0].probability >= _MIN_REVIEW_PROBABILITY:
        return replace(decision, proposals=free)
    reason = Reason(ReasonCode.IMPROBABLE if free else ReasonCode.FILMS_TAKEN)
    return EntryDecision(Band.NONE, (*decision.reasons, reason), weights_by_level=decision.weights_by_level)
