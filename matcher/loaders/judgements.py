"""Load the decisions of persons as examples to learn from."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from matcher.loaders.database import make_entry_work
from matcher.stored_index import open_database_index
from matcher.training.examples import Example, make_examples
from matcher.work import Work

AGENTS_SOURCE = "agents"


def read_judged_examples(session: Session) -> Iterator[Example]:
    """Yield the entries that a person linked to a film, or to none; the verdict « unsure » teaches nothing."""
    entries: list[Work] = []
    true_matches: dict[str, set[str]] = {}
    is_settled = col(Judgement.by_person) & live_judgement() & (col(Judgement.verdict) != Verdict.UNSURE)
    stmt = select(Judgement, Entry).join(Entry, col(Entry.id) == col(Judgement.entry_id))
    for judgement, entry in session.exec(stmt.where(is_settled).order_by(col(Entry.id))).all():
        work = make_entry_work(entry)
        entries.append(work)
        true_matches[work.id] = {str(judgement.film_id)} if judgement.film_id else set()
    if not entries:
        return
    matchable_ids = {entry_id for entry_id, film_ids in true_matches.items() if film_ids}
    index = open_database_index(session)
    yield from make_examples(AGENTS_SOURCE, entries, index, true_matches, matchable_ids)
