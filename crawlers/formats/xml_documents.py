"""Turn XML into dictionaries, so that JMESPath reads it as it reads JSON.

An element is the dictionary of its children by name; a child that is repeated is a list. Attributes are named `@name`, the text
beside children or attributes `#text`; an element of text alone is that text, an empty one is null. Namespaces are left out.
Document types, and the entities that they declare, are refused. Decision 0028 says why xmltodict does not do it.
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
    """Return the document, under the name of its root. Raises UserError when it is cut, hostile, or no XML."""
    if looks_like_html(data[:4000].decode("latin-1")):
        raise UserError(f"{name} : page HTML reçue au lieu d'un XML")
    _require_few_tags(data, name)
    tree = _DictTreeBuilder(name)
    parser = DefusedXMLParser(target=tree, forbid_dtd=True, encoding=encoding)
    try:
        parser.feed(data)
        parser.close()
    except (ParseError, ValueError, LookupError):
        raise UserError(f"{name} : XML coupé, illisible ou interdit (type de document, entités)") from None
    return tree.root


def _require_few_tags(data: bytes, name: str) -> None:
    """Raise UserError when the parser itself would need too much memory, whatever is built from it."""
    if max(data.count(b"<"), data.count(b"=")) > _TAGS_LIMIT:
        raise UserError(f"{name} : XML démesuré, plus de {_TAGS_LIMIT // 1_000_000} millions de balises ou d'attributs")
    if data.count(b"=") <= _EQUALS_PER_TAG_LIMIT:
        return
    if any(content[0].count(b"=") > _EQUALS_PER_TAG_LIMIT for content in _TAG_CONTENT.finditer(data)):
        raise UserError(f"{name} : XML démesuré, plus de {_EQUALS_PER_TAG_LIMIT} attributs dans une balise")


class _DictTreeBuilder:
    """Build dictionaries, as the target of a parser. Raises UserError past what may be held."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._budget = _VALUES_LIMIT
        self.root: dict[str, Any] = {}
        self._open_elements: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element. Raises ValueError when it is too deep."""
        if len(self._open_elements) > _MAX_DEPTH:
            raise ValueError("too deep")
        if len(attributes) > _ATTRIBUTES_LIMIT:
            raise UserError(f"{self._name} : XML démesuré, plus de {_ATTRIBUTES_LIMIT} attributs dans une balise")
        self._consume_budget(1 + len(attributes))
        members: dict[str, Any] = {f"@{_strip_namespace(name)}": value for name, value in attributes.items()}
        self._open_elements.append((members, []))

    def data(self, text: str) -> None:
        """Add a piece of text to the element that is open."""
        self._open_elements[-1][1].append(text)

    def end(self, tag: str) -> None:
        """Close an element, and add it to the one around it."""
        members, texts = self._open_elements.pop()
        text = "".join(texts).strip()
        if not members:
            self._add_child(tag, text or None)
            return
        self._consume_budget(_OBJECT_WEIGHT)
        if text:
            members["#text"] = text
        self._add_child(tag, members)

    def close(self) -> None:
        """Do nothing: the result is `root`."""

    def _consume_budget(self, count: int) -> None:
        self._budget -= count
        if self._budget < 0:
            raise UserError(f"{self._name} : XML démesuré, plus de {_VALUES_LIMIT // 1_000_000} millions de valeurs")

    def _add_child(self, tag: str, value: Any) -> None:
        parent = self._open_elements[-1][0]
        name = _strip_namespace(tag)
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _strip_namespace(name: str) -> str:
    return name.rsplit("}", 1)[-1]
