"""Rows of anybody's list, decided by the same matcher as catalogues."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, select

from domain.common.identifiers import parse_identifier
from domain.linking.protocol import (
    Reconciler,
    ReconciliationCandidate,
    ReconciliationQuery,
    ReconciliationResult,
    WeightedComparison,
)
from domain.models.film import FilmIdentifier
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision, ScoredProposal, decide_entries
from matcher.explanations import COMPARISON_LABELS
from matcher.loaders.database import read_films
from matcher.model import load_model
from matcher.work import Work, make_work

_CNC_SCHEME = "cnc"
_MIN_PROBABILITY = 0.001  # under it, films share a name or a word with the row, no more


def build_row_matcher(session: Session) -> Reconciler:
    """What matches rows against the films of the database as they are now. Raises Problem when the model cannot be read."""
    model, index = load_model(), FilmIndex(_read_films_with_cnc_ids(session))

    def match(rows: Sequence[ReconciliationQuery], most: int) -> list[ReconciliationResult]:
        works = [_build_work(str(place), row) for place, row in enumerate(rows)]
        return [_build_result(outcome) for outcome in decide_entries(works, index, model, most)]

    return match


def _read_films_with_cnc_ids(session: Session) -> Iterator[Work]:
    """Every film of the base; here the CNC's numbers are compared too, which no catalogue gives."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for film_id, value in session.exec(
        select(FilmIdentifier.film_id, FilmIdentifier.value).where(FilmIdentifier.scheme == _CNC_SCHEME)
    ):
        numbers[str(film_id)].append(value)
    return (_add_cnc_ids(film, numbers.get(film.id, ())) for film in read_films(session))


def _add_cnc_ids(work: Work, cnc_ids: Iterable[str]) -> Work:
    found = sorted({f"{_CNC_SCHEME}:{value}" for text in cnc_ids if (value := parse_identifier(_CNC_SCHEME, text))})
    return replace(work, ids=(*work.ids, *found)) if found else work


def _build_work(work_id: str, row: ReconciliationQuery) -> Work:
    work = make_work(
        work_id,
        row.titles,
        year=row.year,
        release_date=date(row.release_year, 1, 1) if row.release_year else None,
        runtime_min=row.runtime_min,
        directors=row.directors,
        countries=row.countries,
        kind=row.kind,
        ids=row.identifiers,
    )
    return _add_cnc_ids(work, (value for scheme, value in row.identifiers if scheme == _CNC_SCHEME))


def _build_result(outcome: EntryDecision) -> ReconciliationResult:
    best, others = outcome.proposals[:1], outcome.proposals[1:]
    kept = (*best, *(near for near in others if near.probability >= _MIN_PROBABILITY))
    return ReconciliationResult(tuple(map(_build_candidate, kept)), outcome.band is Band.AUTO, outcome.reason)


def _build_candidate(proposal: ScoredProposal) -> ReconciliationCandidate:
    clues = (
        WeightedComparison(name, COMPARISON_LABELS[name, getattr(proposal.vector, name)], weight)
        for name, weight in proposal.match_weights.items()
    )
    return ReconciliationCandidate(int(proposal.film_id), proposal.probability, tuple(clues))
