"""Parse the facts of a film that an agent types in a form."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from domain.common.casing import format_genre
from domain.common.countries import get_country_code
from domain.common.errors import UserError
from domain.common.ratings import is_unknown_rating, parse_rating
from domain.common.text import clean_text
from domain.films.formats import FilmRecord
from domain.films.overrides import EDITABLE_FACTS

_LIST_FACTS = ("directors", "countries", "genres")
_EXPECTED_MESSAGES = {
    "title": "titre : de 1 à 500 caractères attendus",
    "original_title": "titre original : une ligne attendue, ou rien",
    "year": "année : de 1870 à 2100, ou rien",
    "release_date": "date de sortie : une date attendue, comme 2001-04-25, ou rien",
    "runtime_min": "durée : de 1 à 6000 minutes, ou rien",
    "kind": "nature : à choisir dans la liste",
    "in_cinemas": "sortie en salle : oui, non ou inconnu",
    "admissions": "entrées : un nombre, ou rien",
}


def parse_facts(form_values: Mapping[str, str], known_countries: Collection[str] = ()) -> dict[str, Any]:
    """Return every fact that may be set, from one text each; a list has one item a line.

    Country names in `known_countries` are accepted as they are. Raises UserError, which says what was expected.
    """
    values: dict[str, Any] = {fact: clean_text(form_values.get(fact, "")) for fact in EDITABLE_FACTS}
    values |= {fact: _split_items(form_values.get(fact, "")) for fact in _LIST_FACTS}
    values["genres"] = list(dict.fromkeys(map(format_genre, values["genres"])))
    for name in values["countries"]:
        if name not in known_countries and get_country_code(name) is None:
            raise UserError(f"pays inconnu : « {name[:60]} »")
    if is_unknown_rating(values["age_rating"]):
        raise UserError("classification : TP, 12, 13, 16 ou 18, suivi de A avec un avertissement, ou X")
    values["age_rating"] = parse_rating(values["age_rating"])
    try:
        record = FilmRecord.model_validate({"line": 0, "source_ref": "typed", **values})
    except ValidationError as error:
        fact = str(error.errors()[0]["loc"][0])
        raise UserError(_EXPECTED_MESSAGES.get(fact, f"{fact} : valeur incorrecte")) from None
    facts = {fact: getattr(record, fact) for fact in EDITABLE_FACTS}
    return facts | {fact: list(facts[fact]) for fact in _LIST_FACTS}


def _split_items(text: str) -> list[str]:
    """Return the items of a list typed one a line, each once, without blanks."""
    items = dict.fromkeys(clean_text(line) for line in text.splitlines())
    return [item for item in items if item]
