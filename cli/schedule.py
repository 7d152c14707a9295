"""Define `ouvoir schedule`: collect what is due, for ever or once."""

from pathlib import Path

import click

from cli.console import report_progress
from cli.database import open_database
from cli.options import PLATFORMS_OPTION
from scheduler import run_schedule


@click.command
@PLATFORMS_OPTION
@click.option("--once", is_flag=True, help="Une seule passe, puis s'arrête.")
def schedule(platforms: Path, once: bool) -> None:
    """Run the scheduler."""
    run_schedule(open_database(), platforms, once, report_progress)
