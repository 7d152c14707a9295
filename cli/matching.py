"""Define `ouvoir match`, `ouvoir link` and `ouvoir train`: link catalogues to films, and learn the matcher's weights."""

from dataclasses import replace
from pathlib import Path

import click

from cli.console import report_count, report_progress
from cli.options import FILE_PATH
from domain.common.environment import ROOT, refuse_removed_variables
from domain.common.garbage import pause_garbage_collection
from matcher.model import DEFAULT_MODEL, save_model


@click.command
@click.option("--full", is_flag=True, help="Décider toutes les entrées, même celles que rien n'a changées.")
def match(full: bool) -> None:
    """Link the collected catalogues to the films of the database."""
    # Libraries that read databases are slow to import, for verbs that read none.
    with pause_garbage_collection():
        from cli.database import open_database
        from matcher.match_database import match_database

    click.echo(match_database(open_database(), report_progress, full=full).format_summary())


@click.command
@click.argument("reference", type=FILE_PATH)
@click.argument("entries", type=FILE_PATH)
@click.option("--output", required=True, type=FILE_PATH, help="Fichier CSV des liens.")
@click.option("--workers", type=int, show_default="selon le travail et les processeurs", help="Nombre de processus.")
@click.option("--model", type=FILE_PATH, help="Fichier JSON de poids et de seuils, à la place de celui du programme.")
def link(reference: Path, entries: Path, output: Path, workers: int | None, model: Path | None) -> None:
    """Link a CSV file of titles to a CSV file of films, without a database."""
    from matcher.link_files import link_files

    refuse_removed_variables()
    link_files(reference, entries, output, workers, model, report_progress, report_count)


@click.command
@click.option("--data", type=FILE_PATH, help="Dossier des listes étiquetées.")
@click.option("--judgements", is_flag=True, help="Apprendre aussi des décisions des agents.")
@click.option("--model", type=FILE_PATH, default=DEFAULT_MODEL, show_default="celui du programme", help="Modèle à écrire.")
@click.option(
    "--report", type=FILE_PATH, default=ROOT / "docs" / "matching", show_default="docs/matching", help="Dossier du rapport."
)
def train(data: Path | None, judgements: bool, model: Path, report: Path) -> None:
    """Learn the weights on labelled lists, agents' decisions or both; write the model and its report."""
    # Fitting brings 50 MB of library that `match` and `link` should not carry.
    from cli.database import open_database
    from domain.db.engine import read_session
    from matcher.loaders.judgements import read_judged_examples
    from matcher.training.examples import TrainingData, read_training_data
    from matcher.training.report import REPORT_FILE, write_report
    from matcher.training.train import train as train_model

    if data is None and not judgements:
        raise click.UsageError("--data, --judgements, ou les deux")
    training_data = read_training_data(data) if data else TrainingData([])
    if judgements:
        with read_session(open_database()) as session:
            judged_examples = list(read_judged_examples(session))
        training_data = replace(training_data, examples=[*training_data.examples, *judged_examples])
    training = train_model(training_data, report_progress)
    write_report(report, training)
    save_model(model, training.model)
    click.echo(f"modèle {training.model.version} : seuil {training.model.bands.auto} ; rapport dans {report / REPORT_FILE}")
