"""The body of a request made text or JSON, with every size capped."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from flask import Request

from domain.common.csv_reader import GZIP, TooLarge, decode, unpack
from domain.common.errors import Problem
from ingest.contract import MAX_BODY, MAX_VALUES
from webapp.editors.problems import MOST_BYTES, DeliveryRefused, too_large, too_many_values

_ROOM = threading.BoundedSemaphore(1)
_PATIENCE = 4.0
"""Seconds: a thread of the site that waits for room serves nobody."""


@contextmanager
def one_body() -> Iterator[None]:
    """Room for a single body in the memory of the process, for as long as the block lasts.

    Raises DeliveryRefused when another keeps it for more than a few seconds.
    """
    if not _ROOM.acquire(timeout=_PATIENCE):
        raise DeliveryRefused("charge", "Une autre livraison est en cours de lecture. Réessayez dans trente secondes.")
    try:
        yield
    finally:
        _ROOM.release()


def read_bytes(request: Request) -> bytes:
    """The body, unpacked. Raises DeliveryRefused when it is too large, damaged or coded in another way than gzip."""
    request.max_content_length = MAX_BODY
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise DeliveryRefused("format", f"Content-Encoding « {coding[:40]} » : « gzip » ou rien attendu.")
    data = request.get_data(cache=False)
    if coding == "gzip" and not data.startswith(GZIP):
        raise DeliveryRefused("illisible", "Contenu gzip attendu.")
    return unpacked(data) if coding == "gzip" else data


def unpacked(data: bytes) -> bytes:
    """The content of a gzip document, or the document itself. Raises DeliveryRefused when it is damaged, cut or a bomb."""
    try:
        return unpack(data, "envoi", MAX_BODY)
    except TooLarge:
        raise too_large(MOST_BYTES) from None
    except Problem as problem:
        raise DeliveryRefused("illisible", f"{problem}.") from None


def as_text(data: bytes) -> str:
    """The text of a body, in UTF-8, cp1252 or cp850. Raises DeliveryRefused when it is none."""
    try:
        return decode(data, "envoi")
    except Problem as problem:
        raise DeliveryRefused("illisible", f"{problem}.") from None


def as_json(data: bytes) -> Any:
    """The value that a body holds. Raises DeliveryRefused, saying where the text breaks."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise too_many_values()
    try:
        return json.loads(as_text(data), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise DeliveryRefused("illisible", f"JSON illisible, ligne {error.lineno}, colonne {error.colno}.") from None
    except RecursionError:
        raise DeliveryRefused("illisible", "JSON trop imbriqué.") from None
    except ValueError:
        raise DeliveryRefused("illisible", "JSON illisible : un nombre n’en est pas un.") from None


def _no_constant(written: str) -> NoReturn:
    raise ValueError(written)
