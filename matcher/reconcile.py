"""Match the rows of anybody's list, for the reconciliation service, with the matcher that links catalogues."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from domain.linking.protocol import (
    Reconciler,
    ReconciliationCandidate,
    ReconciliationQuery,
    ReconciliationResult,
    WeightedComparison,
)
from matcher.decision import Band, EntryDecision, ScoredProposal, decide_entries
from matcher.explanations import COMPARISON_LABELS
from matcher.loaders.database import add_cnc_ids
from matcher.model import load_model
from matcher.stored_index import open_database_index
from matcher.work import Work, make_work

_MIN_PROBABILITY = 0.001
"""Under it, films only share a name or a word with the row."""


def build_row_matcher(session: Session) -> Reconciler:
    """Return a function that matches rows with the films as they are now. Raise UserError when the model cannot be read."""
    model = load_model()
    index = open_database_index(session)

    def match_rows(rows: Sequence[ReconciliationQuery], limit: int) -> list[ReconciliationResult]:
        works = [_build_work(str(position), row) for position, row in enumerate(rows)]
        return [_build_result(decision) for decision in decide_entries(works, index, model, limit)]

    return match_rows


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
    return add_cnc_ids(work, row.identifiers)


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
