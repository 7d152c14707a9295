"""Describe what a page of HTML holds of a film: schema.org data, embedded states, and the film as a draft would read it."""

import re
from typing import Any, NamedTuple

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
_FLIGHT_VARIABLE = "__next_f"  # read as the state « flight »
_MAX_VARIABLES = 8
_MAX_NAME_LENGTH = 60


class ProbedPage(NamedTuple):
    """Hold what was seen of a page, its film, and the state where it was found (None for schema.org data)."""

    summary: PageSummary
    film: dict[str, Any] | None
    state: StateSummary | None


class _ProbedState(NamedTuple):
    """Hold the most film-like object of a state, and what was seen of the state."""

    film: dict[str, Any]
    summary: StateSummary


def read_page(text: str, url: str) -> ProbedPage:
    """Return what a page holds; the film of its schema.org data comes before those of its states."""
    page = Selector(text, type="html")
    summary = _summarise_page(page, url)
    film, summary.broken = extract_film(page, url)
    summary.film = film is not None
    states = _probe_states(page)
    summary.states = [state.summary for state in states]
    best_state = max(states, key=lambda state: len(state.film), default=None)
    if film is not None or best_state is None or not best_state.film:
        return ProbedPage(summary, film, None)
    return ProbedPage(summary, best_state.film, best_state.summary)


def _summarise_page(page: Selector, url: str) -> PageSummary:
    json_ld_types, microdata_types = count_types(page, url)
    summary = PageSummary(
        url=url,
        title=clean_text(page.css("title::text").get() or ""),
        json_ld=_truncate_names(json_ld_types),
        microdata=_truncate_names(microdata_types),
    )
    for name in _OPEN_GRAPH_NAMES:
        content = page.css(f'meta[property="{name}"]::attr(content)').get()
        if content:
            summary.og[name] = clean_text(content)
    return summary


def _truncate_names(types: dict[str, int]) -> dict[str, int]:
    return {name[:_MAX_NAME_LENGTH]: count for name, count in types.items()}


def _probe_states(page: Selector) -> list[_ProbedState]:
    candidates: list[tuple[StateKind, str | None]] = [("next", None), ("flight", None), ("nuxt", None)]
    candidates += [("window", name) for name in _list_variables(page)]
    states = []
    for kind, variable in candidates:
        state = _probe_state(page, kind, variable)
        if state is not None:
            states.append(state)
    return states


def _list_variables(page: Selector) -> list[str]:
    names: dict[str, None] = {}
    for script in page.css("script:not([src])::text").getall():
        for dotted_name, quoted_name in _VARIABLE_ASSIGNMENT.findall(script):
            names[dotted_name or quoted_name] = None
    names.pop(_FLIGHT_VARIABLE, None)
    return list(names)[:_MAX_VARIABLES]


def _probe_state(page: Selector, kind: StateKind, variable: str | None) -> _ProbedState | None:
    try:
        state = extract_state(page, kind, variable)
    except ValueError:
        return _ProbedState({}, StateSummary(kind=f"{kind} (illisible)", variable=variable))
    if state is None or (kind == "next" and isinstance(state, list)):  # a flight, read again under its own name
        return None
    path, film = find_film_object(state)
    keys = [str(name)[:_MAX_NAME_LENGTH] for name in film]
    return _ProbedState(film, StateSummary(kind=kind, variable=variable, film=path, keys=keys))
