"""One film, one entry: on a platform, two entries that look different cannot both be the same film."""

from collections import defaultdict
from collections.abc import Sequence

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.comparison_levels import TitleLevel, YearLevel
from matcher.comparisons import compare_titles, compare_years
from matcher.decision import Band, EntryDecision
from matcher.people import PeopleLevel, compare_people
from matcher.work import Work

_COMPATIBLE_YEARS = (YearLevel.SAME, YearLevel.EARLIER, YearLevel.LATER, YearLevel.UNKNOWN)


def _is_duplicate_listing(entry: Work, other: Work) -> bool:
    """Whether a platform lists one film twice: another version, another edition, another offer."""
    return (
        compare_titles(entry, other)[0] is TitleLevel.EXACT
        and compare_years(entry, other) in _COMPATIBLE_YEARS
        and compare_people(entry.people, other.people) is not PeopleLevel.DISJOINT
    )


def _demote_to_review(decision: EntryDecision, winner: Work) -> EntryDecision:
    reason = Reason(ReasonCode.RIVAL_ENTRY, {"rival_id": winner.id, "rival_title": winner.title})
    return decision.demote_to_review(reason, "assignment")


def assign_one_to_one(entries: Sequence[Work], decisions: Sequence[EntryDecision]) -> list[EntryDecision]:
    """The decisions of one platform's entries, in their order; for one film, the best entry stays published, with its repeats."""
    rivals: defaultdict[str, list[int]] = defaultdict(list)
    for place, decision in enumerate(decisions):
        if decision.band is Band.AUTO:
            rivals[decision.proposals[0].film_id].append(place)
    settled = list(decisions)
    for places in rivals.values():
        best, *others = sorted(places, key=lambda place: (-decisions[place].proposals[0].probability, entries[place].id))
        for place in others:
            if not _is_duplicate_listing(entries[place], entries[best]):
                settled[place] = _demote_to_review(decisions[place], entries[best])
    return settled
