"""Alembic's entry: runs on the connection that `records.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from records import schema  # noqa: F401  (its tables must be known)

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
