"""Rows of anybody's list, decided by the same matcher as catalogues."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, select

from domain.common.identifiers import read_identifier
from domain.linking.protocol import Candidate, Clue, Described, Found, Matching
from domain.models.film import FilmIdentifier
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision, ScoredProposal, decide_entries
from matcher.explanations import CLUE_WORDS
from matcher.loaders.database import read_films
from matcher.model import load_model
from matcher.work import Work, make_work

_CNC = "cnc"
_LEAST = 0.001  # under it, films share a name or a word with the row, no more


def read_matching(session: Session) -> Matching:
    """What matches rows against the films of the database as they are now. Raises Problem when the model cannot be read."""
    model, index = load_model(), FilmIndex(_films(session))

    def match(rows: Sequence[Described], most: int) -> list[Found]:
        works = [_work(str(place), row) for place, row in enumerate(rows)]
        return [_found(outcome) for outcome in decide_entries(works, index, model, most)]

    return match


def _films(session: Session) -> Iterator[Work]:
    """Every film of the base; here the CNC's numbers are compared too, which no catalogue gives."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for film_id, value in session.exec(select(FilmIdentifier.film_id, FilmIdentifier.value).where(FilmIdentifier.scheme == _CNC)):
        numbers[str(film_id)].append(value)
    return (_numbered(film, numbers.get(film.id, ())) for film in read_films(session))


def _numbered(work: Work, written: Iterable[str]) -> Work:
    found = sorted({f"{_CNC}:{value}" for text in written if (value := read_identifier(_CNC, text))})
    return replace(work, ids=(*work.ids, *found)) if found else work


def _work(number: str, row: Described) -> Work:
    work = make_work(
        number,
        row.titles,
        year=row.year,
        release_date=date(row.release_year, 1, 1) if row.release_year else None,
        runtime_min=row.runtime_min,
        directors=row.directors,
        countries=row.countries,
        kind=row.kind,
        ids=row.identifiers,
    )
    return _numbered(work, (value for scheme, value in row.identifiers if scheme == _CNC))


def _found(outcome: EntryDecision) -> Found:
    best, others = outcome.proposals[:1], outcome.proposals[1:]
    kept = (*best, *(near for near in others if near.probability >= _LEAST))
    return Found(tuple(map(_candidate, kept)), outcome.band is Band.AUTO, outcome.reason)


def _candidate(near: ScoredProposal) -> Candidate:
    clues = (Clue(name, CLUE_WORDS[name, getattr(near.levels, name)], weight) for name, weight in near.clues.items())
    return Candidate(int(near.film_id), near.probability, tuple(clues))
