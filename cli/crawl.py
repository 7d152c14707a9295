"""Define `ouvoir crawl`: collect one platform."""

import sys
from pathlib import Path

import click

from cli.console import report_count, report_progress
from cli.database import open_database
from cli.options import PLATFORMS_OPTION
from crawlers.collect import collect_platform
from crawlers.platform_files.loader import load_any_platform_file
from domain.common.enums import RunState
from domain.runs.run_report import format_run_table
from domain.runs.runs import format_run


@click.command
@click.argument("slug")
@PLATFORMS_OPTION
@click.option("--origin", help="Collecter à cette adresse plutôt qu'à celle du fichier : serveur de recette ou répétition.")
def crawl(slug: str, platforms: Path, origin: str | None) -> None:
    """Collect a platform; exit with status 1 when its run is held."""
    engine = open_database()
    platform = load_any_platform_file(slug, platforms)
    run = collect_platform(engine, platform, platforms, origin, report_progress, live=report_count)
    report_count("")
    click.echo("\n".join([*format_run_table(run), format_run(run)]))
    sys.exit(run.state is not RunState.ACCEPTED)
