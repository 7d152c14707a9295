"""T17: how fresh what is shown is, the runs left aside since, and the links that lead nowhere."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from domain.common.enums import LinkFinding
from domain.common.paris_time import day_in_paris
from domain.coverage.dataset import Day
from domain.coverage.entry_outcomes import accepted_runs
from domain.coverage.schema import Body, Cell, Column, Known, Unit, share
from domain.models.agent import AuditLine
from domain.models.link_check import LinkCheck
from domain.models.run import Run
from domain.runs.runs import counts_of

REJECTED = "run-rejected"
_SETTLED = (REJECTED, "run-held-again", "run-accepted")
_FINDINGS = (LinkFinding.GONE, LinkFinding.FAULT, LinkFinding.REFUSED)
_COLUMNS = (
    *(Column("Service", Unit.TEXT), Column("Dernière collecte acceptée", Unit.TEXT), Column("Âge (jours)", Unit.DAYS)),
    *(Column("Titres gardés"), Column("Titres d’avant"), Column("Écart"), Column("Écart relatif", Unit.SHARE)),
    *(Column("Collectes non acceptées depuis"), Column("dont refusées")),
    *(Column("Pages en échec"), Column("Part des pages", Unit.SHARE)),
    *(Column("Liens vérifiés"), Column("Introuvables"), Column("En panne"), Column("Fermés au robot"), Column("Masqués")),
)

_UNKNOWN: tuple[Cell, ...] = (None,) * 5


def freshness(day: Day) -> Body:
    """T17: by service, last accepted run and its age, lines against the run before, runs left aside since, links checked."""
    runs = accepted_runs(day)
    left, links = _left_aside(day, runs), _links(day)
    rejected = _rejected(day)
    rows = []
    for number, platform in day.platforms.items():
        *before, last = runs[number]
        since, counts = left[number], counts_of(last)
        told = [len(since), len(since & rejected), counts.missed, share(counts.missed, counts.listed)]
        found = links[number] if links is not None else _UNKNOWN
        rows.append((platform.name, *_age(day, last), *_change(counts.kept, before), *told, *found))
    return Body(_COLUMNS, tuple(rows), chart=2)


def _age(day: Day, last: Run) -> tuple[Cell, ...]:
    when = day_in_paris(last.started)
    return (when.isoformat(), (day.date - when).days)


def _change(kept: int, before: Sequence[Run]) -> tuple[Cell, ...]:
    if not before:
        return (kept, None, None, None)
    earlier = counts_of(before[0]).kept
    return (kept, earlier, kept - earlier, share(kept - earlier, earlier))


def _left_aside(day: Day, runs: dict[int, list[Run]]) -> defaultdict[int, set[int]]:
    """By service, runs begun since the last accepted one and not accepted by the day, be they in progress."""
    last = {number: found[-1].id or 0 for number, found in runs.items()}
    asked = select_rows(Run.platform_id, Run.id).where(col(Run.started) <= day.at, col(Run.id) > min(last.values(), default=0))
    found = defaultdict[int, set[int]](set)
    for platform, number in day.session.exec(asked):
        if platform in last and number and number > last[platform]:
            found[platform].add(number)
    return found


def _rejected(day: Day) -> set[int]:
    """The runs that a person had rejected by the day, and not taken up again: the state of a run says what it is today only."""
    asked = select_rows(AuditLine.run_id, AuditLine.action).where(col(AuditLine.action).in_(_SETTLED))
    if day.filters.known is Known.THEN:
        asked = asked.where(col(AuditLine.at) <= day.at)
    said = dict(day.session.exec(asked.order_by(col(AuditLine.id))).all())
    return {number for number, action in said.items() if number and action == REJECTED}


def _links(day: Day) -> dict[int, tuple[Cell, ...]] | None:
    """By service, links checked, those without a page, at fault, or not to be read, and those hidden.

    None on a day that is over: what a link answered then is not kept.
    """
    if day.date != day_in_paris(datetime.now(UTC)):
        return None
    by = col(LinkCheck.platform_id), col(LinkCheck.finding)
    asked = select(*by, func.count(), func.count(col(LinkCheck.hidden))).group_by(*by)
    counts, hidden = defaultdict[int, Counter[LinkFinding]](Counter), Counter[int]()
    for platform, finding, number, away in day.session.execute(asked):
        counts[platform][finding] += number
        hidden[platform] += away
    return {
        number: (counts[number].total(), *(counts[number][one] for one in _FINDINGS), hidden[number]) for number in day.platforms
    }
