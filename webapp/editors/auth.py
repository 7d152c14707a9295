"""Authenticate editors by their key."""

from contextlib import suppress
from datetime import datetime

from flask import Request
from sqlalchemy import Engine

from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.runs.editor_keys import find_key, is_last_use_stale, is_well_formed_key, touch_key
from webapp.editors.problems import DeliveryRefusedError


def get_bearer_token(request: Request) -> str | None:
    """Return the key in « Authorization: Bearer … », the only place where a program may put it."""
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return None
    return authorization.token


def authenticate_key(engine: Engine, token: str | None, now: datetime) -> tuple[EditorKey, Platform]:
    """Return a key in force and its platform, and note that it was used.

    Raises DeliveryRefusedError, with the same words for an unknown key and a revoked one.
    """
    if not token:
        raise DeliveryRefusedError("cle", "Une clé est attendue dans l’en-tête « Authorization: Bearer … ».")
    if not is_well_formed_key(token):
        raise DeliveryRefusedError("cle", "Cette clé est mal recopiée : ses signes de contrôle ne vont pas avec le reste.")
    with read_session(engine) as session:
        match = find_key(session, token)
    if match is None:
        raise DeliveryRefusedError("cle", "Cette clé n’est pas, ou n’est plus, en service.")
    key, platform = match
    assert key.id is not None
    if is_last_use_stale(key, now):
        with suppress(UserError), write_session(engine) as session:  # a busy database is no reason to turn an editor away
            touch_key(session, key.id, now)
    return key, platform
