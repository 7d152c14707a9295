"""Find the film that a partner's page asks for: by our id, any identifier, or a title when there is no doubt."""

import re
from collections.abc import Mapping

from sqlmodel import Session, select

from domain.common.identifiers import ALL_SCHEMES, parse_identifier
from domain.common.text import clean_text
from domain.linking.redirects import get_canonical_film
from domain.models.film import Film, FilmIdentifier
from search.requested_film import MAX_LINE_LENGTH, InputLine
from search.resolve import LineState, resolve_lines
from webapp.core.context import MAX_INTEGER, RequestError
from webapp.core.i18n import gettext
from webapp.core.title_index import get_title_index

_FILM_ID_PATTERN = re.compile(r"[0-9]{1,10}")
_CNC_ID_PATTERN = re.compile(r"[A-Za-z0-9._/-]{1,40}")
_YEAR_PATTERN = re.compile(r"(?:18|19|20)[0-9]{2}")
_NAME_SEPARATOR = re.compile(r"\s*[,;]\s*")
_MAX_ECHOED_LENGTH = 64
_PARAMS = ("film", "title", "year", "director")


def find_film(session: Session, reference: str) -> Film | None:
    """Return the film of « 12 » or « imdb:tt0060474 ». Raises RequestError when that is neither an id nor an identifier."""
    if _FILM_ID_PATTERN.fullmatch(reference):
        film_id = int(reference)
        return get_canonical_film(session, film_id) if film_id <= MAX_INTEGER else None
    scheme, _, text = reference.partition(":")
    if scheme not in ALL_SCHEMES:
        message = gettext(
            "Film « %(film)s » : un numéro est attendu, ou l’un de ces identifiants suivi de deux-points : %(schemes)s."
        )
        raise RequestError(message % {"film": _shorten(reference), "schemes": ", ".join(ALL_SCHEMES)})
    value = _parse_identifier(scheme, text)
    if value is None:
        message = gettext("« %(value)s » n’est pas un identifiant %(scheme)s bien formé.")
        raise RequestError(message % {"value": _shorten(text), "scheme": scheme})
    stmt = select(Film).join(FilmIdentifier).where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)
    return session.exec(stmt).first()


def _parse_identifier(scheme: str, text: str) -> str | None:
    if scheme == "cnc":
        return text if _CNC_ID_PATTERN.fullmatch(text) else None
    return parse_identifier(scheme, text)


def _shorten(text: str) -> str:
    """Return a text as it may be repeated to whoever sent it."""
    return clean_text(text)[:_MAX_ECHOED_LENGTH]


def find_requested_film(session: Session, params: Mapping[str, str]) -> Film | None:
    """Return the film of `film`, or of `title` with `year` and `director`, only when one film can be meant.

    Raises RequestError on an unknown parameter or a bad value.
    """
    for name in params:
        if name not in _PARAMS:
            raise RequestError(gettext("Paramètre inconnu : « %(name)s ».") % {"name": _shorten(name)})
    if "film" not in params:
        return _find_by_title(session, params)
    if len(params) > 1:
        raise RequestError(gettext("« film » suffit : ni titre, ni année, ni nom avec lui."))
    return find_film(session, params["film"])


def _find_by_title(session: Session, params: Mapping[str, str]) -> Film | None:
    title = clean_text(params.get("title", ""))
    year = params.get("year", "").strip()
    directors = tuple(filter(None, _NAME_SEPARATOR.split(clean_text(params.get("director", "")))))
    if not title or not (year or directors):
        raise RequestError(gettext("Un film est attendu : « film », ou « title » avec « year » ou « director »."))
    if len(title) > MAX_LINE_LENGTH or sum(map(len, directors)) > MAX_LINE_LENGTH:
        raise RequestError(gettext("Titre et noms sont limités à %(limit)s caractères.") % {"limit": MAX_LINE_LENGTH})
    if year and not _YEAR_PATTERN.fullmatch(year):
        raise RequestError(gettext("« year » est une année, de 1800 à 2099."))
    line = InputLine(1, titles=(title,), year=int(year) if year else None, directors=directors)
    (resolved,) = resolve_lines(session, get_title_index(session), [line])
    return resolved.film if resolved.state is LineState.FOUND else None
