"""Use the site of the list pages' tests."""

from tests.webapp.public.lists.conftest import ask, resolved, site

__all__ = ["ask", "resolved", "site"]
