"""`ouvoir export`, `ouvoir publish`: open data as files, and on data.gouv.fr."""

from datetime import UTC, datetime
from pathlib import Path

import click

from commands.options import FILE
from console import open_database
from opendata.export import export as export_data
from opendata.export import tell
from records.settings import open_data_folder


@click.command(help="Écrit les données ouvertes du jour : CSV, Parquet, schémas, sommes.")
@click.option("--folder", type=FILE, default=open_data_folder, show_default="var/opendata", help="Dossier des exports.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Un jour passé plutôt que maintenant : son état à minuit.")
def export(folder: Path, day: datetime | None) -> None:
    """`ouvoir export [--folder DIR] [--day DAY]`."""
    click.echo(tell(export_data(open_database(), folder, datetime.now(UTC), day.date() if day else None)))


VERBS = (export,)
