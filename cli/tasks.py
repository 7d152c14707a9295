"""Define `ouvoir tasks`: what waits for an agent."""

from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from cli.database import open_database
from cli.options import ROW_ID
from domain.db.engine import read_session, write_session
from domain.tasks import close_task, list_open_tasks


@click.command
@click.option("--close", "task_id", type=ROW_ID, metavar="N", help="La tâche à clore.")
@click.option("--reason", help="Pourquoi elle est close.")
def tasks(task_id: int | None, reason: str | None) -> None:
    """List the open tasks, or close one with a reason."""
    if reason and task_id is None:
        raise click.UsageError("--reason n'a de sens qu'avec --close")
    engine = open_database()
    if task_id is None:
        _print_open_tasks(engine)
        return
    with write_session(engine) as session:
        close_task(session, task_id, reason or "", datetime.now(UTC))
    click.echo(f"tâche {task_id} close")


def _print_open_tasks(engine: Engine) -> None:
    with read_session(engine) as session:
        entries = [f"{task.id:>5}  {task.opened_at:%Y-%m-%d}  {task.message}" for task in list_open_tasks(session)]
    click.echo("\n".join(entries or ["aucune tâche en attente"]))
