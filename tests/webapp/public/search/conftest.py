"""Use the films of the search's tests."""

from tests.search.conftest import engine, filled, find, site

__all__ = ["engine", "filled", "find", "site"]
