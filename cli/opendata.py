"""Define `ouvoir export` and `ouvoir publish`: open data as files, and on data.gouv.fr."""

from datetime import UTC, datetime
from pathlib import Path

import click

from cli.console import report_progress
from cli.database import open_database
from cli.options import FILE_PATH
from domain.common.errors import UserError
from domain.common.settings import VARIABLES, get_settings
from opendata.export import export_open_data, format_summary

_FOLDER_OPTION = click.option(
    "--folder",
    type=FILE_PATH,
    default=lambda: get_settings().open_data,
    show_default="var/opendata",
    help="Dossier des exports.",
)


@click.command
@_FOLDER_OPTION
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Un jour passé plutôt que maintenant : son état à minuit.")
def export(folder: Path, day: datetime | None) -> None:
    """Write the open data of now or of a past day."""
    as_of = day.date() if day else None
    manifest = export_open_data(open_database(), folder, datetime.now(UTC), as_of)
    click.echo(format_summary(manifest))


@click.command
@click.option("--to", "site", default="data.gouv.fr", show_default=True, help="data.gouv.fr ou demo.data.gouv.fr.")
@_FOLDER_OPTION
@click.option("--organization", help="Numéro de l'organisation à qui appartiendront les jeux à créer.")
@click.option("--public", is_flag=True, help="Créer les jeux publics aussitôt, et non en brouillon.")
@click.option("--dry-run/--yes", default=True, help="Dire ce qui serait envoyé (par défaut), ou l'envoyer.")
def publish(site: str, folder: Path, organization: str | None, public: bool, dry_run: bool) -> None:
    """Send the latest export to data.gouv.fr, or tell what would be sent."""
    # HTTPX is not needed to export.
    from opendata.publish import PublicationOptions, publish_export

    key = None if dry_run else _require_api_key()
    click.echo(publish_export(folder, PublicationOptions(site, organization, public), key, report_progress))


def _require_api_key() -> str:
    """Return the key of the API. Raises UserError when the environment gives none."""
    key = get_settings().datagouv_key
    if key is None:
        raise UserError(f"{VARIABLES['datagouv_key']} : la clé de l'API est attendue pour envoyer")
    return key.get_secret_value()
