"""A request read strictly: what is not expected is refused in one French sentence that names it, and never ignored."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from flask import request
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from domain.common.text import clean_text
from webapp.api.parameters import RequestModel
from webapp.core.context import RequestError

A = TypeVar("A", bound=RequestModel)
_MAX_ECHOED_LENGTH, _MAX_LISTED_WORDS = 60, 12
_TYPE_LABELS = {"integer": "un nombre entier", "boolean": "true ou false", "string": "un texte"}


def read_parameters(model: type[A], sent: MultiDict[str, str]) -> A:
    """The parameters of an address. Raises Refusal, which names the one that is wrong."""
    given: dict[str, Any] = {}
    for name in sent:
        if (field := model.model_fields.get(name)) is None:
            known = f"attendus : {', '.join(model.model_fields)}" if model.model_fields else "aucun n’est attendu"
            raise RequestError(f"Paramètre inconnu : « {_shorten_text(name)} » ({known}).")
        values = sent.getlist(name)
        if is_list(field):
            given[name] = [word for value in values for word in value.split(",")]
        elif len(values) > 1:
            raise RequestError(f"Le paramètre « {name} » est donné plusieurs fois : une seule est attendue.")
        else:
            given[name] = values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise RequestError(_format_refusal(model, error)) from None


def is_list(field: FieldInfo) -> bool:
    """Whether a parameter takes several values, with commas."""
    return any(get_origin(kind) is list for kind in getattr(field.annotation, "__args__", ()))


def _format_refusal(model: type[RequestModel], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    wanted = f"attendu : {describe_expected(TypeAdapter(model).json_schema()['properties'][name])}"
    if first["type"] == "missing":
        return f"Le paramètre « {name} » est {wanted}."
    return f"Valeur inattendue (paramètre « {name} ») : « {_shorten_text(str(first['input']))} » ; {wanted}."


def _shorten_text(text: str) -> str:
    return clean_text(text)[:_MAX_ECHOED_LENGTH]


def describe_expected(schema: Mapping[str, Any]) -> str:
    """What a parameter takes, in French words: « un nombre entier de 1 à 100 »."""
    ways = [way for way in schema.get("anyOf", [schema]) if way.get("type") != "null"]
    if any("format" in way for way in ways):
        return "un jour (2026-11-22) ou un moment (2026-11-22T13:37:00Z)"
    (way,) = ways
    if way.get("type") == "array":
        return f"des valeurs séparées par des virgules, {describe_expected(way['items'])}"
    if "enum" in way or "const" in way:
        words = way.get("enum") or [way["const"]]
        return ", ".join(words) if len(words) <= _MAX_LISTED_WORDS else f"un mot de la liste, de {words[0]} à {words[-1]}"
    told = _TYPE_LABELS[way["type"]]
    if "minimum" in way and "maximum" in way:
        told += f" de {way['minimum']} à {way['maximum']}"
    if "maxLength" in way:
        told += f" de {way['maxLength']} caractères au plus"
    return f"{told} ({schema['description']})" if way["type"] == "string" and "description" in schema else told


def read_body(model: type[A], max_bytes: int) -> A:
    """What was posted, as JSON of so many bytes at most. Raises Refusal, or what Flask raises of a body too heavy."""
    request.max_content_length = max_bytes
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(request.get_data(cache=False), strict=True)
    except ValidationError as error:
        raise RequestError(f"Corps de la demande : {_describe_error(error)} (voir la documentation).") from None


def _describe_error(error: ValidationError) -> str:
    """What is wrong of a body; of a line that may be written in several ways, its place from 0."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = first["loc"][:2]
    if first["type"] == "json_invalid":
        return "JSON illisible"
    if not place:
        return "un objet JSON est attendu"
    if first["type"] == "extra_forbidden" and len(place) == 1:
        return f"nom inconnu, « {_shorten_text(str(place[0]))} »"
    if len(place) > 1:
        return f"la ligne {place[1]} de « {place[0]} » n’a aucune des formes attendues"
    return f"valeur inattendue ou absente, « {_shorten_text(str(place[0]))} »"
