"""Describe what a document of data holds of a catalogue: its longest list, its columns, and hints of its paging."""

from collections.abc import Iterator
from typing import Any, NamedTuple

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
_MAX_TEXT_LENGTH = 80
_MAX_HINTS = 8
_MAX_DEPTH = 4
_SAMPLE_ROWS = 50
_KIND_LINE = 'kind = "feed"'


class ProbedList(NamedTuple):
    """Hold what was seen of a document, its rows, and the lines of `[source]` that would read it."""

    summary: ListSummary
    rows: list[dict[str, Any]]
    source_lines: list[str]


def read_list(body: bytes, url: str, name: str) -> ProbedList:
    """Return what a document of data holds. Raises UserError when it is none."""
    if body.startswith(b"PK"):
        raise UserError(f"{name} : classeur ou archive (format « avails » si c'est un classeur Avails)")
    if body.lstrip()[:1] == b"<":
        return _read_tree("xml", load_xml(body, name), url)
    text = decode_bytes(body, name)
    if text.lstrip()[:1] in ("{", "["):
        return _read_tree("json", parse_json(text, name), url)
    return _read_table(text, url, name)


def _read_tree(format_name: str, content: Any, url: str) -> ProbedList:
    if format_name == "json" and isinstance(content, dict) and content.get("@type") == "DataFeed":
        hints = ["flux Media Actions : lu par son propre format"]
        return ProbedList(ListSummary(url=url, format="media-actions", hints=hints), [], [])
    path, rows = find_longest_list(content)
    summary = ListSummary(
        url=url, format=format_name, path=path, rows=len(rows), columns=_list_columns(rows), hints=_find_paging_hints(content)
    )
    source_lines = [_KIND_LINE, f"url = {quote_toml(url)}"]
    if format_name != "json":
        source_lines.append(f'format = "{format_name}"')
    if path:
        source_lines.append(f"items = {quote_toml(path)}")
    return ProbedList(summary, rows, source_lines)


def _list_columns(rows: list[dict[str, Any]]) -> list[str]:
    names = (str(name)[:_MAX_TEXT_LENGTH] for row in rows[:_SAMPLE_ROWS] for name in row)
    return list(dict.fromkeys(names))[:_MAX_COLUMNS]


def _read_table(text: str, url: str, name: str) -> ProbedList:
    rows: list[dict[str, Any]] = [dict(row.cells) for row in parse_table(text, name, []) if not row.fault]
    columns = list(rows[0])[:_MAX_COLUMNS] if rows else []
    if len(columns) < 2:
        raise UserError(f"{name} : ni JSON, ni XML, ni CSV, ni page HTML")
    summary = ListSummary(url=url, format="csv", rows=len(rows), columns=columns)
    return ProbedList(summary, rows, [_KIND_LINE, f"url = {quote_toml(url)}", 'format = "csv"'])


def _find_paging_hints(content: Any) -> list[str]:
    """Return one hint with the values whose keys speak of pages or of a total; none when there are none."""
    hints = []
    for path, value in _iter_scalars(content, "", _MAX_DEPTH):
        if normalise_key(path.rsplit(".", 1)[-1]) in _PAGING_KEYS:
            hints.append(f"{path} = {value}")
    if hints:
        return [f"pagination ou total possibles : {', '.join(hints[:_MAX_HINTS])}"]
    return []


def _iter_scalars(content: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the texts and numbers of an object and of the objects that it holds, with their paths."""
    if not isinstance(content, dict) or not depth:
        return
    for name, value in list(content.items())[:_MAX_COLUMNS]:
        member_path = f"{path}.{name}" if path else str(name)
        if isinstance(value, str | int | float):
            yield member_path[:_MAX_TEXT_LENGTH], str(value)[:_MAX_TEXT_LENGTH]
        else:
            yield from _iter_scalars(value, member_path, depth - 1)
