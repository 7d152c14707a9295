"""The issues of a run, grouped: how many of each kind in all, and a few of them."""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from domain.common.enums import IssueLevel
from domain.models.run import RunIssue

MAX_SAMPLES = 5
_MORE_PATTERN = re.compile(r"et (\d+) autres?")


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """One kind of issue: the gravest level, how many, and the first, as (line of the platform, message)."""

    kind: str
    level: IssueLevel
    number: int
    first: list[tuple[str, str]]


def group_issues(session: Session, run_id: int) -> list[IssueGroup]:
    """The issues of a run by kind, the gravest then the most frequent first; those that were only counted are counted too."""
    asked = select(RunIssue.kind, RunIssue.level, func.count()).where(RunIssue.run_id == run_id)
    counts = session.exec(asked.group_by(col(RunIssue.kind), col(RunIssue.level))).all()
    groups = [_build_issue_group(session, run_id, kind, IssueLevel(level), number) for kind, level, number in counts]
    return sorted(groups, key=lambda group: (group.level is not IssueLevel.ERROR, -group.number, group.kind))


def _build_issue_group(session: Session, run_id: int, kind: str, level: IssueLevel, number: int) -> IssueGroup:
    same = select(RunIssue.ref, RunIssue.message).where(RunIssue.run_id == run_id, RunIssue.kind == kind, RunIssue.level == level)
    first = session.exec(same.order_by(col(RunIssue.id)).limit(MAX_SAMPLES)).all()
    last = session.exec(same.order_by(col(RunIssue.id).desc()).limit(1)).one()
    more = _MORE_PATTERN.fullmatch(last[1]) if not last[0] else None
    shown = [(ref, message) for ref, message in first if not (more and (ref, message) == last)]
    return IssueGroup(kind, level, number - 1 + int(more[1]) if more else number, shown)
