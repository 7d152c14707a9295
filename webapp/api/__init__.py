"""Serve films, offers, services, rules and changes to programs as JSON, with the evidence of each and an OpenAPI document.

Names may be added, never changed nor removed: `tests/webapp/api/fields.json` holds those that were promised.
"""

from webapp.api.guide import bp as guide_bp
from webapp.api.registry import create_blueprint

__all__ = ["create_blueprint", "guide_bp"]
