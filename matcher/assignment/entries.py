"""Keep one entry for each film on a platform, unless the platform lists the film several times."""

from collections.abc import Sequence

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.assignment.rivals import group_by_film
from matcher.comparisons.facts import compare_years
from matcher.comparisons.levels import CLOSE_YEARS, EQUAL_TITLES, PeopleLevel, YearLevel
from matcher.comparisons.people import compare_people
from matcher.comparisons.titles import compare_titles
from matcher.decision import EntryDecision
from matcher.work import Work

_COMPATIBLE_YEARS = (*CLOSE_YEARS, YearLevel.UNKNOWN)


def assign_one_to_one(entries: Sequence[Work], decisions: Sequence[EntryDecision]) -> list[EntryDecision]:
    """Return the decisions of one platform's entries, in their order.

    Of the entries linked to one film, the most probable one stays published with its duplicate listings; a person checks
    the others.
    """
    assigned = list(decisions)
    for positions in group_by_film(decisions).values():
        best = min(positions, key=lambda position: (-decisions[position].proposals[0].probability, entries[position].id))
        for position in positions:
            if position != best and not _are_same_listing(entries, decisions, position, best):
                assigned[position] = _demote_to_review(decisions[position], entries[best])
    return assigned


def _are_same_listing(entries: Sequence[Work], decisions: Sequence[EntryDecision], position: int, other: int) -> bool:
    """Return whether a platform lists one film twice: another version, another edition, another offer, another of its titles."""
    titles = [decisions[place].proposals[0].vector.title for place in (position, other)]
    return (
        (all(title in EQUAL_TITLES for title in titles) or _have_same_title(entries[position], entries[other]))
        and compare_years(entries[position], entries[other]) in _COMPATIBLE_YEARS
        and compare_people(entries[position].people, entries[other].people) is not PeopleLevel.DISJOINT
    )


def _have_same_title(entry: Work, other: Work) -> bool:
    return compare_titles(entry, other).level in EQUAL_TITLES


def _demote_to_review(decision: EntryDecision, best_entry: Work) -> EntryDecision:
    reason = Reason(ReasonCode.RIVAL_ENTRY, {"rival_id": best_entry.id, "rival_title": best_entry.title})
    return decision.demote_to_review(reason, "assignment")
