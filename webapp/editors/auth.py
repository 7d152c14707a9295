"""Who knocks: the key of an editor, and what was posted with it."""

import hashlib
from contextlib import suppress
from datetime import datetime

from flask import Request
from sqlalchemy import Engine

from domain.common.errors import Problem
from domain.common.text import clean
from domain.db.engine import reading, writing
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.runs.editor_keys import find_key, is_well_formed, note_use, use_is_stale
from ingest.catalogue import Received, open_envelope
from ingest.receive import Posted
from ingest.spreadsheet import open_spreadsheet
from webapp.editors.bodies import as_json, as_text
from webapp.editors.problems import DeliveryRefused


def bearer(request: Request) -> str | None:
    """The key in « Authorization: Bearer … », the only place where a program may put it."""
    signed = request.authorization
    return signed.token if signed is not None and signed.type == "bearer" else None


def open_door(engine: Engine, presented: str | None, now: datetime) -> tuple[EditorKey, Platform]:
    """The key in force and its platform. Raises DeliveryRefused, with the same words for an unknown key and a revoked one."""
    if not presented:
        raise DeliveryRefused("cle", "Une clé est attendue dans l’en-tête « Authorization: Bearer … ».")
    if not is_well_formed(presented):
        raise DeliveryRefused("cle", "Cette clé est mal recopiée : ses signes de contrôle ne vont pas avec le reste.")
    with reading(engine) as session:
        found = find_key(session, presented)
    if found is None:
        raise DeliveryRefused("cle", "Cette clé n’est pas, ou n’est plus, en service.")
    key, platform = found
    if use_is_stale(key, now):
        with suppress(Problem), writing(engine) as session:  # a busy database is no reason to turn an editor away
            note_use(session, key.id or 0, now)
    return key, platform


def post_json(data: bytes, idempotency_key: str | None) -> Posted:
    """A JSON delivery. Raises DeliveryRefused when it cannot be taken at all."""
    return Posted(open_envelope(as_json(data)), _hash("json", data), idempotency_key)


def post_csv(data: bytes, delta: bool, total_products: int | None, idempotency_key: str | None) -> Posted:
    """A delivery as a spreadsheet. Raises DeliveryRefused when it cannot be taken at all."""
    received: Received = open_spreadsheet(as_text(data), delta, total_products)
    return Posted(received, _hash(f"csv {delta} {total_products}", data), idempotency_key)


def idempotency_key(request: Request) -> str | None:
    """The name that the client gave to this delivery. Raises DeliveryRefused when it is too long."""
    written = clean(request.headers.get("Idempotency-Key", ""))
    if len(written) > 200:
        raise DeliveryRefused("parametre", "Idempotency-Key : 200 signes au plus.")
    return written or None


def _hash(kind: str, data: bytes) -> str:
    made = hashlib.sha256(f"{kind}\n".encode())
    made.update(data)
    return made.hexdigest()
