"""What a page of HTML holds of a film: schema.org data, embedded states, and the film as a draft file would read it."""

import re
from typing import Any

from parsel import Selector

from crawlers.extract.embedded_state import extract_state
from crawlers.extract.structured_data import count_types, extract_film
from crawlers.platform_files.sources import StateKind
from crawlers.probe.report import PageSummary, StateSummary
from crawlers.probe.trees import find_film_object
from domain.common.text import clean_text

_VARIABLE_ASSIGNMENT = re.compile(
    r"""(?:window|self|globalThis)(?:\.([A-Za-z_$][\w$]{0,60})|\[["']([A-Za-z_$][\w$]{0,60})["']\])\s*=\s*(?:\{|\[|JSON)"""
)
_OPEN_GRAPH_NAMES = ("og:type", "og:title", "og:url", "og:site_name")
_MAX_VARIABLES = 8
ProbedPage = tuple[PageSummary, dict[str, Any] | None, StateSummary | None]


def read_page(text: str, url: str) -> ProbedPage:
    """What was seen of a page, the film that it describes, and the state where it was found (None for schema.org data)."""
    page = Selector(text, type="html")
    linked, microdata = (_truncate_names(types) for types in count_types(page, url))
    seen = PageSummary(url=url, title=clean_text(page.css("title::text").get() or ""), json_ld=linked, microdata=microdata)
    for name in _OPEN_GRAPH_NAMES:
        if value := page.css(f'meta[property="{name}"]::attr(content)').get():
            seen.og[name] = clean_text(value)
    film, seen.broken = extract_film(page, url)
    seen.film = film is not None
    best: tuple[dict[str, Any], StateSummary] | None = None
    places: list[tuple[StateKind, str | None]] = [("next", None), ("flight", None), ("nuxt", None)]
    places += [("window", name) for name in _list_variables(page)]
    for kind, variable in places:
        if found := _probe_state(page, kind, variable):
            seen.states.append(found[1])
            if found[0] and (best is None or len(found[0]) > len(best[0])):
                best = found
    if film is not None or best is None:
        return seen, film, None
    return seen, best[0], best[1]


def _truncate_names(types: dict[str, int]) -> dict[str, int]:
    return {name[:60]: count for name, count in types.items()}


def _list_variables(page: Selector) -> list[str]:
    scripts = page.css("script:not([src])::text").getall()
    names = [first or second for script in scripts for first, second in _VARIABLE_ASSIGNMENT.findall(script)]
    return [name for name in dict.fromkeys(names) if name != "__next_f"][:_MAX_VARIABLES]


def _probe_state(page: Selector, kind: StateKind, variable: str | None) -> tuple[dict[str, Any], StateSummary] | None:
    try:
        state = extract_state(page, kind, variable)
    except ValueError:
        return {}, StateSummary(kind=f"{kind} (illisible)", variable=variable)
    if state is None or (kind == "next" and isinstance(state, list)):  # a flight, read again under its own name
        return None
    path, film = find_film_object(state)
    return film, StateSummary(kind=kind, variable=variable, film=path, keys=[str(name)[:60] for name in film])
