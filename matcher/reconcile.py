"""Match the rows of anybody's list, for the reconciliation service, with the matcher that links catalogues."""

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
_MIN_PROBABILITY = 0.001
"""Under it, films only share a name or a word with the row."""


def build_row_matcher(session: Session) -> Reconciler:
    """Return a function that matches rows with the films as they are now. Raise UserError when the model cannot be read."""
    model = load_model()
    index = FilmIndex(_read_films_with_cnc_ids(session))

    def match_rows(rows: Sequence[ReconciliationQuery], limit: int) -> list[ReconciliationResult]:
        works = [_build_work(str(position), row) for position, row in enumerate(rows)]
        return [_build_result(decision) for decision in decide_entries(works, index, model, limit)]

    return match_rows


def _read_films_with_cnc_ids(session: Session) -> Iterator[Work]:
    """Yield every film; the CNC's identifiers are compared here only, as no catalogue gives them."""
    cnc_ids: defaultdict[str, list[str]] = defaultdict(list)
    stmt = select(FilmIdentifier.film_id, FilmIdentifier.value).where(FilmIdentifier.scheme == _CNC_SCHEME)
    for film_id, value in session.exec(stmt):
        cnc_ids[str(film_id)].append(value)
    for film in read_films(session):
        yield _add_cnc_ids(film, cnc_ids.get(film.id, ()))


def _add_cnc_ids(work: Work, cnc_ids: Iterable[str]) -> Work:
    valid_ids = {parse_identifier(_CNC_SCHEME, text) for text in cnc_ids} - {None}
    added = sorted(f"{_CNC_SCHEME}:{value}" for value in valid_ids)
    return replace(work, ids=(*work.ids, *added)) if added else work


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


def _build_result(decision: EntryDecision) -> ReconciliationResult:
    best, others = decision.proposals[:1], decision.proposals[1:]
    proposals = [*best, *(proposal for proposal in others if proposal.probability >= _MIN_PROBABILITY)]
    candidates = tuple(map(_build_candidate, proposals))
    return ReconciliationResult(candidates, decision.band is Band.AUTO, decision.reason)


def _build_candidate(proposal: ScoredProposal) -> ReconciliationCandidate:
    comparisons = []
    for name, weight in proposal.match_weights.items():
        level = getattr(proposal.vector, name)
        comparisons.append(WeightedComparison(name, COMPARISON_LABELS[name, level], weight))
    return ReconciliationCandidate(int(proposal.film_id), proposal.probability, tuple(comparisons))
