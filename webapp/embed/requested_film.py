"""Which film a partner's page asks for: our number, any known identifier, or a title when there is no doubt."""

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


def find_film(session: Session, reference: str) -> Film | None:
    """The film of « 12 » or « imdb:tt0060474 ». Raises Refusal when that is neither a number nor an identifier."""
    if _FILM_ID_PATTERN.fullmatch(reference):
        number = int(reference)
        return get_canonical_film(session, number) if number <= MAX_INTEGER else None
    scheme, _, text = reference.partition(":")
    if scheme not in ALL_SCHEMES:
        told = gettext(
            "Film « %(film)s » : un numéro est attendu, ou l’un de ces identifiants suivi de deux-points : %(schemes)s."
        )
        raise RequestError(told % {"film": clean_text(reference)[:_MAX_ECHOED_LENGTH], "schemes": ", ".join(ALL_SCHEMES)})
    value = (text if _CNC_ID_PATTERN.fullmatch(text) else None) if scheme == "cnc" else parse_identifier(scheme, text)
    if value is None:
        told = gettext("« %(value)s » n’est pas un identifiant %(scheme)s bien formé.")
        raise RequestError(told % {"value": clean_text(text)[:_MAX_ECHOED_LENGTH], "scheme": scheme})
    borne = (FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)
    return session.exec(select(Film).join(FilmIdentifier).where(*borne)).first()


def find_requested_film(session: Session, params: Mapping[str, str]) -> Film | None:
    """The film of `film`, or of `title` with `year` and `director`: only when one film can be meant.

    Raises Refusal on an unknown parameter or a bad value.
    """
    for name in params:
        if name not in ("film", "title", "year", "director"):
            raise RequestError(gettext("Paramètre inconnu : « %(name)s ».") % {"name": clean_text(name)[:_MAX_ECHOED_LENGTH]})
    if "film" in params:
        if len(params) > 1:
            raise RequestError(gettext("« film » suffit : ni titre, ni année, ni nom avec lui."))
        return find_film(session, params["film"])
    return _find_by_title(session, params)


def _find_by_title(session: Session, params: Mapping[str, str]) -> Film | None:
    title, year = clean_text(params.get("title", "")), params.get("year", "").strip()
    directors = tuple(filter(None, _NAME_SEPARATOR.split(clean_text(params.get("director", "")))))
    if not title or not (year or directors):
        raise RequestError(gettext("Un film est attendu : « film », ou « title » avec « year » ou « director »."))
    if len(title) > MAX_LINE_LENGTH or sum(map(len, directors)) > MAX_LINE_LENGTH:
        raise RequestError(gettext("Titre et noms sont limités à %(most)s caractères.") % {"most": MAX_LINE_LENGTH})
    if year and not _YEAR_PATTERN.fullmatch(year):
        raise RequestError(gettext("« year » est une année, de 1800 à 2099."))
    asked = InputLine(1, titles=(title,), year=int(year) if year else None, directors=directors)
    (found,) = resolve_lines(session, get_title_index(session), [asked])
    return found.film if found.state is LineState.FOUND else None
