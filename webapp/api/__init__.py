"""For programs: films, offers, services, rules and changes as JSON, with the evidence of each, and the document of it all.

Names may be added, never changed nor removed: `tests/webapp/api/fields.json` holds those that were promised.
"""

from webapp.api import films, offers, windows, lookup, changes, services, coverage, identifiers  # noqa: I001 - as documented
from webapp.api.guide import bp as guides
from webapp.api.operations import bp

__all__ = ["bp", "changes", "coverage", "films", "guides", "identifiers", "lookup", "offers", "services", "windows"]
