"""What is wrong in a file of settings, in one French line."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import ValidationError

from domain.common.text import clean_text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_UNION_TAGS = ("feed", "api", "pages", "lookup")
_MESSAGES = {
    "missing": "clé obligatoire absente",
    "string_type": "texte attendu",
    "int_type": "nombre entier attendu",
    "int_parsing": "nombre entier attendu",
    "date_type": "jour attendu, comme 2026-11-22",
    "float_type": "nombre attendu",
    "float_parsing": "nombre attendu",
    "model_type": "table attendue",
    "dict_type": "table attendue",
    "tuple_type": "liste attendue",
    "frozen_set_type": "liste attendue",
    "union_tag_not_found": "clé kind obligatoire : feed, api, pages, lookup ou push",
    "union_tag_invalid": "kind : feed, api, pages, lookup ou push attendu",
}
_CONSTRAINT_HINTS = {
    "expected": "attendu : {}",
    "ge": "au moins {}",
    "le": "au plus {}",
    "pattern": "forme attendue : {}",
    "min_length": "longueur d'au moins {}",
}


def format_first_error(error: ValidationError, known_keys: Iterable[str]) -> str:
    """The first fault of a file, as « key : what was expected ». `known` are the keys a misspelt one may stand for."""
    fault = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")  # a typo also leaves a key missing
    # pydantic names the branch of a union after the table's own name: « source.feed.url ».
    place = [str(part) for rank, part in enumerate(fault["loc"]) if not (rank == 1 and part in _UNION_TAGS)]
    said = _format_unknown_key(place[-1], known_keys) if fault["type"] == "extra_forbidden" else _format_expectation(fault)
    return f"{'.'.join(place)} : {said}" if place else said


def _format_unknown_key(key: str, known_keys: Iterable[str]) -> str:
    near = get_close_matches(key, sorted(known_keys), n=1)
    return f"clé inconnue (peut-être « {near[0]} » ?)" if near else "clé inconnue"


def _format_expectation(fault: "ErrorDetails") -> str:
    context = fault.get("ctx", {})
    if fault["type"] == "value_error":
        return str(context["error"])
    if said := _MESSAGES.get(fault["type"]):
        return said
    read = f"valeur refusée « {clean_text(str(fault['input']))[:80]} »"
    hints = [words.format(context[name]) for name, words in _CONSTRAINT_HINTS.items() if name in context]
    return f"{read} ({hints[0]})".replace(" or ", " ou ") if hints else read
