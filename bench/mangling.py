"""Damage documents at random, the way networks, editors and attackers do."""

import io
import random
import re
import zipfile
from collections.abc import Callable

_SCALAR = re.compile(
    rb'"(?:[^"\\\n]|\\.){0,200}"|-?\b[0-9]+(?:\.[0-9]+)?\b|\btrue\b|\bfalse\b|\bnull\b|(?<=>)[^<>\n]{1,200}(?=<)'
)
_WRONG_VALUES = (
    b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"0.1e-400", b'""', b"[]", b"{}", b"[[]]", b'{"a": [null]}',
    b'"\\ud800"', b'"\\u0000\\u202e"', b'"' + b"A" * 5000 + b'"', b'"=1+1"', b'"../../etc/passwd"', b'"javascript:alert(1)"',
    b'"2026-13-45"', b'"PT99999999999H"', b'"<script>"', b'"&lol;"', b'"\xff\xfe"', "\"Où, là ; « é »\"".encode(),
)  # fmt: skip
_WRONG_KEYS = tuple(word for word in _WRONG_VALUES if word.startswith(b'"'))
_ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b"\x1a",
    b"\x1f\x8b",
    b"\xe9",
    b"\xf0\x9f\x8e\xac",
)
_LIST_BRACKETS = ((b"[", b"]"), (b'{"a":', b"}"), (b'{"a":[', b"]}"), (b"[[],", b"]"))
_TREE_TAGS = ((b"<a>", b"</a>"), (b"<a>", b""), *_LIST_BRACKETS)
_DOCTYPE = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY lol "&x;&x;&x;&x;">]>'

Damage = Callable[[bytes, random.Random], bytes]


def mangle_document(data: bytes, chance: random.Random) -> bytes:
    """Return the document after one to four damages; of a workbook, most often one of its parts."""
    if data.startswith(b"PK") and chance.random() < 0.8:
        return _mangle_workbook(data, chance)
    damages = (change_values, change_values, nest_value) if chance.random() < 0.5 else _DAMAGES
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(damages)(data, chance)
    return data


def _mangle_workbook(data: bytes, chance: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as packed:
        names = source.namelist()
        hit = chance.choice(names)
        for name in names:
            content = source.read(name)
            if name == hit and chance.random() < 0.1:
                continue
            packed.writestr(zipfile.ZipInfo(name), mangle_document(content, chance) if name == hit else content)
    return target.getvalue()


def _draw_span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 8, 60, 400, 3000)))


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    """Flip some bits."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut_part(data: bytes, chance: random.Random) -> bytes:
    """Remove the end, the beginning or a part."""
    start, end = _draw_span(data, chance)
    return chance.choice((data[:start], data[start:], data[:start] + data[end:]))


def repeat_part(data: bytes, chance: random.Random) -> bytes:
    """Repeat a part several times."""
    start, end = _draw_span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 30)) + data[end:]


def swap_parts(data: bytes, chance: random.Random) -> bytes:
    """Put a part where another one should be."""
    (start, end), (other_start, other_end) = _draw_span(data, chance), _draw_span(data, chance)
    return data[:start] + data[other_start:other_end] + data[end:]


def change_values(data: bytes, chance: random.Random) -> bytes:
    """Change values, and names of fields, into something else."""
    spans = [match.span() for match in _SCALAR.finditer(data)]
    for start, end in sorted(chance.sample(spans, min(len(spans), chance.choice((1, 2, 10)))), reverse=True):
        names = data[end : end + 1] == b":"
        data = data[:start] + chance.choice(_WRONG_KEYS if names else _WRONG_VALUES) + data[end:]
    return data


def nest_value(data: bytes, chance: random.Random) -> bytes:
    """Nest a value deep, or never close elements."""
    depth = chance.choice((20, 150, 900, 3000))
    opened, closed = chance.choice(_TREE_TAGS if data.lstrip()[:1] == b"<" else _LIST_BRACKETS)
    spans = [match.span() for match in _SCALAR.finditer(data)] or [(len(data), len(data))]
    start, end = chance.choice(spans)
    return data[:start] + opened * depth + (data[start:end] or b"1") + closed * depth + data[end:]


def insert_bytes(data: bytes, chance: random.Random) -> bytes:
    """Insert bytes of another encoding, or that no text holds."""
    for _ in range(chance.choice((1, 5))):
        position = chance.randrange(len(data) + 1)
        data = data[:position] + chance.choice(_ODD_BYTES) + data[position:]
    return data


def add_prolog(data: bytes, chance: random.Random) -> bytes:
    """Put something before the document: a document type, a page of HTML, a byte order mark, spaces."""
    return chance.choice((_DOCTYPE, b"<!doctype html><html>", b"\xef\xbb\xbf", b"\xff\xfe", b" " * 10_000, b")]}',\n")) + data


_DAMAGES: tuple[Damage, ...] = (flip_bits, cut_part, repeat_part, swap_parts, change_values, nest_value, insert_bytes, add_prolog)
