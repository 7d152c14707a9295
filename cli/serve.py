"""Define `ouvoir serve`: the site on this machine."""

from pathlib import Path

import click

from cli.console import report_progress
from cli.database import open_database
from cli.options import PLATFORMS_OPTION
from crawlers.platform_files.register import sync_platforms
from domain.common.errors import UserError
from matcher.reconcile import build_row_matcher
from webapp.serve import run_server


@click.command
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@PLATFORMS_OPTION
def serve(host: str, port: int, platforms: Path) -> None:
    """Bring the register of services up to date, where the database can be written, then serve the site."""
    engine = open_database()
    try:
        sync_platforms(engine, platforms, report_progress)
    except UserError as error:
        report_progress(f"registre des services inchangé : {error}")
    run_server(engine, host, port, build_row_matcher)
