"""What agents decided, as examples to learn from."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from matcher.blocking import FilmIndex
from matcher.loaders.database import make_entry_work, read_films
from matcher.training.examples import Example, make_examples

AGENTS_SOURCE = "agents"


def read_judged_examples(session: Session) -> Iterator[Example]:
    """The entries that a person settled: this film, or no film of the base; an answer « unsure » teaches nothing."""
    asked = select(Judgement, Entry).join(Entry, col(Entry.id) == col(Judgement.entry_id))
    settled = col(Judgement.by_person) & live_judgement() & (col(Judgement.verdict) != Verdict.UNSURE)
    rows = session.exec(asked.where(settled).order_by(col(Entry.id))).all()
    right = {str(entry.id): {str(judgement.film_id)} if judgement.film_id else set[str]() for judgement, entry in rows}
    entries = [make_entry_work(entry) for _, entry in rows]
    if entries:
        yield from make_examples(
            AGENTS_SOURCE, entries, FilmIndex(read_films(session)), right, {each for each in right if right[each]}
        )
