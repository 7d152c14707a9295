"""Documents of feeds and APIs: bytes made lines, and which page comes next. A page of HTML or a cut text is a Problem."""

import json
from dataclasses import dataclass

from crawlers.platform_file import PlatformFile
from crawlers.source_tables import Documents, Paging
from records.errors import Problem
from records.tabular import decode, looks_like_html, parse_table, unpack


@dataclass(frozen=True)
class Document:
    """What a document holds: its lines, those that cannot be read, the total it announces, and itself (for its paging)."""

    rows: list[object]
    faults: list[str]
    announced: int | None
    content: object = None


def read_document(platform: PlatformFile, source: Documents, body: bytes, name: str) -> Document:
    """The lines of a document. Raises Problem, in French, when it is not the document expected."""
    text = decode(unpack(body, name), name)
    if source.format == "csv":
        columns = set().union(*(rule.columns() for rule in platform.rules()))
        return _read_csv(text, name, sorted(columns))
    content = _parse_json(text, name)
    rows = source.items.path.search(content) if source.items else content
    if not isinstance(rows, list):
        raise Problem(f"{name} : la liste des titres manque, le format a changé")
    announced = source.announced.read(content) if source.announced else None
    return Document(rows, [], announced if isinstance(announced, int) else None, content)


def _read_csv(text: str, name: str, columns: list[str]) -> Document:
    lines = list(parse_table(text, name, columns))
    if lines and lines[-1].fault:
        raise Problem(f"{name} : CSV coupé, sa dernière ligne est incomplète")
    faults = [f"ligne {line.line} : {line.fault}" for line in lines if line.fault]
    return Document([line.cells for line in lines if not line.fault], faults, None)


def _parse_json(text: str, name: str) -> object:
    if looks_like_html(text):
        raise Problem(f"{name} : page HTML reçue au lieu d'un JSON")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(f"{name} : JSON coupé ou illisible") from None


def next_page(paging: Paging | None, document: Document, page: int) -> int | None:
    """The number of the page that follows, or None after the last. Raises Problem when the document does not tell."""
    if paging is None:
        return None
    if paging.path is None:
        return page + 1 if document.rows else None
    told = paging.path.read(document.content)
    if paging.by == "next" and told is None:
        return None
    if not isinstance(told, int) or (paging.by == "next" and told <= page):
        raise Problem(f"page {page} : la suite du catalogue n'est pas indiquée, le format a changé")
    if paging.by == "next":
        return told
    return page + 1 if page < paging.first + told - 1 else None
