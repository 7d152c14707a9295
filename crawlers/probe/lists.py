"""What a document of data holds of a catalogue: its longest list, its columns, and how the next page may be asked for."""

from collections.abc import Iterator
from typing import Any

from crawlers.formats.json_documents import parse_json
from crawlers.formats.xml_documents import load_xml
from crawlers.probe.guesses import quoted
from crawlers.probe.report import ListSeen
from crawlers.probe.trees import bare, longest_list
from domain.common.csv_reader import decode, parse_table
from domain.common.errors import Problem

_PAGING = frozenset(
    """totalpages totalpage nextpage next cursor nextcursor nexturl total totalelements totalcount count page
 perpage pagesize hasmore pagination""".split()
)
_MOST_COLUMNS = 200
List = tuple[ListSeen, list[dict[str, Any]], list[str]]


def read_list(body: bytes, url: str, name: str) -> List:
    """What was seen of a document, its rows, and the lines of `[source]` that would read it. Raises Problem when it is none."""
    start = body.lstrip()[:1]
    if body.startswith(b"PK"):
        raise Problem(f"{name} : classeur ou archive (format « avails » si c'est un classeur Avails)")
    if start == b"<":
        return _tree("xml", load_xml(body, name), url)
    text = decode(body, name)
    if text.lstrip()[:1] in ("{", "["):
        return _tree("json", parse_json(text, name), url)
    return _table(text, url, name)


def _tree(form: str, content: Any, url: str) -> List:
    if form == "json" and isinstance(content, dict) and content.get("@type") == "DataFeed":
        seen = ListSeen(url=url, format="media-actions", hints=["flux Media Actions : lu par son propre format"])
        return seen, [], []
    path, rows = longest_list(content)
    columns = list(dict.fromkeys(str(name)[:80] for row in rows[:50] for name in row))[:_MOST_COLUMNS]
    seen = ListSeen(url=url, format=form, path=path, rows=len(rows), columns=columns, hints=_paging(content))
    source = ['kind = "feed"', f"url = {quoted(url)}"] + ([] if form == "json" else [f'format = "{form}"'])
    return seen, rows, source + ([f"items = {quoted(path)}"] if path else [])


def _table(text: str, url: str, name: str) -> List:
    rows: list[dict[str, Any]] = [dict(row.cells) for row in parse_table(text, name, []) if not row.fault]
    columns = list(rows[0])[:_MOST_COLUMNS] if rows else []
    seen = ListSeen(url=url, format="csv", rows=len(rows), columns=columns)
    if len(columns) < 2:
        raise Problem(f"{name} : ni JSON, ni XML, ni CSV, ni page HTML")
    return seen, rows, ['kind = "feed"', f"url = {quoted(url)}", 'format = "csv"']


def _paging(content: Any) -> list[str]:
    told = [f"{path} = {value}" for path, value in _scalars(content, "", 4) if bare(path.rsplit(".", 1)[-1]) in _PAGING]
    return [f"pagination ou total possibles : {', '.join(told[:8])}"] if told else []


def _scalars(content: Any, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if not isinstance(content, dict) or not depth:
        return
    for name, value in list(content.items())[:_MOST_COLUMNS]:
        where = f"{path}.{name}" if path else str(name)
        if isinstance(value, str | int | float):
            yield where[:80], str(value)[:80]
        else:
            yield from _scalars(value, where, depth - 1)
