"""Run migrations on the connection that `domain.db.migrate` hands over, or from the command line on the configured database."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from domain.db.engine import create_db_engine
from domain.models import registry  # noqa: F401  (its tables must be known)


def run_migrations(connection: Connection) -> None:
    """Run the migrations that Alembic was asked for in one transaction."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given_connection = context.config.attributes.get("connection")
if given_connection is None:
    with create_db_engine().execution_options(writes=True).begin() as own_connection:
        run_migrations(own_connection)
else:
    run_migrations(given_connection)
