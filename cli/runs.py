"""Define `ouvoir runs`: the collections, newest first."""

import click
from sqlmodel import Session, col, select

from cli.database import open_database
from domain.db.engine import read_session
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.platforms import get_platform
from domain.runs.run_issues import group_issues_by_kind
from domain.runs.run_report import describe_run


@click.command
@click.argument("slug", required=False)
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help="Nombre de collectes montrées.")
def list_runs(slug: str | None, limit: int) -> None:
    """List the collections of one platform or of all, newest first."""
    with read_session(open_database()) as session:
        descriptions = _describe_runs(session, slug, limit)
    for description in descriptions:
        click.echo(description)
    if not descriptions:
        click.echo("aucune collecte")


def _describe_runs(session: Session, slug: str | None, limit: int) -> list[str]:
    stmt = select(Run, Platform).join(Platform).order_by(col(Run.id).desc()).limit(limit)
    if slug:
        stmt = stmt.where(col(Platform.id) == get_platform(session, slug).id)
    descriptions = []
    for run, platform in session.exec(stmt):
        assert run.id is not None
        descriptions.append(describe_run(run, platform.slug, group_issues_by_kind(session, run.id)))
    return descriptions
