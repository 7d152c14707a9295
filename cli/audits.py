"""`ouvoir audit`: decisions of the matcher drawn at random for persons to check."""

from datetime import UTC, datetime

import click

from cli.console import open_database
from domain.common.enums import CaseCause
from domain.common.text import counted
from domain.db.engine import writing
from domain.review.sampling import draw_checks, week_of


@click.group(help="Contrôle des décisions automatiques, tirées au hasard.")
def audit() -> None:
    """`ouvoir audit sample`."""


@audit.command(help="Envoie au bureau les contrôles de la semaine ; la même semaine, ne fait rien de plus.")
def sample() -> None:
    """`ouvoir audit sample`."""
    now = datetime.now(UTC)
    with writing(open_database()) as session:
        drawn = draw_checks(session, now)
    links, silent = counted(drawn[CaseCause.AUDIT], "lien"), counted(drawn[CaseCause.SILENT], "titre")
    click.echo(f"semaine {week_of(now)} : {links} et {silent} sans film à contrôler")


VERBS = (audit,)
