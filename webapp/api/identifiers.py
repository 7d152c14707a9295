"""Return every identifier of every film, by pages."""

from datetime import UTC, datetime

from flask import Response
from sqlalchemy import tuple_
from sqlmodel import col, select

from domain.models.film import FilmIdentifier
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.operations import get_operation
from webapp.api.parameters import IdentifiersParams
from webapp.api.responses import add_cursor_links, build_cacheable_response, build_common_fields
from webapp.api.schemas import Identifier, IdentifiersAnswer
from webapp.core.context import open_db_session

_CURSOR_NAME = "identifiers"


@get_operation(
    "identifiers",
    "/identifiers",
    IdentifiersParams,
    IdentifiersAnswer,
    "La correspondance entre les numéros des films",
    "Base par base. Pour tout prendre d’un coup, le fichier des données ouvertes est plus léger.",
)
def list_identifiers(params: IdentifiersParams) -> Response:
    """Return a page of identifiers, by scheme then value."""
    at = datetime.now(UTC)
    sort_key = (col(FilmIdentifier.scheme), col(FilmIdentifier.value))
    stmt = select(FilmIdentifier).order_by(*sort_key).limit(params.limit + 1)
    if params.scheme:
        stmt = stmt.where(FilmIdentifier.scheme == params.scheme)
    if position := read_cursor(_CURSOR_NAME, params.cursor):
        stmt = stmt.where(tuple_(*sort_key) > tuple_(*position))
    with open_db_session() as db:
        rows = db.exec(stmt).all()
    identifiers = [Identifier(scheme=row.scheme, value=row.value, film=row.film_id) for row in rows[: params.limit]]
    cursor = None
    if len(rows) > params.limit:
        cursor = write_cursor(_CURSOR_NAME, identifiers[-1].scheme, identifiers[-1].value)
    answer = IdentifiersAnswer(**build_common_fields(at), identifiers=identifiers, cursor=cursor)
    return add_cursor_links(build_cacheable_response(answer, at), cursor)
