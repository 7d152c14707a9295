"""Keep one entry for each film on a platform, unless the platform lists the film several times."""

from collections.abc import Sequence

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.assignment.rivals import group_by_film
from matcher.comparisons.facts import compare_years
from matcher.comparisons.levels import CLOSE_YEARS, PeopleLevel, TitleLevel, YearLevel
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
            if position != best and not _is_duplicate_listing(entries[position], entries[best]):
                assigned[position] = _demote_to_review(decisions[position], entries[best])
    return assigned


def _is_duplicate_listing(entry: Work, other: Work) -> bool:
    """Return whether a platform lists one film twice: another version, another edition, another offer."""
    return (
        compare_titles(entry, other).level is TitleLevel.EXACT
        and compare_years(entry, other) in _COMPATIBLE_YEARS
        and compare_people(entry.people, other.people) is not PeopleLevel.DISJOINT
    )


def _demote_to_review(decision: EntryDecision, best_entry: Work) -> EntryDecision:
    reason = Reason(ReasonCode.RIVAL_ENTRY, {"rival_id": best_entry.id, "rival_title": best_entry.title})
    return decision.demote_to_review(reason, "assignment")
