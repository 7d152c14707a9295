"""Review records linked to a film of another title, unless no other work of the same people can be meant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from domain.common.enums import ReasonCode
from domain.linking.reasons import Reason
from matcher.comparisons.facts import compare_years
from matcher.comparisons.levels import CLOSE_YEARS, CorroborationLevel
from matcher.comparisons.people import get_person_keys
from matcher.decision import Band, EntryDecision
from matcher.work import Work

WorksByPerson = dict[str, list[Work]]


def review_retitled_links(
    source_records: Sequence[Work], decisions: Sequence[EntryDecision], films: Sequence[Work], linked_film_ids: Collection[str]
) -> list[EntryDecision]:
    """Return the decisions, doubtful where a link under another title has a competing work.

    A competing work is another record or film without a link, by the same people and of about the same year: a director
    may make two films in a year.
    """
    linked_by_title = [decision.band is Band.AUTO and not _is_retitled(decision) for decision in decisions]
    taken_film_ids = set(linked_film_ids)
    unlinked_records = []
    for record, decision, is_linked in zip(source_records, decisions, linked_by_title, strict=True):
        if is_linked:
            taken_film_ids.add(decision.proposals[0].film_id)
        else:
            unlinked_records.append(record)
    records_by_person = _group_by_person(unlinked_records)
    films_by_person = _group_by_person(film for film in films if film.id not in taken_film_ids)
    films_by_id = {film.id: film for film in films}
    reviewed = []
    for record, decision in zip(source_records, decisions, strict=True):
        if decision.band is Band.AUTO and _is_retitled(decision):
            film = films_by_id[decision.proposals[0].film_id]
            rivals = _find_competing_works(record, film, records_by_person, excluded=record)
            rivals += _find_competing_works(record, film, films_by_person, excluded=film)
            decision = _review_rivals(decision, rivals)
        reviewed.append(decision)
    return reviewed


def _review_rivals(decision: EntryDecision, rivals: Sequence[Work]) -> EntryDecision:
    if not rivals:
        return decision
    return decision.demote_to_review(Reason(ReasonCode.COMPETING_WORK, {"rival_title": rivals[0].title}), "title")


def _is_retitled(decision: EntryDecision) -> bool:
    """Return whether the title is not the film's, so that people and facts had to confirm it."""
    return decision.proposals[0].vector.backing is not CorroborationLevel.NEEDLESS


def _group_by_person(works: Iterable[Work]) -> WorksByPerson:
    works_by_person: WorksByPerson = defaultdict(list)
    for work in works:
        for person in work.people:
            works_by_person[get_person_keys(person)[0]].append(work)
    return works_by_person


def _find_competing_works(source_record: Work, film: Work, unlinked_works: WorksByPerson, excluded: Work) -> list[Work]:
    """Return the other works without a link by the same people, of the same year or the next."""
    rivals: dict[str, Work] = {}
    for person in (*source_record.people, *film.people):
        for work in unlinked_works.get(get_person_keys(person)[0], ()):
            if work.id != excluded.id and _is_of_same_time(work, source_record, film):
                rivals[work.id] = work
    return list(rivals.values())


def _is_of_same_time(work: Work, source_record: Work, film: Work) -> bool:
    return compare_years(work, source_record) in CLOSE_YEARS or compare_years(work, film) in CLOSE_YEARS
