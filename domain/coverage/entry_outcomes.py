"""Count T16: what became of the entries received, and how exact the links are."""

from collections import Counter, defaultdict
from enum import StrEnum

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from domain.common.enums import CaseCause, RunState, Verdict
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Cell, Column, Knowledge, Row, TableBody, Unit, compute_share
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.review_case import ReviewCase
from domain.models.run import Run
from domain.review.sampling import AUDIT_PERIOD, ErrorRate
from domain.runs.runs import get_run_counts


class _LinkMethod(StrEnum):
    """Name what decided an entry, in the order of the columns."""

    IDENTIFIER = "identifier"
    EXACT_TITLE = "exact title"
    OTHER_EVIDENCE = "others"
    PERSON = "person"
    DOUBTFUL = "doubt"
    UNLINKED = "none"


_COLUMNS = (
    *(Column("Service", Unit.TEXT), Column("Lignes reçues"), Column("Lignes du jour"), Column("Par identifiant")),
    *(Column("Par titre exact"), Column("Par d’autres indices"), Column("Par une personne"), Column("Douteuses")),
    *(Column("Non reliées"), Column("Part reliée", Unit.SHARE), Column("Liens vérifiés"), Column("Précision", Unit.SHARE)),
    *(Column("Au moins", Unit.SHARE), Column("Au plus", Unit.SHARE)),
)


def measure_link_quality(day: DaySnapshot) -> TableBody:
    """Measure T16 by service: rows received by the last run, what links its open entries, and the precision audited."""
    entries = _count_by_link_method(day)
    audits = _get_error_rates(day)
    runs = get_accepted_runs(day)
    received = {platform_id: get_run_counts(runs[platform_id][-1]).rows for platform_id in day.platforms}
    rows = [
        _build_row(platform.name, received[platform_id], entries[platform_id], audits[platform_id])
        for platform_id, platform in day.platforms.items()
    ]
    all_entries = sum(entries.values(), Counter[str]())
    rows.append(_build_row(ALL_LABEL, sum(received.values()), all_entries, sum(audits.values(), ErrorRate())))
    return TableBody(_COLUMNS, tuple(rows), chart_column=9)


def _build_row(name: str, received: int, entries: Counter[str], audit: ErrorRate) -> Row:
    total = entries.total()
    linked = total - entries[_LinkMethod.DOUBTFUL] - entries[_LinkMethod.UNLINKED]
    by_method = [entries[method] for method in _LinkMethod]
    return (name, received, total, *by_method, compute_share(linked, total), audit.checked, *_build_precision_cells(audit))


def _build_precision_cells(audit: ErrorRate) -> tuple[Cell, Cell, Cell]:
    """Build the precision and the bounds of its interval; unknown when nothing was checked."""
    if audit.rate is None:
        return (None, None, None)
    low, high = audit.interval
    return (1 - audit.rate, 1 - high, 1 - low)


def _count_by_link_method(day: DaySnapshot) -> defaultdict[int, Counter[str]]:
    """Count the entries open on the day, by platform id and by what decided them."""
    is_same = col(Judgement.verdict) == Verdict.SAME
    method = case(
        (is_same & col(Judgement.by_person), _LinkMethod.PERSON.value),
        (is_same & _has_level("identifier.same"), _LinkMethod.IDENTIFIER.value),
        (is_same & _has_level("title.exact"), _LinkMethod.EXACT_TITLE.value),
        (is_same, _LinkMethod.OTHER_EVIDENCE.value),
        (col(Judgement.verdict) == Verdict.UNSURE, _LinkMethod.DOUBTFUL.value),
        else_=_LinkMethod.UNLINKED.value,
    )
    open_entries = day.group_offers_by_entry(func.count())
    entries = day.select_entries(open_entries, col(Entry.platform_id).label("platform_id"), method.label("method")).subquery()
    stmt = select(entries.c.platform_id, entries.c.method, func.count()).group_by(entries.c.platform_id, entries.c.method)
    counts = defaultdict[int, Counter[str]](Counter)
    for platform_id, method_name, count in day.session.execute(stmt):
        counts[platform_id][method_name] += count
    return counts


def _has_level(level: str) -> ColumnElement[bool]:
    """Return the SQL condition that a comparison level (« title.exact ») weighed in a judgement."""
    return cast(col(Judgement.weights_by_level), String).contains(f'"{level}"')


def _get_error_rates(day: DaySnapshot) -> defaultdict[int, ErrorRate]:
    """Return, by platform id, what persons had said by the day of links drawn at random, over a year."""
    is_unsure = col(ReviewCase.outcome) == Verdict.UNSURE
    is_right = col(ReviewCase.chosen_id) == col(ReviewCase.film_id)
    outcome = case((is_unsure, "unsure"), (is_right, "right"), else_="wrong")
    stmt = select(col(Entry.platform_id), outcome, func.count()).join(ReviewCase, col(ReviewCase.entry_id) == col(Entry.id))
    stmt = stmt.where(col(ReviewCase.cause) == CaseCause.AUDIT, col(ReviewCase.outcome).is_not(None))
    stmt = stmt.where(col(ReviewCase.closed_at) <= day.at, col(ReviewCase.closed_at) > day.at - AUDIT_PERIOD)
    rates = defaultdict[int, ErrorRate](ErrorRate)
    for platform_id, outcome_name, count in day.session.execute(stmt.group_by(col(Entry.platform_id), outcome)):
        if platform_id in day.platforms:
            rates[platform_id] += ErrorRate(**{outcome_name: count})
    return rates


def get_accepted_runs(day: DaySnapshot) -> dict[int, list[Run]]:
    """Return, by platform id, the last two runs accepted by the day, in their order."""
    stmt = select_rows(Run).where(col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= day.at)
    if day.filters.knowledge is Knowledge.THEN:
        stmt = stmt.where(col(Run.ended_at) <= day.at)
    rank = func.row_number().over(partition_by=col(Run.platform_id), order_by=col(Run.id).desc())
    ranked = stmt.with_only_columns(col(Run.id), rank.label("rank")).subquery()
    latest = select_rows(Run).where(col(Run.id).in_(select(ranked.c.id).where(ranked.c.rank <= 2)))
    runs = defaultdict[int, list[Run]](list)
    for run in day.session.exec(latest.order_by(col(Run.id))):
        runs[run.platform_id].append(run)
    return dict(runs)
