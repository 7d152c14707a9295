"""Define `ouvoir audit`: decisions of the matcher drawn at random for persons to check."""

from datetime import UTC, datetime

import click

from cli.database import open_database
from domain.common.enums import CaseCause
from domain.common.text import format_count
from domain.db.engine import write_session
from domain.review.sampling import format_week, sample_audit_cases


@click.group
def audit() -> None:
    """Group the verbs of audits."""


@audit.command(help="Envoie au bureau les contrôles de la semaine ; la même semaine, ne fait rien de plus.")
def sample() -> None:
    """Draw this week's checks, once."""
    now = datetime.now(UTC)
    with write_session(open_database()) as session:
        case_counts = sample_audit_cases(session, now)
    links = format_count(case_counts[CaseCause.AUDIT], "lien")
    unlinked_titles = format_count(case_counts[CaseCause.SILENT], "titre")
    click.echo(f"semaine {format_week(now)} : {links} et {unlinked_titles} sans film à contrôler")
