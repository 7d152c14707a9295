"""The issues of a run, grouped: how many of each kind in all, and a few of them."""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from domain.common.enums import Level
from domain.models.run import RunIssue

SAMPLES = 5
_MORE = re.compile(r"et (\d+) autres?")


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """One kind of issue: the gravest level, how many, and the first, as (line of the platform, message)."""

    kind: str
    level: Level
    number: int
    first: list[tuple[str, str]]


def issue_groups(session: Session, run_id: int) -> list[IssueGroup]:
    """The issues of a run by kind, the gravest then the most frequent first; those that were only counted are counted too."""
    asked = select(RunIssue.kind, RunIssue.level, func.count()).where(RunIssue.run_id == run_id)
    counts = session.exec(asked.group_by(col(RunIssue.kind), col(RunIssue.level))).all()
    groups = [_group(session, run_id, kind, Level(level), number) for kind, level, number in counts]
    return sorted(groups, key=lambda group: (group.level is not Level.ERROR, -group.number, group.kind))


def _group(session: Session, run_id: int, kind: str, level: Level, number: int) -> IssueGroup:
    same = select(RunIssue.ref, RunIssue.message).where(RunIssue.run_id == run_id, RunIssue.kind == kind, RunIssue.level == level)
    first = session.exec(same.order_by(col(RunIssue.id)).limit(SAMPLES)).all()
    last = session.exec(same.order_by(col(RunIssue.id).desc()).limit(1)).one()
    more = _MORE.fullmatch(last[1]) if not last[0] else None
    shown = [(ref, message) for ref, message in first if not (more and (ref, message) == last)]
    return IssueGroup(kind, level, number - 1 + int(more[1]) if more else number, shown)
