"""`ouvoir import`, `ouvoir enrich`: bases of films taken in, joined, and enriched from open data."""

from pathlib import Path

import click

from cli.console import open_database, say
from cli.options import FILE
from crawlers.wikidata.endpoint import Endpoint
from crawlers.wikidata.enrich import enrich as enrich_films
from crawlers.wikidata.queries import ENDPOINT
from domain.common.enums import Finding, LineState
from domain.common.text import counted
from domain.films.formats import LAYOUTS
from domain.films.importing import ImportReport, import_films
from matcher.source_linking import line_linker


@click.command("import", help="Importe une base de films ; à côté d'une autre, ses lignes sont rattachées aux films connus.")
@click.argument("file", type=FILE)
@click.option("--layout", required=True, help=f"Disposition du fichier : {' ou '.join(LAYOUTS)}.")
@click.option("--source", help="Nom de la base (par défaut, celui de la disposition).")
@click.option(
    "--new",
    type=click.Choice(["keep", "aside"]),
    default="keep",
    show_default=True,
    help="Une ligne qui n'est aucun film connu : keep en fait un film, aside la laisse de côté.",
)
def import_base(file: Path, layout: str, source: str | None, new: str) -> None:
    """`ouvoir import FILE --layout cnc|films [--source NAME] [--new keep|aside]`."""
    engine = open_database()
    link = line_linker(engine, source or layout, say)
    report = import_films(engine, file, layout, say, source=source, link=link, aside=new == "aside")
    for fault in report.faults:
        say(f"{file.name}, ligne {fault.line} : {fault.reason}")
    click.echo(_told(report))


def _told(report: ImportReport) -> str:
    done = f"{counted(report.created, 'film créé')}, {report.updated} mis à jour, {counted(report.unchanged, 'inchangé')}"
    if report.lines:
        linked, doubtful, aside = (report.lines[state] for state in (LineState.LINKED, LineState.DOUBTFUL, LineState.ASIDE))
        done += f", {counted(linked, 'ligne rattachée')}, {doubtful} à vérifier, {aside} de côté"
    return f"{done}, {counted(len(report.faults), 'signalement')}"


@click.command(help="Complète les films par des données ouvertes : numéros, titres, réalisateurs, dates, durées.")
@click.option("--from", "origin", type=click.Choice(["wikidata"]), required=True, help="La source interrogée.")
@click.option("--endpoint", default=ENDPOINT, show_default=True, help="Adresse de son service SPARQL.")
@click.option("--older-than", default=90, show_default=True, type=click.IntRange(0, 3650), metavar="JOURS",
              help="Ne pas redemander un film interrogé depuis moins de jours que cela.")  # fmt: skip
def enrich(origin: str, endpoint: str, older_than: int) -> None:
    """`ouvoir enrich --from wikidata [--endpoint URL] [--older-than DAYS]`."""
    engine = open_database()
    with Endpoint(endpoint) as asked:
        done = enrich_films(engine, asked, older_than, say)
    found, none, several, other = (done.findings[finding] for finding in Finding)
    told = f"{counted(found, 'film trouvé')} dans {origin.title()}, {none} sans élément, "
    told += f"{counted(several, 'ambigu')}, {counted(other, 'contredit')}"
    gained = ", ".join(f"{name} {number}" for name, number in sorted(done.gained.items()) if number)
    click.echo(f"{told} ; gagné : {gained or 'rien'}")


VERBS = (import_base, enrich)
