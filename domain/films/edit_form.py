"""The facts of a film as an agent types them."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from domain.common.casing import display_genre
from domain.common.countries import country_code
from domain.common.errors import Problem
from domain.common.ratings import is_unknown_rating, read_rating
from domain.common.text import clean
from domain.films.formats import FilmLine
from domain.films.overrides import EDITABLE

_LISTS = ("directors", "countries", "genres")
_EXPECTED = {
    "title": "titre : de 1 à 500 caractères attendus",
    "original_title": "titre original : une ligne attendue, ou rien",
    "year": "année : de 1870 à 2100, ou rien",
    "release_date": "date de sortie : une date attendue, comme 2001-04-25, ou rien",
    "runtime_min": "durée : de 1 à 6000 minutes, ou rien",
    "kind": "nature : à choisir dans la liste",
    "in_cinemas": "sortie en salle : oui, non ou inconnu",
    "admissions": "entrées : un nombre, ou rien",
}


def read_facts(typed: Mapping[str, str], known_countries: Collection[str] = ()) -> dict[str, Any]:
    """Every fact that may be set, from one text each; lists have one line an item.

    Raises Problem, which names what was expected.
    """
    told: dict[str, Any] = {fact: clean(typed.get(fact, "")) for fact in EDITABLE}
    told |= {fact: _items(typed.get(fact, "")) for fact in _LISTS}
    told["genres"] = list(dict.fromkeys(map(display_genre, told["genres"])))
    if strangers := [name for name in told["countries"] if name not in known_countries and country_code(name) is None]:
        raise Problem(f"pays inconnu : « {strangers[0][:60]} »")
    if is_unknown_rating(told["age_rating"]):
        raise Problem("classification : TP, 12, 13, 16 ou 18, suivi de A avec un avertissement, ou X")
    told["age_rating"] = read_rating(told["age_rating"])
    try:
        line = FilmLine.model_validate({"line": 0, "source_ref": "typed", **told})
    except ValidationError as error:
        fact = str(error.errors()[0]["loc"][0])
        raise Problem(_EXPECTED.get(fact, f"{fact} : valeur incorrecte")) from None
    found = {fact: getattr(line, fact) for fact in EDITABLE}
    return found | {fact: list(found[fact]) for fact in _LISTS}


def _items(text: str) -> list[str]:
    return list(dict.fromkeys(told for line in text.splitlines() if (told := clean(line))))
