"""The map of identifiers: every number of every film, by pages."""

from datetime import UTC, datetime

from flask import Response
from sqlalchemy import tuple_
from sqlmodel import col, select

from domain.models.film import FilmIdentifier
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.operations import declare_get
from webapp.api.parameters import IdentifiersParams
from webapp.api.responses import add_link_header, build_cacheable_response, build_common_fields
from webapp.api.schemas import Identifier, IdentifiersAnswer
from webapp.core.context import open_db_session

_CURSOR_NAME = "identifiers"


@declare_get(
    "/identifiers",
    IdentifiersParams,
    IdentifiersAnswer,
    "La correspondance entre les numéros des films",
    "Base par base. Pour tout prendre d’un coup, le fichier des données ouvertes est plus léger.",
)
def identifiers(params: IdentifiersParams) -> Response:
    """A page of the map."""
    at, place = datetime.now(UTC), (col(FilmIdentifier.scheme), col(FilmIdentifier.value))
    wanted = select(FilmIdentifier)
    if params.scheme:
        wanted = wanted.where(FilmIdentifier.scheme == params.scheme)
    if after := read_cursor(_CURSOR_NAME, params.cursor):
        wanted = wanted.where(tuple_(*place) > tuple_(*after))
    with open_db_session() as db:
        page = db.exec(wanted.order_by(*place).limit(params.limit + 1)).all()
    told = [Identifier(scheme=one.scheme, value=one.value, film=one.film_id) for one in page[: params.limit]]
    cursor = write_cursor(_CURSOR_NAME, told[-1].scheme, told[-1].value) if len(page) > params.limit else None
    sent = build_cacheable_response(IdentifiersAnswer(**build_common_fields(at), identifiers=told, cursor=cursor), at)
    add_link_header(sent, "first", cursor=None)
    if cursor:
        add_link_header(sent, "next", cursor=cursor)
    return sent
