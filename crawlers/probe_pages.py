"""What a page of HTML holds of a film: schema.org data, embedded states, and the film as a draft file would read it."""

import re
from collections import Counter
from typing import Any

from extruct.w3cmicrodata import MicrodataExtractor
from parsel import Selector

from crawlers.embedded_state import find_state
from crawlers.probe_report import PageSeen, StateSeen
from crawlers.probe_trees import film_like
from crawlers.source_tables import Pages
from crawlers.structured_data import find_film
from crawlers.wild_json import read_json
from records.errors import Problem
from records.text import clean

_GIVEN = re.compile(
    r"""(?:window|self|globalThis)(?:\.([A-Za-z_$][\w$]{0,60})|\[["']([A-Za-z_$][\w$]{0,60})["']\])\s*=\s*(?:\{|\[|JSON)"""
)
_OG = ("og:type", "og:title", "og:url", "og:site_name")
_MOST_VARIABLES = 8
Film = tuple[PageSeen, dict[str, Any] | None, StateSeen | None]


def read_page(text: str, url: str) -> Film:
    """What was seen of a page, the film that it describes, and the state where it was found (None for schema.org data)."""
    page = Selector(text, type="html")
    seen = PageSeen(
        url=url, title=clean(page.css("title::text").get() or ""), json_ld=_linked(page), microdata=_microdata(page, url)
    )
    for name in _OG:
        if value := page.css(f'meta[property="{name}"]::attr(content)').get():
            seen.og[name] = clean(value)
    film, seen.broken = find_film(page, url)
    seen.film = film is not None
    best: tuple[dict[str, Any], StateSeen] | None = None
    for kind, variable in [("next", None), ("flight", None), ("nuxt", None), *(("window", name) for name in _variables(page))]:
        if found := _state(page, kind, variable):
            seen.states.append(found[1])
            if found[0] and (best is None or len(found[0]) > len(best[0])):
                best = found
    if film is not None or best is None:
        return seen, film, None
    return seen, best[0], best[1]


def _linked(page: Selector) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for block in page.css('script[type*="ld+json" i]::text').getall():
        try:
            data = read_json(block)
        except ValueError:
            continue
        nodes = data if isinstance(data, list) else [data]
        nodes += [node for one in nodes if isinstance(one, dict) for node in _as_list(one.get("@graph"))]
        kinds.update(str(kind)[:60] for node in nodes if isinstance(node, dict) for kind in _as_list(node.get("@type")))
    return dict(kinds)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _microdata(page: Selector, url: str) -> dict[str, int]:
    if not page.css("[itemscope]"):
        return {}
    try:
        items = MicrodataExtractor().extract_items(page.root, url)
    except (ValueError, RecursionError):
        return {}
    return dict(Counter(str(kind).rsplit("/", 1)[-1][:60] for item in items for kind in _as_list(item.get("type"))))


def _variables(page: Selector) -> list[str]:
    scripts = page.css("script:not([src])::text").getall()
    names = [first or second for script in scripts for first, second in _GIVEN.findall(script)]
    return [name for name in dict.fromkeys(names) if name != "__next_f"][:_MOST_VARIABLES]


def _state(page: Selector, kind: str, variable: str | None) -> tuple[dict[str, Any], StateSeen] | None:
    asked = {"kind": "pages", "url": "https://x.example/", "pages": "/", "state": kind, "film": "@"}
    source = Pages.model_validate(asked | ({"variable": variable} if variable else {}))
    try:
        state = find_state(page, source)
    except (ValueError, Problem):
        return {}, StateSeen(kind=f"{kind} (illisible)", variable=variable)
    if state is None or (kind == "next" and isinstance(state, list)):  # a flight, read again under its own name
        return None
    path, film = film_like(state)
    return film, StateSeen(kind=kind, variable=variable, film=path, keys=[str(name)[:60] for name in film])
