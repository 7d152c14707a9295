"""Define `ouvoir import` and `ouvoir enrich`: take in sources of films, and complete films from open data."""

from pathlib import Path

import click

from cli.console import report_progress
from cli.database import open_database
from cli.options import FILE_PATH
from crawlers.wikidata.dump import DumpReport, enrich_from_dump
from crawlers.wikidata.endpoint import SparqlEndpoint
from crawlers.wikidata.enrich import enrich_from_wikidata
from crawlers.wikidata.queries import ENDPOINT_URL
from domain.common.enums import LookupFinding, RecordState
from domain.common.text import format_count
from domain.films.enrichment import EnrichmentReport
from domain.films.formats import LAYOUTS
from domain.films.importing import ImportReport, import_films
from matcher.source_linking import make_source_record_linker


@click.command
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
    """Import a file of films; beside another source, link its records to the films already there."""
    engine = open_database()
    linker = make_source_record_linker(engine, source or layout, report_progress)
    report = import_films(engine, file, layout, report_progress, source=source, linker=linker, aside=new == "aside")
    for fault in report.faults:
        report_progress(f"{file.name}, ligne {fault.line} : {fault.reason}")
    click.echo(_format_report(report))


def _format_report(report: ImportReport) -> str:
    created, unchanged = format_count(report.created, "film créé"), format_count(report.unchanged, "inchangé")
    parts = [created, f"{report.updated} mis à jour", unchanged]
    if report.records_by_state:
        parts += [
            format_count(report.records_by_state[RecordState.LINKED], "ligne rattachée"),
            f"{report.records_by_state[RecordState.DOUBTFUL]} à vérifier",
            f"{report.records_by_state[RecordState.ASIDE]} de côté",
        ]
    return ", ".join([*parts, format_count(len(report.faults), "signalement")])


@click.command
@click.option("--from", "origin", type=click.Choice(["wikidata"]), required=True, help="La source interrogée.")
@click.option("--endpoint", default=ENDPOINT_URL, show_default=True, help="Adresse de son service SPARQL.")
@click.option("--older-than", default=90, show_default=True, type=click.IntRange(0, 3650), metavar="JOURS",
              help="Ne pas redemander un film interrogé depuis moins de jours que cela.")  # fmt: skip
@click.option("--dump", type=FILE_PATH, metavar="FICHIER",
              help="Lire un dump JSON de Wikidata (.json, .gz, .bz2), entier ou non, au lieu du service.")  # fmt: skip
def enrich(origin: str, endpoint: str, older_than: int, dump: Path | None) -> None:
    """Complete films from Wikidata, except those asked for less than some days ago."""
    engine = open_database()
    if dump:
        dump_report = enrich_from_dump(engine, dump, older_than, report_progress)
        _report_damaged_lines(dump, dump_report)
        click.echo(_format_enrichment(dump_report, origin))
        return
    with SparqlEndpoint(endpoint) as client:
        report = enrich_from_wikidata(engine, client, older_than, report_progress)
    click.echo(_format_enrichment(report, origin))


def _report_damaged_lines(dump: Path, report: DumpReport) -> None:
    """Print the first lines that were skipped, and how many lines and damaged ones there were."""
    reading = report.reading
    for line, reason in reading.damaged_lines:
        report_progress(f"{dump.name}, ligne {line} : {reason}, ligne sautée")
    damaged_lines = format_count(reading.damaged_count, "ligne abîmée")
    report_progress(f"{dump.name} : {format_count(reading.line_count, 'ligne lue')}, {damaged_lines}")


def _format_enrichment(report: EnrichmentReport, origin: str) -> str:
    matched, absent, ambiguous, contradicted = (report.findings[finding] for finding in LookupFinding)
    summary = f"{format_count(matched, 'film trouvé')} dans {origin.title()}, {absent} sans élément, "
    summary += f"{format_count(ambiguous, 'ambigu')}, {format_count(contradicted, 'contredit')}"
    gains = ", ".join(f"{name} {count}" for name, count in sorted(report.merged_counts.items()) if count)
    return f"{summary} ; gagné : {gains or 'rien'}"
