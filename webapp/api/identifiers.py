"""The map of identifiers: every number of every film, by pages."""

from datetime import UTC, datetime

from flask import Response
from sqlalchemy import tuple_
from sqlmodel import col, select

from domain.models.film import FilmIdentifier
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.operations import reads
from webapp.api.parameters import IdentifiersAsked
from webapp.api.responses import common, link, send_kept
from webapp.api.schemas import Identifier, IdentifiersAnswer
from webapp.core.context import session

_LIST = "identifiers"


@reads(
    "/identifiers",
    IdentifiersAsked,
    IdentifiersAnswer,
    "La correspondance entre les numéros des films",
    "Base par base. Pour tout prendre d’un coup, le fichier des données ouvertes est plus léger.",
)
def identifiers(asked: IdentifiersAsked) -> Response:
    """A page of the map."""
    at, place = datetime.now(UTC), (col(FilmIdentifier.scheme), col(FilmIdentifier.value))
    wanted = select(FilmIdentifier)
    if asked.scheme:
        wanted = wanted.where(FilmIdentifier.scheme == asked.scheme)
    if after := read_cursor(_LIST, asked.cursor):
        wanted = wanted.where(tuple_(*place) > tuple_(*after))
    with session() as db:
        page = db.exec(wanted.order_by(*place).limit(asked.limit + 1)).all()
    told = [Identifier(scheme=one.scheme, value=one.value, film=one.film_id) for one in page[: asked.limit]]
    cursor = write_cursor(_LIST, told[-1].scheme, told[-1].value) if len(page) > asked.limit else None
    sent = send_kept(IdentifiersAnswer(**common(at), identifiers=told, cursor=cursor), at)
    link(sent, "first", cursor=None)
    if cursor:
        link(sent, "next", cursor=cursor)
    return sent
