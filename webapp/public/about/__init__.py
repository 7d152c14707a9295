"""The pages that a public service owes its readers: what it does and how, who answers for it, what it measures of itself."""

from webapp.public.about.facts import check_facts
from webapp.public.about.views import bp, get_accessibility_level

__all__ = ["bp", "check_facts", "get_accessibility_level"]
