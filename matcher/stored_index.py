"""Open the index of the films to match with: those of the database."""

from sqlmodel import Session

from matcher.blocking import FilmIndex
from matcher.loaders.database import read_films


def open_database_index(session: Session) -> FilmIndex:
    """Return the index of the canonical films as the session sees them, with the CNC's identifiers among their own."""
    return FilmIndex(read_films(session))
