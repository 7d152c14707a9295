"""Read a posted delivery, JSON or CSV, with the hash that recognises it when it is posted again."""

import hashlib

from flask import Request

from domain.common.text import clean_text
from ingest.catalogue import read_envelope
from ingest.receive import PostedDelivery
from ingest.spreadsheet import read_spreadsheet
from webapp.editors.bodies import decode_text, parse_json
from webapp.editors.problems import DeliveryRefusedError

_MAX_IDEMPOTENCY_KEY_LENGTH = 200


def read_json_delivery(data: bytes, idempotency_key: str | None) -> PostedDelivery:
    """Return a JSON delivery. Raises DeliveryRefusedError or IngestRefusedError when nothing of it can be used."""
    return PostedDelivery(read_envelope(parse_json(data)), _hash_body("json", data), idempotency_key)


def read_csv_delivery(data: bytes, is_delta: bool, total_products: int | None, idempotency_key: str | None) -> PostedDelivery:
    """Return a CSV delivery. Raises DeliveryRefusedError or IngestRefusedError when nothing of it can be used."""
    received = read_spreadsheet(decode_text(data), is_delta, total_products)
    return PostedDelivery(received, _hash_body(f"csv {is_delta} {total_products}", data), idempotency_key)


def get_idempotency_key(request: Request) -> str | None:
    """Return the name that the client gives to this delivery. Raises DeliveryRefusedError when it is too long."""
    idempotency_key = clean_text(request.headers.get("Idempotency-Key", ""))
    if len(idempotency_key) > _MAX_IDEMPOTENCY_KEY_LENGTH:
        raise DeliveryRefusedError("parametre", "Idempotency-Key : 200 signes au plus.")
    return idempotency_key or None


def _hash_body(kind: str, data: bytes) -> str:
    digest = hashlib.sha256(f"{kind}\n".encode())
    digest.update(data)
    return digest.hexdigest()
