"""Lines joined to a film of another title: believed only where no other work of the same people could be meant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.comparison_levels import CorroborationLevel
from matcher.decision import Band, EntryDecision
from matcher.people import get_person_keys
from matcher.work import Work

_MAX_YEAR_GAP = 1
WorksByPerson = dict[str, list[Work]]


def review_retitled_links(
    source_records: Sequence[Work], decisions: Sequence[EntryDecision], films: Sequence[Work], linked_film_ids: Collection[str]
) -> list[EntryDecision]:
    """Of lines sure of a film under another title, those beside which another line or film of the same people and time waits
    become doubtful: a director may make two films in a year."""
    by_title = [decision.band is Band.AUTO and not _is_retitled(decision) for decision in decisions]
    has_line = {decision.proposals[0].film_id for decision, sure in zip(decisions, by_title, strict=True) if sure}.union(
        linked_film_ids
    )
    waiting_lines = _group_by_person(line for line, sure in zip(source_records, by_title, strict=True) if not sure)
    waiting_films = _group_by_person(film for film in films if film.id not in has_line)
    known = {film.id: film for film in films}
    settled = list(decisions)
    for place, (line, decision) in enumerate(zip(source_records, decisions, strict=True)):
        if decision.band is Band.AUTO and _is_retitled(decision):
            film = known[decision.proposals[0].film_id]
            others = [
                *_find_competing_works(line, film, waiting_lines, line),
                *_find_competing_works(line, film, waiting_films, film),
            ]
            if others:
                rival = Reason(ReasonCode.COMPETING_WORK, {"rival_title": others[0].title})
                settled[place] = decision.demote_to_review(rival, "title")
    return settled


def _is_retitled(decision: EntryDecision) -> bool:
    """Whether the title is not the film's: it took people and facts to bear it."""
    return decision.proposals[0].vector.backing is not CorroborationLevel.NEEDLESS


def _group_by_person(works: Iterable[Work]) -> WorksByPerson:
    found: WorksByPerson = defaultdict(list)
    for work in works:
        for person in work.people:
            found[get_person_keys(person)[0]].append(work)
    return found


def _find_competing_works(source_record: Work, film: Work, unlinked_works: WorksByPerson, excluded: Work) -> list[Work]:
    """Other works that wait, by the same people and of the same time."""
    keys = {get_person_keys(person)[0] for person in (*source_record.people, *film.people)}
    years = (*source_record.years, *film.years)
    works = {other.id: other for key in keys for other in unlinked_works.get(key, ()) if other.id != excluded.id}
    return [other for other in works.values() if any(abs(one - two) <= _MAX_YEAR_GAP for one in years for two in other.years)]
