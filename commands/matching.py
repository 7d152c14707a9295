"""`ouvoir match`, `ouvoir link`: catalogues linked to films."""

from pathlib import Path

import click

from commands.options import FILE
from console import open_database, say
from matcher.link_database import match_database
from matcher.link_files import link_files


@click.command(help="Relie les catalogues collectés à la base de films.")
def match() -> None:
    """`ouvoir match`."""
    click.echo(match_database(open_database(), say).sentence())


@click.command(help="Relie un fichier de titres à un fichier de films, sans base de données.")
@click.argument("reference", type=FILE)
@click.argument("entries", type=FILE)
@click.option("--output", required=True, type=FILE, help="Fichier CSV des liens.")
@click.option("--workers", default=1, show_default=True, help="Nombre de processus.")
@click.option("--model", type=FILE, help="Fichier JSON de poids et de seuils, à la place de celui du programme.")
def link(reference: Path, entries: Path, output: Path, workers: int, model: Path | None) -> None:
    """`ouvoir link REFERENCE ENTRIES --output LINKS`."""
    link_files(reference, entries, output, workers, model, say)


VERBS = (match, link)
