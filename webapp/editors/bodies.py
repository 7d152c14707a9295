"""Read the body of a request as text or JSON, with every size capped, one body at a time in memory."""

import json
from typing import Any, NoReturn

from flask import Flask, Request, current_app

from domain.common.csv_reader import GZIP_MAGIC, TooLargeError, decode_bytes, decompress_gzip
from domain.common.errors import UserError
from ingest.body_slot import BodySlot
from ingest.contract import MAX_BODY, MAX_VALUES
from webapp.editors.problems import SIZE_LIMIT_TEXT, DeliveryRefusedError, make_too_large_error, make_too_many_values_error

_BODY_SLOT_KEY = "ouvoir.body_slot"


def init_app(app: Flask) -> None:
    """Give the application its slot for bodies."""
    app.extensions[_BODY_SLOT_KEY] = BodySlot()


def get_body_slot() -> BodySlot:
    """Return the slot that a body must hold while it is in memory."""
    slot: BodySlot = current_app.extensions[_BODY_SLOT_KEY]
    return slot


def read_bytes(request: Request) -> bytes:
    """Return the body, decompressed. Raises DeliveryRefusedError when it is too large, damaged, or encoded but not in gzip."""
    request.max_content_length = MAX_BODY
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise DeliveryRefusedError("format", f"Content-Encoding « {encoding[:40]} » : « gzip » ou rien attendu.")
    data = request.get_data(cache=False)
    if encoding == "identity":
        return data
    if not data.startswith(GZIP_MAGIC):
        raise DeliveryRefusedError("illisible", "Contenu gzip attendu.")
    return decompress_body(data)


def decompress_body(data: bytes) -> bytes:
    """Return the content of a gzip document, or the document itself. Raises DeliveryRefusedError on a bad or huge one."""
    try:
        return decompress_gzip(data, "envoi", MAX_BODY)
    except TooLargeError:
        raise make_too_large_error(SIZE_LIMIT_TEXT) from None
    except UserError as error:
        raise DeliveryRefusedError("illisible", f"{error}.") from None


def decode_text(data: bytes) -> str:
    """Return the text of a body in UTF-8, cp1252 or cp850. Raises DeliveryRefusedError when it is none of them."""
    try:
        return decode_bytes(data, "envoi")
    except UserError as error:
        raise DeliveryRefusedError("illisible", f"{error}.") from None


def parse_json(data: bytes) -> Any:
    """Return the value of a JSON body. Raises DeliveryRefusedError, saying where the text breaks."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise make_too_many_values_error()
    try:
        return json.loads(decode_text(data), parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise DeliveryRefusedError("illisible", f"JSON illisible, ligne {error.lineno}, colonne {error.colno}.") from None
    except RecursionError:
        raise DeliveryRefusedError("illisible", "JSON trop imbriqué.") from None
    except ValueError:
        raise DeliveryRefusedError("illisible", "JSON illisible : un nombre n’en est pas un.") from None


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
