"""Use the editors' service of the web pages' tests."""

from tests.webapp.editors.conftest import clock, locks_aside, service, sqlite_service

__all__ = ["clock", "locks_aside", "service", "sqlite_service"]
