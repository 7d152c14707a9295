"""Define `ouvoir accept` and `ouvoir reject`: what a person decides of a run that was held."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlmodel import Session

from cli.database import open_database
from cli.options import ROW_ID
from domain.common.enums import Outcome
from domain.db.engine import read_session, write_session
from domain.db.locks import get_crawl_lock, hold_lock
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, reject_held_run
from domain.runs.runs import get_run

_RUN_ARGUMENT = click.argument("run_id", metavar="RUN", type=ROW_ID)
_REASON_OPTION = click.option("--reason", required=True, help="La raison, gardée avec la collecte.")


@contextmanager
def _lock_run(run_id: int) -> Iterator[tuple[Session, Run]]:
    """Give a run to decide of, while nothing else is collected, delivered or decided of its platform."""
    engine = open_database()
    with read_session(engine) as session:
        slug = session.get_one(Platform, get_run(session, run_id).platform_id).slug
    busy_message = f"{slug} : une collecte est en cours, réessayez ensuite"
    with hold_lock(engine, get_crawl_lock(slug), busy_message), write_session(engine) as session:
        yield session, get_run(session, run_id)


@click.command
@_RUN_ARGUMENT
@_REASON_OPTION
def accept_run(run_id: int, reason: str) -> None:
    """Accept a held run, with a reason."""
    with _lock_run(run_id) as (session, run):
        accept_held_run(session, run, reason, datetime.now(UTC))
    partial = " (incomplète : rien n'est marqué absent)" if run.outcome is not Outcome.COMPLETE else ""
    click.echo(f"collecte {run_id} acceptée{partial} ; « ouvoir match » reliera ses nouveaux titres")


@click.command
@_RUN_ARGUMENT
@_REASON_OPTION
def reject_run(run_id: int, reason: str) -> None:
    """Reject a held run, with a reason."""
    with _lock_run(run_id) as (session, run):
        reject_held_run(session, run, reason, datetime.now(UTC))
    click.echo(f"collecte {run_id} refusée ; « ouvoir accept » peut encore l'accepter tant qu'aucune plus récente ne l'est")
