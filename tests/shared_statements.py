"""Share compiled SQL between the engines of the tests, which would else compile each statement once for each database."""

from typing import Any

from sqlalchemy import URL, Dialect, Engine, create_engine
from sqlalchemy.util import LRUCache

_STATEMENTS = 3_000
"""More than the program has."""


class SharedStatements:
    """Create engines that have the same dialect object, by which SQLAlchemy finds what it compiled, and the same cache."""

    def __init__(self) -> None:
        self._dialects: dict[str, Dialect] = {}
        self._compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS)

    def create_engine(self, url: URL, **options: Any) -> Engine:
        """Create an engine as SQLAlchemy does, with the shared dialect of its database if there is one."""
        engine = create_engine(url, **options)
        engine.dialect = self._dialects.get(url.drivername, engine.dialect)
        engine.update_execution_options(compiled_cache=self._compiled)
        return engine

    def share_dialect(self, engine: Engine) -> None:
        """Give the dialect of this engine to those created from now on: connecting tells it what the server can do."""
        engine.connect().close()
        self._dialects[engine.url.drivername] = engine.dialect
