"""`ouvoir links`: whether the pages that our links lead to are still there."""

from pathlib import Path

import click

from cli.console import open_database, report_progress
from cli.options import FILE_PATH
from crawlers.link_checker.checker import DAILY_LINKS_LIMIT, check_links
from crawlers.platform_files.loader import get_collection_obstacle, load_any_platform_file
from crawlers.platform_files.register import list_platform_files
from domain.common.errors import UserError
from domain.common.settings import DATA


@click.command(help="Vérifie poliment que les liens montrés mènent encore à une page.")
@click.argument("slug", required=False)
@click.option(
    "--platforms", type=FILE_PATH, default=DATA / "platforms", show_default="data/platforms", help="Dossier des plateformes."
)
@click.option(
    "--limit", default=DAILY_LINKS_LIMIT, show_default=True, type=click.IntRange(1, 10_000), help="Liens par service et par jour."
)
def links(slug: str | None, platforms: Path, limit: int) -> None:
    """`ouvoir links [SLUG] [--limit N]`; without a slug, every service that may be collected."""
    engine = open_database()
    if slug:
        click.echo(
            check_links(engine, load_any_platform_file(slug, platforms), limit).format_summary()
            or "aucun lien à vérifier aujourd’hui"
        )
        return
    files = [file for file in list_platform_files(platforms).files if get_collection_obstacle(file) is None]
    for file in files:
        try:
            told = check_links(engine, file, limit).format_summary()
        except UserError as problem:
            report_progress(str(problem))
            continue
        click.echo(f"{file.slug} : {told or 'aucun lien à vérifier aujourd’hui'}")
    if not files:
        click.echo("aucune plateforme ne peut être collectée")


COMMANDS = (links,)
