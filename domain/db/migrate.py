"""Bring a database to the tables of this version."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from domain.common.environment import MIGRATIONS
from domain.db.engine import translate_storage_errors

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing; write nothing when none is. Raises UserError on a storage fault."""
    with translate_storage_errors(engine):
        if _get_current_revision(engine) != get_head_revision():
            _run_migrations(engine)


def _get_current_revision(engine: Engine) -> str | None:
    """Return the revision of the database, None for a new one. Alembic, slow to import, is not needed to know it."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def get_head_revision() -> str:
    """Return this version's revision: each file of migrations starts with its number, and the last one is the head."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")).partition("_")[0]


def build_config() -> "Config":
    """Return Alembic's configuration for the migrations of this version."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _run_migrations(engine: Engine) -> None:
    from alembic import command

    config = build_config()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
