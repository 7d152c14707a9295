"""`ouvoir export`, `ouvoir publish`: open data as files, and on data.gouv.fr."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.console import open_database, say
from cli.options import FILE
from domain.common.errors import Problem
from domain.common.settings import open_data_folder
from opendata.export import export as export_data
from opendata.export import tell

_FOLDER = click.option("--folder", type=FILE, default=open_data_folder, show_default="var/opendata", help="Dossier des exports.")
_KEY = "OUVOIR_DATAGOUV_KEY"


@click.command(help="Écrit les données ouvertes du jour : CSV, Parquet, schémas, sommes.")
@_FOLDER
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Un jour passé plutôt que maintenant : son état à minuit.")
def export(folder: Path, day: datetime | None) -> None:
    """`ouvoir export [--folder DIR] [--day DAY]`."""
    click.echo(tell(export_data(open_database(), folder, datetime.now(UTC), day.date() if day else None)))


@click.command(help=f"Envoie le dernier export à data.gouv.fr, avec la clé de {_KEY} ; à blanc sans --yes.")
@click.option("--to", "site", default="data.gouv.fr", show_default=True, help="data.gouv.fr ou demo.data.gouv.fr.")
@_FOLDER
@click.option("--organization", help="Numéro de l'organisation à qui appartiendront les jeux à créer.")
@click.option("--public", is_flag=True, help="Créer les jeux publics aussitôt, et non en brouillon.")
@click.option("--dry-run/--yes", default=True, help="Dire ce qui serait envoyé (par défaut), ou l'envoyer.")
def publish(site: str, folder: Path, organization: str | None, public: bool, dry_run: bool) -> None:
    """`ouvoir publish [--to SITE] [--yes]`."""
    from opendata.publish import Wish
    from opendata.publish import publish as publish_data

    key = None if dry_run else os.environ.get(_KEY)
    if not dry_run and not key:
        raise Problem(f"{_KEY} : la clé de l'API est attendue pour envoyer")
    click.echo(publish_data(folder, Wish(site, organization, public), key, say))


VERBS = (export, publish)
