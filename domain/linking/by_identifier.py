"""Find films by their identifiers in other databases."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from domain.common.identifiers import SCHEMES, parse_identifier
from domain.models.film import FilmIdentifier


def find_films_by_identifiers(session: Session, identifiers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the film id of each known identifier, by (scheme, identifier as it was written), with one query.

    Identifiers that are ill formed, or that no film has, are absent.
    """
    normalised: dict[tuple[str, str], str] = {}
    values_by_scheme: defaultdict[str, set[str]] = defaultdict(set)
    for scheme, text in identifiers:
        value = _normalise_identifier(scheme, text)
        if value:
            normalised[scheme, text] = value
            values_by_scheme[scheme].add(value)
    if not normalised:
        return {}
    conditions = [
        and_(col(FilmIdentifier.scheme) == scheme, col(FilmIdentifier.value).in_(values))
        for scheme, values in values_by_scheme.items()
    ]
    stmt = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id).where(or_(*conditions))
    film_ids = {(scheme, value): film_id for scheme, value, film_id in session.exec(stmt)}
    films: dict[tuple[str, str], int] = {}
    for (scheme, text), value in normalised.items():
        if (scheme, value) in film_ids:
            films[scheme, text] = film_ids[scheme, value]
    return films


def _normalise_identifier(scheme: str, text: str) -> str | None:
    """Return an identifier in its one form, or None when it is ill formed.

    Those of a scheme without a known form are taken as they are, without the spaces around them.
    """
    if scheme in SCHEMES:
        return parse_identifier(scheme, text)
    return text.strip() if text.isprintable() else None
