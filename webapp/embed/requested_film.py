"""Which film a partner's page asks for: our number, any known identifier, or a title when there is no doubt."""

import re
from collections.abc import Mapping

from sqlmodel import Session, select

from domain.common.identifiers import EVERY_SCHEME, read_identifier
from domain.common.text import clean
from domain.linking.redirects import standing_film
from domain.models.film import Film, FilmIdentifier
from search.index_holder import titles
from search.requested_film import LONGEST, Asked
from search.resolve import State, resolve
from webapp.core.context import LARGEST, Refusal
from webapp.core.i18n import gettext

_NUMBER = re.compile(r"[0-9]{1,10}")
_OF_CNC = re.compile(r"[A-Za-z0-9._/-]{1,40}")
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}")
_SEVERAL = re.compile(r"\s*[,;]\s*")
_TOLD = 64


def find_film(session: Session, reference: str) -> Film | None:
    """The film of « 12 » or « imdb:tt0060474 ». Raises Refusal when that is neither a number nor an identifier."""
    if _NUMBER.fullmatch(reference):
        number = int(reference)
        return standing_film(session, number) if number <= LARGEST else None
    scheme, _, text = reference.partition(":")
    if scheme not in EVERY_SCHEME:
        told = gettext(
            "Film « %(film)s » : un numéro est attendu, ou l’un de ces identifiants suivi de deux-points : %(schemes)s."
        )
        raise Refusal(told % {"film": clean(reference)[:_TOLD], "schemes": ", ".join(EVERY_SCHEME)})
    value = (text if _OF_CNC.fullmatch(text) else None) if scheme == "cnc" else read_identifier(scheme, text)
    if value is None:
        told = gettext("« %(value)s » n’est pas un identifiant %(scheme)s bien formé.")
        raise Refusal(told % {"value": clean(text)[:_TOLD], "scheme": scheme})
    borne = (FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)
    return session.exec(select(Film).join(FilmIdentifier).where(*borne)).first()


def find_asked(session: Session, told: Mapping[str, str]) -> Film | None:
    """The film of `film`, or of `title` with `year` and `director`: only when one film can be meant.

    Raises Refusal on an unknown parameter or a bad value.
    """
    for name in told:
        if name not in ("film", "title", "year", "director"):
            raise Refusal(gettext("Paramètre inconnu : « %(name)s ».") % {"name": clean(name)[:_TOLD]})
    if "film" in told:
        if len(told) > 1:
            raise Refusal(gettext("« film » suffit : ni titre, ni année, ni nom avec lui."))
        return find_film(session, told["film"])
    return _by_title(session, told)


def _by_title(session: Session, told: Mapping[str, str]) -> Film | None:
    title, year = clean(told.get("title", "")), told.get("year", "").strip()
    directors = tuple(filter(None, _SEVERAL.split(clean(told.get("director", "")))))
    if not title or not (year or directors):
        raise Refusal(gettext("Un film est attendu : « film », ou « title » avec « year » ou « director »."))
    if len(title) > LONGEST or sum(map(len, directors)) > LONGEST:
        raise Refusal(gettext("Titre et noms sont limités à %(most)s caractères.") % {"most": LONGEST})
    if year and not _YEAR.fullmatch(year):
        raise Refusal(gettext("« year » est une année, de 1800 à 2099."))
    asked = Asked(1, titles=(title,), year=int(year) if year else None, directors=directors)
    (found,) = resolve(session, titles().index(session), [asked])
    return found.film if found.state is State.FOUND else None
