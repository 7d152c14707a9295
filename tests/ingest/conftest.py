"""Use the editors' service of the web pages' tests."""

from tests.webapp.editors.conftest import clock, light_service, locks_aside, service

__all__ = ["clock", "light_service", "locks_aside", "service"]
