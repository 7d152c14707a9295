"""`ouvoir import`: bases of films taken in."""

from pathlib import Path

import click

from commands.options import FILE
from console import open_database, say
from records.importing import import_films
from records.layouts import LAYOUTS
from records.text import counted


@click.command("import", help="Importe une base de films.")
@click.argument("file", type=FILE)
@click.option("--layout", required=True, help=f"Disposition du fichier : {' ou '.join(LAYOUTS)}.")
def import_base(file: Path, layout: str) -> None:
    """`ouvoir import FILE --layout cnc|films`."""
    report = import_films(open_database(), file, layout, say)
    for fault in report.faults:
        say(f"{file.name}, ligne {fault.line} : {fault.reason}")
    done = f"{counted(report.created, 'film créé')}, {report.updated} mis à jour, {counted(report.unchanged, 'inchangé')}"
    click.echo(f"{done}, {counted(len(report.faults), 'signalement')}")


VERBS = (import_base,)
