"""Describe the first error of a settings file in one French line."""

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
    """Format the first error of a file as « key : what was expected »; `known_keys` are suggested for a misspelt key."""
    # A misspelt key also leaves another one missing: it is the error to report.
    details = min(error.errors(), key=lambda candidate: candidate["type"] != "extra_forbidden")
    # pydantic names the branch of a union after the table's own name: « source.feed.url ».
    path = [str(part) for rank, part in enumerate(details["loc"]) if not (rank == 1 and part in _UNION_TAGS)]
    message = _format_expectation(details)
    if details["type"] == "extra_forbidden":
        message = _format_unknown_key(path[-1], known_keys)
    return f"{'.'.join(path)} : {message}" if path else message


def _format_unknown_key(key: str, known_keys: Iterable[str]) -> str:
    suggestions = get_close_matches(key, sorted(known_keys), n=1)
    return f"clé inconnue (peut-être « {suggestions[0]} » ?)" if suggestions else "clé inconnue"


def _format_expectation(details: "ErrorDetails") -> str:
    context = details.get("ctx", {})
    if details["type"] == "value_error":
        return str(context["error"])
    if details["type"] in _MESSAGES:
        return _MESSAGES[details["type"]]
    message = f"valeur refusée « {clean_text(str(details['input']))[:80]} »"
    for constraint, hint in _CONSTRAINT_HINTS.items():
        if constraint in context:
            return f"{message} ({hint.format(context[constraint])})".replace(" or ", " ou ")
    return message
