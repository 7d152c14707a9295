"""For partner sites: the block as an element or a frame, its data, the page that writes the code, and what partners count."""

from webapp.widget import data, frame, integrate, loads, partners, released
from webapp.widget.room import pages

__all__ = ["data", "frame", "integrate", "loads", "pages", "partners", "released"]
