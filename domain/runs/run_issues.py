"""Read the issues of a run, grouped by kind."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from domain.common.enums import IssueLevel
from domain.common.text import format_count
from domain.models.run import RunIssue

MAX_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Represent the issues of one kind and level: how many, and the first as (platform's id of the title, message)."""

    kind: str
    level: IssueLevel
    count: int
    first: list[tuple[str, str]]


def group_issues(session: Session, run_id: int) -> list[IssueGroup]:
    """Return the issues of a run by kind and level, errors then the most frequent first; omitted issues are counted too."""
    stored = func.count() - func.count(col(RunIssue.omitted_count))
    omitted = func.sum(col(RunIssue.omitted_count))
    query = select(RunIssue.kind, RunIssue.level, stored, omitted).where(RunIssue.run_id == run_id)
    rows = session.exec(query.group_by(col(RunIssue.kind), col(RunIssue.level))).all()
    groups = []
    for kind, level_value, issue_count, omitted_count in rows:
        level = IssueLevel(level_value)
        total = issue_count if omitted_count is None else issue_count + omitted_count
        groups.append(IssueGroup(kind, level, total, _list_first_issues(session, run_id, kind, level)))
    return sorted(groups, key=lambda group: (group.level is not IssueLevel.ERROR, -group.count, group.kind))


def _list_first_issues(session: Session, run_id: int, kind: str, level: IssueLevel) -> list[tuple[str, str]]:
    query = select(RunIssue.ref, RunIssue.message).where(RunIssue.run_id == run_id, RunIssue.kind == kind)
    query = query.where(RunIssue.level == level, col(RunIssue.omitted_count).is_(None))
    return list(session.exec(query.order_by(col(RunIssue.id)).limit(MAX_SAMPLES)))


def group_issues_by_kind(session: Session, run_id: int) -> dict[str, list[str]]:
    """Return the issues of a run by kind, as messages that begin with the title they concern."""
    messages = defaultdict[str, list[str]](list)
    for issue in session.exec(select(RunIssue).where(col(RunIssue.run_id) == run_id).order_by(col(RunIssue.id))):
        message = format_issue(issue)
        messages[issue.kind].append(f"{issue.ref} : {message}" if issue.ref else message)
    return dict(messages)


def format_issue(issue: RunIssue) -> str:
    """Return the message of an issue in French; « et 12 autres » for the row that counts the omitted ones."""
    if issue.omitted_count is not None:
        return f"et {format_count(issue.omitted_count, 'autre')}"
    return issue.message
