"""For partner sites: the block as an element or a frame, its data, the page that writes the code, and what partners count."""

from webapp.embed import data, frame, integrate, load_counter, partner_stats, releases
from webapp.embed.blueprint import bp

__all__ = ["bp", "data", "frame", "integrate", "load_counter", "partner_stats", "releases"]
