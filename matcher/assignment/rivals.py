"""Group the decisions that link to one film."""

from collections import defaultdict
from collections.abc import Sequence

from matcher.decision import Band, EntryDecision


def group_by_film(decisions: Sequence[EntryDecision]) -> dict[str, list[int]]:
    """Return the positions of the automatic links to each film, by film id."""
    positions_by_film: defaultdict[str, list[int]] = defaultdict(list)
    for position, decision in enumerate(decisions):
        if decision.band is Band.AUTO:
            positions_by_film[decision.proposals[0].film_id].append(position)
    return positions_by_film
