"""Which films bear some numbers of other bases."""

from collections.abc import Iterable

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from domain.common.identifiers import SCHEMES, parse_identifier
from domain.models.film import FilmIdentifier


def find_films_by_identifiers(session: Session, identifiers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The film of each number that is known, by (scheme, number as it was written); one query, however many there are."""
    read = {(scheme, text): _normalise_identifier(scheme, text) for scheme, text in identifiers}
    by_scheme: dict[str, set[str]] = {}
    for (scheme, _), value in read.items():
        if value:
            by_scheme.setdefault(scheme, set()).add(value)
    if not by_scheme:
        return {}
    named = (
        and_(col(FilmIdentifier.scheme) == scheme, col(FilmIdentifier.value).in_(some)) for scheme, some in by_scheme.items()
    )
    rows = session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id).where(or_(*named)))
    known = {(scheme, value): film for scheme, value, film in rows}
    return {(scheme, text): known[scheme, value] for (scheme, text), value in read.items() if value and (scheme, value) in known}


def _normalise_identifier(scheme: str, text: str) -> str | None:
    """The number in its one form; that of a base whose numbers are not checked is taken as it is, apart from its spaces."""
    if scheme in SCHEMES:
        return parse_identifier(scheme, text)
    return text.strip() if text.isprintable() else None
