"""Lines joined to a film of another title: believed only where no other work of the same people could be meant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from matcher.comparison_levels import Backing
from matcher.decision import Band, EntryDecision
from matcher.people import person_keys
from matcher.work import Work

_SAME_TIME = 1
Makers = dict[str, list[Work]]


def settle_retitled(
    lines: Sequence[Work], decided: Sequence[EntryDecision], films: Sequence[Work], taken: Collection[str]
) -> list[EntryDecision]:
    """Of lines sure of a film under another title, those beside which another line or film of the same people and time waits
    become doubtful: a director may make two films in a year."""
    by_title = [decision.band is Band.AUTO and not _retitled(decision) for decision in decided]
    has_line = {decision.proposals[0].film_id for decision, sure in zip(decided, by_title, strict=True) if sure}.union(taken)
    waiting_lines = _by_maker(line for line, sure in zip(lines, by_title, strict=True) if not sure)
    waiting_films = _by_maker(film for film in films if film.id not in has_line)
    known = {film.id: film for film in films}
    settled = list(decided)
    for place, (line, decision) in enumerate(zip(lines, decided, strict=True)):
        if decision.band is Band.AUTO and _retitled(decision):
            film = known[decision.proposals[0].film_id]
            others = [*_beside(line, film, waiting_lines, line), *_beside(line, film, waiting_films, film)]
            settled[place] = _doubted(decision, others[0]) if others else decision
    return settled


def _retitled(decision: EntryDecision) -> bool:
    """Whether the title is not the film's: it took people and facts to bear it."""
    return decision.proposals[0].levels.backing is not Backing.NEEDLESS


def _by_maker(works: Iterable[Work]) -> Makers:
    found: Makers = defaultdict(list)
    for work in works:
        for person in work.people:
            found[person_keys(person)[0]].append(work)
    return found


def _beside(line: Work, film: Work, waiting: Makers, self: Work) -> list[Work]:
    """Other works that wait, by the same people and of the same time."""
    keys = {person_keys(person)[0] for person in (*line.people, *film.people)}
    years = (*line.years, *film.years)
    works = {other.id: other for key in keys for other in waiting.get(key, ()) if other.id != self.id}
    return [other for other in works.values() if any(abs(one - two) <= _SAME_TIME for one in years for two in other.years)]


def _doubted(decision: EntryDecision, other: Work) -> EntryDecision:
    told = f"veto : autre titre, et « {other.title} » des mêmes auteurs pourrait aussi convenir"
    return replace(decision, band=Band.REVIEW, reason=f"{decision.reason} — {told}", doubt="title")
