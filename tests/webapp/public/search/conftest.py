"""Use the films of the search's tests."""

import pytest

from tests.search.conftest import Find, engine, filled, find_added, site

__all__ = ["engine", "filled", "find_added", "site"]


@pytest.fixture
def find(find_added: Find) -> Find:
    """Search by the site of the test, to which it may add films."""
    return find_added
