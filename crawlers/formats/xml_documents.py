"""XML made dictionaries, so that JMESPath reads it as it reads JSON.

An element is the dictionary of its children by name; a child that is repeated is a list. Attributes are named `@name`, the text
beside children or attributes `#text`; an element of text alone is that text, an empty one is null. Namespaces are left out.
Document types, and the entities that they declare, are refused.
"""

import re
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser

from domain.common.csv_reader import looks_like_html
from domain.common.errors import UserError

_MAX_DEPTH = 100
_TAGS_LIMIT = 4_000_000
_VALUES_LIMIT = 3_000_000
_ATTRIBUTES_LIMIT = 200
_EQUALS_PER_TAG_LIMIT = 20_000
_TAG_CONTENT = re.compile(rb"[^<]+")
_OBJECT_WEIGHT = 2  # a dictionary weighs as much as so many values more: three million make about 200 MB


def load_xml(data: bytes, name: str, encoding: str | None = None) -> dict[str, Any]:
    """The document, under the name of its root. Raises Problem when it is cut, hostile, or no XML."""
    if looks_like_html(data[:4000].decode("latin-1")):
        raise UserError(f"{name} : page HTML reçue au lieu d'un XML")
    if max(data.count(b"<"), data.count(b"=")) > _TAGS_LIMIT:
        raise UserError(f"{name} : XML démesuré, plus de {_TAGS_LIMIT // 1_000_000} millions de balises ou d'attributs")
    if data.count(b"=") > _EQUALS_PER_TAG_LIMIT and any(
        part[0].count(b"=") > _EQUALS_PER_TAG_LIMIT for part in _TAG_CONTENT.finditer(data)
    ):
        raise UserError(f"{name} : XML démesuré, plus de {_EQUALS_PER_TAG_LIMIT} attributs dans une balise")
    tree = _DictTreeBuilder(name)
    parser = DefusedXMLParser(target=tree, forbid_dtd=True, encoding=encoding)
    try:
        parser.feed(data)
        parser.close()
    except (ParseError, ValueError, LookupError):
        raise UserError(f"{name} : XML coupé, illisible ou interdit (type de document, entités)") from None
    return tree.root


class _DictTreeBuilder:
    """Hears the parser, and keeps the elements still open, each with its text. Raises Problem past what may be held."""

    def __init__(self, name: str) -> None:
        self._name, self._left = name, _VALUES_LIMIT
        self.root: dict[str, Any] = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _MAX_DEPTH:
            raise ValueError("too deep")
        if len(attributes) > _ATTRIBUTES_LIMIT:
            raise UserError(f"{self._name} : XML démesuré, plus de {_ATTRIBUTES_LIMIT} attributs dans une balise")
        self._consume_budget(1 + len(attributes))
        self._open.append(({f"@{_strip_namespace(name)}": value for name, value in attributes.items()}, []))

    def data(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, tag: str) -> None:
        held, words = self._open.pop()
        self._consume_budget(_OBJECT_WEIGHT if held else 0)
        text = "".join(words).strip()
        if text and held:
            held["#text"] = text
        _add_child(self._open[-1][0], _strip_namespace(tag), held or text or None)

    def close(self) -> None:
        """Nothing is left to do at the end."""

    def _consume_budget(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise UserError(f"{self._name} : XML démesuré, plus de {_VALUES_LIMIT // 1_000_000} millions de valeurs")


def _add_child(parent: dict[str, Any], name: str, value: Any) -> None:
    if name not in parent:
        parent[name] = value
    elif isinstance(parent[name], list):
        parent[name].append(value)
    else:
        parent[name] = [parent[name], value]


def _strip_namespace(name: str) -> str:
    return name.rsplit("}", 1)[-1]
