"""`ouvoir audit`: decisions of the matcher drawn at random for persons to check."""

from datetime import UTC, datetime

import click

from cli.console import open_database
from domain.common.enums import CaseCause
from domain.common.text import format_count
from domain.db.engine import write_session
from domain.review.sampling import format_week, sample_audit_cases


@click.group(help="Contrôle des décisions automatiques, tirées au hasard.")
def audit() -> None:
    """`ouvoir audit sample`."""


@audit.command(help="Envoie au bureau les contrôles de la semaine ; la même semaine, ne fait rien de plus.")
def sample() -> None:
    """`ouvoir audit sample`."""
    now = datetime.now(UTC)
    with write_session(open_database()) as session:
        drawn = sample_audit_cases(session, now)
    links, silent = format_count(drawn[CaseCause.AUDIT], "lien"), format_count(drawn[CaseCause.SILENT], "titre")
    click.echo(f"semaine {format_week(now)} : {links} et {silent} sans film à contrôler")


COMMANDS = (audit,)
