"""Who knocks: the key of an editor, and what was posted with it."""

import hashlib
from contextlib import suppress
from datetime import datetime

from flask import Request
from sqlalchemy import Engine

from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.db.engine import read_session, write_session
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.runs.editor_keys import find_key, is_last_use_stale, is_well_formed_key, touch_key
from ingest.catalogue import ReceivedDelivery, read_envelope
from ingest.receive import PostedDelivery
from ingest.spreadsheet import read_spreadsheet
from webapp.editors.bodies import decode_text, parse_json
from webapp.editors.problems import DeliveryRefusedError


def get_bearer_token(request: Request) -> str | None:
    """The key in « Authorization: Bearer … », the only place where a program may put it."""
    signed = request.authorization
    return signed.token if signed is not None and signed.type == "bearer" else None


def authenticate_key(engine: Engine, presented: str | None, now: datetime) -> tuple[EditorKey, Platform]:
    """The key in force and its platform. Raises DeliveryRefused, with the same words for an unknown key and a revoked one."""
    if not presented:
        raise DeliveryRefusedError("cle", "Une clé est attendue dans l’en-tête « Authorization: Bearer … ».")
    if not is_well_formed_key(presented):
        raise DeliveryRefusedError("cle", "Cette clé est mal recopiée : ses signes de contrôle ne vont pas avec le reste.")
    with read_session(engine) as session:
        found = find_key(session, presented)
    if found is None:
        raise DeliveryRefusedError("cle", "Cette clé n’est pas, ou n’est plus, en service.")
    key, platform = found
    if is_last_use_stale(key, now):
        with suppress(UserError), write_session(engine) as session:  # a busy database is no reason to turn an editor away
            touch_key(session, key.id or 0, now)
    return key, platform


def read_json_delivery(data: bytes, idempotency_key: str | None) -> PostedDelivery:
    """A JSON delivery. Raises DeliveryRefused when it cannot be taken at all."""
    return PostedDelivery(read_envelope(parse_json(data)), _hash_body("json", data), idempotency_key)


def read_csv_delivery(data: bytes, delta: bool, total_products: int | None, idempotency_key: str | None) -> PostedDelivery:
    """A delivery as a spreadsheet. Raises DeliveryRefused when it cannot be taken at all."""
    received: ReceivedDelivery = read_spreadsheet(decode_text(data), delta, total_products)
    return PostedDelivery(received, _hash_body(f"csv {delta} {total_products}", data), idempotency_key)


def get_idempotency_key(request: Request) -> str | None:
    """The name that the client gave to this delivery. Raises DeliveryRefused when it is too long."""
    written = clean_text(request.headers.get("Idempotency-Key", ""))
    if len(written) > 200:
        raise DeliveryRefusedError("parametre", "Idempotency-Key : 200 signes au plus.")
    return written or None


def _hash_body(kind: str, data: bytes) -> str:
    made = hashlib.sha256(f"{kind}\n".encode())
    made.update(data)
    return made.hexdigest()
