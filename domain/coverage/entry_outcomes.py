"""T16: what became of the lines received, and how exact the links are."""

from collections import Counter, defaultdict

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from domain.common.enums import CaseCause, RunState, Verdict
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Cell, Column, Knowledge, TableBody, Unit, compute_share
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.review_case import ReviewCase
from domain.models.run import Run
from domain.review.sampling import AUDIT_PERIOD, ErrorRate
from domain.runs.runs import get_run_counts

_PERSON, _IDENTIFIER, _EXACT_TITLE, _OTHERS, _DOUBT, _NONE = "person", "identifier", "exact title", "others", "doubt", "none"
_LINK_METHODS = (_IDENTIFIER, _EXACT_TITLE, _OTHERS, _PERSON, _DOUBT, _NONE)


def measure_link_quality(day: DaySnapshot) -> TableBody:
    """T16: by service, lines received by the last run, what those that stand are linked by, and the precision audited."""
    lines, audits, runs = _count_by_link_method(day), _get_error_rates(day), get_accepted_runs(day)
    rows = [
        _build_row(platform.name, get_run_counts(runs[number][-1]).rows, lines[number], audits[number])
        for number, platform in day.platforms.items()
    ]
    received = sum(get_run_counts(runs[number][-1]).rows for number in day.platforms)
    total = _build_row(ALL_LABEL, received, sum(lines.values(), Counter()), sum(audits.values(), ErrorRate()))
    columns = (
        *(Column("Service", Unit.TEXT), Column("Lignes reçues"), Column("Lignes du jour"), Column("Par identifiant")),
        *(Column("Par titre exact"), Column("Par d’autres indices"), Column("Par une personne"), Column("Douteuses")),
        *(Column("Non reliées"), Column("Part reliée", Unit.SHARE), Column("Liens vérifiés"), Column("Précision", Unit.SHARE)),
        *(Column("Au moins", Unit.SHARE), Column("Au plus", Unit.SHARE)),
    )
    return TableBody(columns, (*rows, total), chart_column=9)


def _build_row(name: str, received: int, lines: Counter[str], audit: ErrorRate) -> tuple[Cell, ...]:
    every = lines.total()
    found: list[Cell] = [name, received, every, *(lines[way] for way in _LINK_METHODS)]
    found += [compute_share(every - lines[_DOUBT] - lines[_NONE], every), audit.checked]
    if audit.rate is None:
        return (*found, None, None, None)
    low, high = audit.interval
    return (*found, 1 - audit.rate, 1 - high, 1 - low)


def _count_by_link_method(day: DaySnapshot) -> defaultdict[int, Counter[str]]:
    """Lines that stood on the day, by service and by what links them."""
    same = col(Judgement.verdict) == Verdict.SAME
    way = case(
        (same & col(Judgement.by_person), _PERSON),
        (same & _has_weighed("identifier.same"), _IDENTIFIER),
        (same & _has_weighed("title.exact"), _EXACT_TITLE),
        (same, _OTHERS),
        (col(Judgement.verdict) == Verdict.UNSURE, _DOUBT),
        else_=_NONE,
    )
    told = day.select_entries(
        day.group_offers_by_entry(func.count()), col(Entry.platform_id).label("platform"), way.label("way")
    ).subquery()
    found = defaultdict[int, Counter[str]](Counter)
    for platform, name, number in day.session.execute(
        select(told.c.platform, told.c.way, func.count()).group_by(told.c.platform, told.c.way)
    ):
        found[platform][name] += number
    return found


def _has_weighed(level: str) -> ColumnElement[bool]:
    """Whether a clue at a level weighed in a judgement, as an SQL condition."""
    return cast(col(Judgement.clues), String).contains(f'"{level}"')


def _get_error_rates(day: DaySnapshot) -> defaultdict[int, ErrorRate]:
    """What persons had said by the day of links drawn at random, over a year."""
    unsure, right = col(ReviewCase.outcome) == Verdict.UNSURE, col(ReviewCase.chosen_id) == col(ReviewCase.film_id)
    outcome = case((unsure, "unsure"), (right, "right"), else_="wrong")
    asked = select(col(Entry.platform_id), outcome, func.count()).join(ReviewCase, col(ReviewCase.entry_id) == col(Entry.id))
    asked = asked.where(col(ReviewCase.cause) == CaseCause.AUDIT, col(ReviewCase.outcome).is_not(None))
    asked = asked.where(col(ReviewCase.closed_at) <= day.at, col(ReviewCase.closed_at) > day.at - AUDIT_PERIOD)
    found = defaultdict[int, ErrorRate](ErrorRate)
    for platform, said, number in day.session.execute(asked.group_by(col(Entry.platform_id), outcome)):
        if platform in day.platforms:
            found[platform] += ErrorRate(**{said: number})
    return found


def get_accepted_runs(day: DaySnapshot) -> dict[int, list[Run]]:
    """The last two runs of each service that had been accepted by the day, in their order."""
    asked = select_rows(Run).where(col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= day.at)
    if day.filters.known is Knowledge.THEN:
        asked = asked.where(col(Run.ended_at) <= day.at)
    rank = func.row_number().over(partition_by=col(Run.platform_id), order_by=col(Run.id).desc())
    ranked = asked.with_only_columns(col(Run.id), rank.label("place")).subquery()
    latest = select_rows(Run).where(col(Run.id).in_(select(ranked.c.id).where(ranked.c.place <= 2)))
    found = defaultdict[int, list[Run]](list)
    for run in day.session.exec(latest.order_by(col(Run.id))):
        found[run.platform_id].append(run)
    return dict(found)
