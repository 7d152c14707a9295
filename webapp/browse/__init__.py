"""Films found without a title in mind: what is new, what goes, what is free, by decade, by service, by director; and feeds."""

from webapp.browse import directors, feeds, lists, services
from webapp.browse.kept import pages

__all__ = ["directors", "feeds", "lists", "pages", "services"]
