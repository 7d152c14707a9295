"""Films found without a title in mind: what is new, what goes, what is free, by decade, by service, by director; and feeds."""

from webapp.core.memo import bp
from webapp.public.browse import directors, feeds, lists, services

__all__ = ["bp", "directors", "feeds", "lists", "services"]
