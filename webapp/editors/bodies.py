"""The body of a request made text or JSON, with every size capped."""

import gzip
import io
import json
import zlib
from typing import Any, NoReturn

from flask import Request

from records.errors import Problem
from records.tabular import decode
from webapp.editors.problems import MAX_BODY, Refused, too_large

_MAX_VALUES = 4_000_000


def read_bytes(request: Request) -> bytes:
    """The body, unpacked. Raises Refused when it is too large, damaged or coded in another way than gzip."""
    request.max_content_length = MAX_BODY
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise Refused("format", f"Content-Encoding « {coding[:40]} » : « gzip » ou rien attendu.")
    data = request.get_data(cache=False)
    return unpack(data) if coding == "gzip" else data


def unpack(data: bytes) -> bytes:
    """The content of a gzip document. Raises Refused when it is damaged, cut or would be too large."""
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            content = packed.read(MAX_BODY + 1)
    except EOFError:
        raise Refused("illisible", "Contenu gzip tronqué, la fin manque.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise Refused("illisible", "Contenu gzip endommagé.") from None
    if len(content) > MAX_BODY:
        raise Refused("taille", too_large())
    return content


def as_text(data: bytes) -> str:
    """The text of a body, in UTF-8, cp1252 or cp850. Raises Refused when it is none."""
    try:
        return decode(data, "envoi")
    except Problem as problem:
        raise Refused("illisible", f"{problem}.") from None


def as_json(data: bytes) -> Any:
    """The value that a body holds. Raises Refused, saying where the text breaks."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MAX_VALUES:
        raise Refused("taille", f"Plus de {_MAX_VALUES // 10**6} millions de valeurs. Livrez en plusieurs deltas.")
    try:
        return json.loads(as_text(data), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Refused("illisible", f"JSON illisible, ligne {error.lineno}, colonne {error.colno}.") from None
    except RecursionError:
        raise Refused("illisible", "JSON trop imbriqué.") from None
    except ValueError:
        raise Refused("illisible", "JSON illisible : un nombre n’en est pas un.") from None


def _no_constant(written: str) -> NoReturn:
    raise ValueError(written)
