"""Alembic's entry: runs on the connection that `domain.db.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from domain import models  # noqa: F401  (its tables must be known)

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
