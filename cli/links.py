"""Define `ouvoir links`: check whether the pages that offers lead to are still there."""

from pathlib import Path

import click
from sqlalchemy import Engine

from cli.console import report_progress
from cli.database import open_database
from cli.options import PLATFORMS_OPTION
from crawlers.link_checker.checker import DAILY_LINKS_LIMIT, check_links
from crawlers.platform_files.loader import get_collection_obstacle, load_any_platform_file
from crawlers.platform_files.register import list_platform_files
from domain.common.errors import UserError

_NOTHING_TO_CHECK = "aucun lien à vérifier aujourd’hui"


@click.command
@click.argument("slug", required=False)
@PLATFORMS_OPTION
@click.option(
    "--limit", default=DAILY_LINKS_LIMIT, show_default=True, type=click.IntRange(1, 10_000), help="Liens par service et par jour."
)
def links(slug: str | None, platforms: Path, limit: int) -> None:
    """Check the links of one service, or of every service that may be collected."""
    engine = open_database()
    if slug:
        summary = check_links(engine, load_any_platform_file(slug, platforms), limit).format_summary()
        click.echo(summary or _NOTHING_TO_CHECK)
    else:
        _check_all_services(engine, platforms, limit)


def _check_all_services(engine: Engine, platforms: Path, limit: int) -> None:
    """Check one service after the other; one that fails is reported, and stops only itself."""
    files = [file for file in list_platform_files(platforms).files if get_collection_obstacle(file) is None]
    for file in files:
        try:
            summary = check_links(engine, file, limit).format_summary()
        except UserError as error:
            report_progress(str(error))
            continue
        click.echo(f"{file.slug} : {summary or _NOTHING_TO_CHECK}")
    if not files:
        click.echo("aucune plateforme ne peut être collectée")
