"""What a document of data holds of a catalogue: its longest list, its columns, and how the next page may be asked for."""

from collections.abc import Iterator
from typing import Any

from crawlers.formats.json_documents import parse_json
from crawlers.formats.xml_documents import load_xml
from crawlers.probe.guesses import quote_toml
from crawlers.probe.report import ListSummary
from crawlers.probe.trees import find_longest_list, normalise_key
from domain.common.csv_reader import decode_bytes, parse_table
from domain.common.errors import UserError

_PAGING_KEYS = frozenset(
    """totalpages totalpage nextpage next cursor nextcursor nexturl total totalelements totalcount count page
 perpage pagesize hasmore pagination""".split()
)
_MAX_COLUMNS = 200
ProbedList = tuple[ListSummary, list[dict[str, Any]], list[str]]


def read_list(body: bytes, url: str, name: str) -> ProbedList:
    """What was seen of a document, its rows, and the lines of `[source]` that would read it. Raises Problem when it is none."""
    start = body.lstrip()[:1]
    if body.startswith(b"PK"):
        raise UserError(f"{name} : classeur ou archive (format « avails » si c'est un classeur Avails)")
    if start == b"<":
        return _read_tree("xml", load_xml(body, name), url)
    text = decode_bytes(body, name)
    if text.lstrip()[:1] in ("{", "["):
        return _read_tree("json", parse_json(text, name), url)
    return _read_table(text, url, name)


def _read_tree(form: str, content: Any, url: str) -> ProbedList:
    if form == "json" and isinstance(content, dict) and content.get("@type") == "DataFeed":
        seen = ListSummary(url=url, format="media-actions", hints=["flux Media Actions : lu par son propre format"])
        return seen, [], []
    path, rows = find_longest_list(content)
    columns = list(dict.fromkeys(str(name)[:80] for row in rows[:50] for name in row))[:_MAX_COLUMNS]
    seen = ListSummary(url=url, format=form, path=path, rows=len(rows), columns=columns, hints=_find_paging_hints(content))
    source = ['kind = "feed"', f"url = {quote_toml(url)}"] + ([] if form == "json" else [f'format = "{form}"'])
    return seen, rows, source + ([f"items = {quote_toml(path)}"] if path else [])


def _read_table(text: str, url: str, name: str) -> ProbedList:
    rows: list[dict[str, Any]] = [dict(row.cells) for row in parse_table(text, name, []) if not row.fault]
    columns = list(rows[0])[:_MAX_COLUMNS] if rows else []
    seen = ListSummary(url=url, format="csv", rows=len(rows), columns=columns)
    if len(columns) < 2:
        raise UserError(f"{name} : ni JSON, ni XML, ni CSV, ni page HTML")
    return seen, rows, ['kind = "feed"', f"url = {quote_toml(url)}", 'format = "csv"']


def _find_paging_hints(content: Any) -> list[str]:
    told = [
        f"{path} = {value}"
        for path, value in _iter_scalars(content, "", 4)
        if normalise_key(path.rsplit(".", 1)[-1]) in _PAGING_KEYS
    ]
    return [f"pagination ou total possibles : {', '.join(told[:8])}"] if told else []


def _iter_scalars(content: Any, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if not isinstance(content, dict) or not depth:
        return
    for name, value in list(content.items())[:_MAX_COLUMNS]:
        where = f"{path}.{name}" if path else str(name)
        if isinstance(value, str | int | float):
            yield where[:80], str(value)[:80]
        else:
            yield from _iter_scalars(value, where, depth - 1)
