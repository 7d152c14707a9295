"""Open the database of the environment for a verb."""

from sqlalchemy import Engine

from domain.db.engine import create_db_engine
from domain.db.migrate import upgrade


def open_database() -> Engine:
    """Return an engine on the database of the environment, brought to this version's tables."""
    engine = create_db_engine()
    upgrade(engine)
    return engine
