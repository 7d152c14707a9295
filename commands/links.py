"""`ouvoir links`: whether the pages that our links lead to are still there."""

from pathlib import Path

import click

from commands.options import FILE
from console import open_database, say
from crawlers.links.checking import DAILY, check_links
from crawlers.platform_file import load_file, obstacle
from crawlers.register import list_files
from records.errors import Problem
from records.settings import DATA


@click.command(help="Vérifie poliment que les liens montrés mènent encore à une page.")
@click.argument("slug", required=False)
@click.option(
    "--platforms", type=FILE, default=DATA / "platforms", show_default="data/platforms", help="Dossier des plateformes."
)
@click.option("--limit", default=DAILY, show_default=True, type=click.IntRange(1, 10_000), help="Liens par service et par jour.")
def links(slug: str | None, platforms: Path, limit: int) -> None:
    """`ouvoir links [SLUG] [--limit N]`; without a slug, every service that may be collected."""
    engine = open_database()
    if slug:
        click.echo(check_links(engine, load_file(slug, platforms), limit).sentence() or "aucun lien à vérifier aujourd’hui")
        return
    files = [file for file in list_files(platforms).files if obstacle(file) is None]
    for file in files:
        try:
            told = check_links(engine, file, limit).sentence()
        except Problem as problem:
            say(str(problem))
            continue
        click.echo(f"{file.slug} : {told or 'aucun lien à vérifier aujourd’hui'}")
    if not files:
        click.echo("aucune plateforme ne peut être collectée")


VERBS = (links,)
