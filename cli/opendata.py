"""`ouvoir export`, `ouvoir publish`: open data as files, and on data.gouv.fr."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.console import open_database, report_progress
from cli.options import FILE_PATH
from domain.common.errors import UserError
from domain.common.settings import get_open_data_folder
from opendata.export import export_open_data as export_data
from opendata.export import format_summary

_FOLDER_OPTION = click.option(
    "--folder", type=FILE_PATH, default=get_open_data_folder, show_default="var/opendata", help="Dossier des exports."
)
_API_KEY_VAR = "OUVOIR_DATAGOUV_KEY"


@click.command(help="Écrit les données ouvertes du jour : CSV, Parquet, schémas, sommes.")
@_FOLDER_OPTION
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Un jour passé plutôt que maintenant : son état à minuit.")
def export(folder: Path, day: datetime | None) -> None:
    """`ouvoir export [--folder DIR] [--day DAY]`."""
    click.echo(format_summary(export_data(open_database(), folder, datetime.now(UTC), day.date() if day else None)))


@click.command(help=f"Envoie le dernier export à data.gouv.fr, avec la clé de {_API_KEY_VAR} ; à blanc sans --yes.")
@click.option("--to", "site", default="data.gouv.fr", show_default=True, help="data.gouv.fr ou demo.data.gouv.fr.")
@_FOLDER_OPTION
@click.option("--organization", help="Numéro de l'organisation à qui appartiendront les jeux à créer.")
@click.option("--public", is_flag=True, help="Créer les jeux publics aussitôt, et non en brouillon.")
@click.option("--dry-run/--yes", default=True, help="Dire ce qui serait envoyé (par défaut), ou l'envoyer.")
def publish(site: str, folder: Path, organization: str | None, public: bool, dry_run: bool) -> None:
    """`ouvoir publish [--to SITE] [--yes]`."""
    from opendata.publish import PublicationOptions
    from opendata.publish import publish_export as publish_data

    key = None if dry_run else os.environ.get(_API_KEY_VAR)
    if not dry_run and not key:
        raise UserError(f"{_API_KEY_VAR} : la clé de l'API est attendue pour envoyer")
    click.echo(publish_data(folder, PublicationOptions(site, organization, public), key, report_progress))


COMMANDS = (export, publish)
