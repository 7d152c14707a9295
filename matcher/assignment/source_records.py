"""Link each film to one record of a source, once every record was decided on its own."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.assignment.retitled import review_retitled_links
from matcher.assignment.rivals import group_by_film
from matcher.comparisons.levels import AGREEING_PEOPLE, CountriesLevel, PeopleLevel
from matcher.comparisons.people import compare_people
from matcher.decision import Band, EntryDecision
from matcher.work import Work

_MIN_WEIGHT_MARGIN = 2.0
"""Log-odds that the best record must have over the next one to be accepted beside it."""
_MIN_REVIEW_PROBABILITY = 0.2
"""Under it, about one record in twenty is the film: too few to ask a person."""
_MAX_RUNTIME_GAP = 3  # minutes
_RIVAL_REASON = Reason(ReasonCode.RIVAL_RECORD)
_OTHER_COUNTRY_REASON = Reason(ReasonCode.OTHER_COUNTRY)


def assign_source_records(
    source_records: Sequence[Work], decisions: Sequence[EntryDecision], films: Sequence[Work], linked_film_ids: Collection[str]
) -> list[EntryDecision]:
    """Return the decisions of a source's records, in their order; `linked_film_ids` are films that other records are already.

    A source lists a film once, but for identifiers that died: of several records linked to one film, the best one is
    accepted when it is clearly better, and none otherwise. A record linked under another title must be the only possible
    one. A film that has its record is no longer proposed for records that are less sure.
    """
    decisions = [_review_other_country(decision) for decision in decisions]
    assigned = _review_rivals(source_records, decisions, linked_film_ids)
    assigned = review_retitled_links(source_records, assigned, films, linked_film_ids)
    linked = {*group_by_film(assigned), *linked_film_ids}
    return [_drop_linked_films(decision, linked) if decision.band is Band.REVIEW else decision for decision in assigned]


def _review_rivals(
    source_records: Sequence[Work], decisions: Sequence[EntryDecision], linked_film_ids: Collection[str]
) -> list[EntryDecision]:
    reviewed = list(decisions)
    for film_id, positions in group_by_film(decisions).items():
        accepted = set() if film_id in linked_film_ids else _select_accepted(source_records, decisions, positions)
        for position in positions:
            if position not in accepted:
                reviewed[position] = decisions[position].demote_to_review(_RIVAL_REASON, "assignment")
    return reviewed


def _sum_match_weights(decision: EntryDecision) -> float:
    return sum(decision.proposals[0].match_weights.values())


def _select_accepted(source_records: Sequence[Work], decisions: Sequence[EntryDecision], positions: Sequence[int]) -> set[int]:
    """Return, of the records linked to one film, the positions of the best one and of those that describe the same work.

    Beside other records, the best one must be far better and have the film's director: the year tells little of homonyms.
    """
    weights = {position: _sum_match_weights(decisions[position]) for position in positions}
    best = max(positions, key=lambda position: (weights[position], source_records[position].id))
    accepted = {best}
    rival_weights = []
    for position in positions:
        if _is_same_work(source_records[best], source_records[position]):
            accepted.add(position)
        elif position != best:
            rival_weights.append(weights[position])
    if not rival_weights:
        return accepted
    has_director = decisions[best].proposals[0].vector.directors in AGREEING_PEOPLE
    is_far_better = weights[best] - max(rival_weights) >= _MIN_WEIGHT_MARGIN
    return accepted if has_director and is_far_better else set()


def _is_same_work(source_record: Work, other: Work) -> bool:
    """Return whether two records of a source describe one work, one of them under a dead identifier."""
    if source_record.year != other.year or set(source_record.exact_keys).isdisjoint(other.exact_keys):
        return False
    if compare_people(source_record.people, other.people) is not PeopleLevel.SAME:
        return False
    if not source_record.runtime_min or not other.runtime_min:
        return True
    return abs(source_record.runtime_min - other.runtime_min) <= _MAX_RUNTIME_GAP


def _review_other_country(decision: EntryDecision) -> EntryDecision:
    """Review a link to a film of another country without a director to confirm it: often a homonym."""
    if decision.band is not Band.AUTO:
        return decision
    vector = decision.proposals[0].vector
    if vector.countries is CountriesLevel.DISJOINT and vector.directors not in AGREEING_PEOPLE:
        return decision.demote_to_review(_OTHER_COUNTRY_REASON, "title")
    return decision


def _drop_linked_films(decision: EntryDecision, linked_film_ids: Collection[str]) -> EntryDecision:
    """Remove the films that have their record from a doubtful decision; without a probable film left, it becomes none.

    A film that only its identifier distinguishes from the record stays: one of the two identifiers may be dead.
    """
    if decision.doubt == "assignment":
        return decision
    proposals = decision.proposals
    if decision.doubt != "identifier":
        proposals = tuple(proposal for proposal in proposals if proposal.film_id not in linked_film_ids)
    if proposals and proposals[0].probability >= _MIN_REVIEW_PROBABILITY:
        return replace(decision, proposals=proposals)
    reason = Reason(ReasonCode.IMPROBABLE if proposals else ReasonCode.FILMS_TAKEN)
    return EntryDecision(Band.NONE, (*decision.reasons, reason), weights_by_level=decision.weights_by_level)
