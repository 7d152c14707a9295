"""Define `ouvoir probe`: what a site permits and shows, and a draft of its platform file."""

from pathlib import Path

import click

from cli.console import report_progress
from cli.options import FILE_PATH
from crawlers.probe.report_text import render_report
from crawlers.probe.runner import run_probe
from domain.common.errors import UserError


@click.command
@click.argument("url")
@click.option("--output", type=FILE_PATH, help="Écrire le brouillon dans ce fichier.")
@click.option("--body", help="Corps à envoyer, pour une API interrogée par POST.")
@click.option("--header", "headers", multiple=True, metavar="NOM:VALEUR", help="En-tête exigé par l'API (répétable).")
def probe(url: str, output: Path | None, body: str | None, headers: tuple[str, ...]) -> None:
    """Probe an address, print the report, and write the draft where it is asked for."""
    report = run_probe(url, report_progress, body, _parse_headers(headers))
    click.echo(render_report(report))
    if output and report.draft:
        _write_draft(output, report.draft)


def _parse_headers(headers: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for header in headers:
        name, _, value = header.partition(":")
        values[name.strip()] = value.strip()
    return values


def _write_draft(path: Path, draft: str) -> None:
    try:
        path.write_text(draft, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} : impossible à écrire ({error.strerror})") from None
