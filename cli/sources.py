"""`ouvoir import`, `ouvoir enrich`: bases of films taken in, joined, and enriched from open data."""

from pathlib import Path

import click

from cli.console import open_database, report_progress
from cli.options import FILE_PATH
from crawlers.wikidata.endpoint import SparqlEndpoint
from crawlers.wikidata.enrich import enrich_from_wikidata as enrich_films
from crawlers.wikidata.queries import ENDPOINT_URL
from domain.common.enums import LookupFinding, RecordState
from domain.common.text import format_count
from domain.films.formats import LAYOUTS
from domain.films.importing import ImportReport, import_films
from matcher.source_linking import make_source_record_linker


@click.command("import", help="Importe une base de films ; à côté d'une autre, ses lignes sont rattachées aux films connus.")
@click.argument("file", type=FILE_PATH)
@click.option("--layout", required=True, help=f"Disposition du fichier : {' ou '.join(LAYOUTS)}.")
@click.option("--source", help="Nom de la base (par défaut, celui de la disposition).")
@click.option(
    "--new",
    type=click.Choice(["keep", "aside"]),
    default="keep",
    show_default=True,
    help="Une ligne qui n'est aucun film connu : keep en fait un film, aside la laisse de côté.",
)
def import_source(file: Path, layout: str, source: str | None, new: str) -> None:
    """`ouvoir import FILE --layout cnc|films [--source NAME] [--new keep|aside]`."""
    engine = open_database()
    link = make_source_record_linker(engine, source or layout, report_progress)
    report = import_films(engine, file, layout, report_progress, source=source, linker=link, aside=new == "aside")
    for fault in report.faults:
        report_progress(f"{file.name}, ligne {fault.line} : {fault.reason}")
    click.echo(_format_report(report))


def _format_report(report: ImportReport) -> str:
    done = (
        f"{format_count(report.created, 'film créé')}, {report.updated} mis à jour, {format_count(report.unchanged, 'inchangé')}"
    )
    if report.records_by_state:
        linked, doubtful, aside = (
            report.records_by_state[state] for state in (RecordState.LINKED, RecordState.DOUBTFUL, RecordState.ASIDE)
        )
        done += f", {format_count(linked, 'ligne rattachée')}, {doubtful} à vérifier, {aside} de côté"
    return f"{done}, {format_count(len(report.faults), 'signalement')}"


@click.command(help="Complète les films par des données ouvertes : numéros, titres, réalisateurs, dates, durées.")
@click.option("--from", "origin", type=click.Choice(["wikidata"]), required=True, help="La source interrogée.")
@click.option("--endpoint", default=ENDPOINT_URL, show_default=True, help="Adresse de son service SPARQL.")
@click.option("--older-than", default=90, show_default=True, type=click.IntRange(0, 3650), metavar="JOURS",
              help="Ne pas redemander un film interrogé depuis moins de jours que cela.")  # fmt: skip
def enrich(origin: str, endpoint: str, older_than: int) -> None:
    """`ouvoir enrich --from wikidata [--endpoint URL] [--older-than DAYS]`."""
    engine = open_database()
    with SparqlEndpoint(endpoint) as asked:
        done = enrich_films(engine, asked, older_than, report_progress)
    found, none, several, other = (done.findings[finding] for finding in LookupFinding)
    told = f"{format_count(found, 'film trouvé')} dans {origin.title()}, {none} sans élément, "
    told += f"{format_count(several, 'ambigu')}, {format_count(other, 'contredit')}"
    gained = ", ".join(f"{name} {number}" for name, number in sorted(done.merged_counts.items()) if number)
    click.echo(f"{told} ; gagné : {gained or 'rien'}")


COMMANDS = (import_source, enrich)
