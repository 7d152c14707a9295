"""Alembic's entry: runs on the connection that `records.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from records import catalogue, films, links  # noqa: F401  (their tables must be known)
from records.database import connect


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        with connect().execution_options(writes=True).begin() as opened:
            configure_and_run(opened)
    else:
        configure_and_run(connection)


def configure_and_run(connection: object) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=False)  # type: ignore[arg-type]
    with context.begin_transaction():
        context.run_migrations()


run()
