"""Read requests strictly: what is not expected is refused in one French sentence that names it, and never ignored."""

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

RequestModelT = TypeVar("RequestModelT", bound=RequestModel)
_MAX_ECHOED_LENGTH, _MAX_LISTED_WORDS = 60, 12
_TYPE_LABELS = {"integer": "un nombre entier", "boolean": "true ou false", "string": "un texte"}


def read_parameters(model: type[RequestModelT], sent: MultiDict[str, str]) -> RequestModelT:
    """Return the parameters of an address. Raise RequestError, which names the one that is wrong."""
    given: dict[str, Any] = {}
    for name in sent:
        field = model.model_fields.get(name)
        if field is None:
            expected = f"attendus : {', '.join(model.model_fields)}" if model.model_fields else "aucun n’est attendu"
            raise RequestError(f"Paramètre inconnu : « {_shorten_text(name)} » ({expected}).")
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
    """Return whether a parameter takes several values, parted by commas."""
    return any(get_origin(kind) is list for kind in getattr(field.annotation, "__args__", ()))


def _format_refusal(model: type[RequestModel], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    expected = f"attendu : {describe_expected(TypeAdapter(model).json_schema()['properties'][name])}"
    if first["type"] == "missing":
        return f"Le paramètre « {name} » est {expected}."
    return f"Valeur inattendue (paramètre « {name} ») : « {_shorten_text(str(first['input']))} » ; {expected}."


def _shorten_text(text: str) -> str:
    return clean_text(text)[:_MAX_ECHOED_LENGTH]


def describe_expected(schema: Mapping[str, Any]) -> str:
    """Return what a parameter takes, in French words: « un nombre entier de 1 à 100 »."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    if any("format" in choice for choice in choices):
        return "un jour (2026-11-22) ou un moment (2026-11-22T13:37:00Z)"
    (choice,) = choices
    if choice.get("type") == "array":
        return f"des valeurs séparées par des virgules, {describe_expected(choice['items'])}"
    if "enum" in choice or "const" in choice:
        return _describe_words(choice.get("enum") or [choice["const"]])
    label = _TYPE_LABELS[choice["type"]]
    if "minimum" in choice and "maximum" in choice:
        label += f" de {choice['minimum']} à {choice['maximum']}"
    if "maxLength" in choice:
        label += f" de {choice['maxLength']} caractères au plus"
    if choice["type"] == "string" and "description" in schema:
        label += f" ({schema['description']})"
    return label


def _describe_words(words: list[str]) -> str:
    if len(words) <= _MAX_LISTED_WORDS:
        return ", ".join(words)
    return f"un mot de la liste, de {words[0]} à {words[-1]}"


def read_body(model: type[RequestModelT], max_bytes: int) -> RequestModelT:
    """Return what was posted, as JSON. Raise RequestError, or what Flask raises of a body over `max_bytes`."""
    request.max_content_length = max_bytes
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(request.get_data(cache=False), strict=True)
    except ValidationError as error:
        raise RequestError(f"Corps de la demande : {_describe_error(error)} (voir la documentation).") from None


def _describe_error(error: ValidationError) -> str:
    """Return what is wrong in a body; of an item that may be written in several ways, its position from 0."""
    first = error.errors(include_url=False, include_input=False)[0]
    location = first["loc"][:2]
    if first["type"] == "json_invalid":
        return "JSON illisible"
    if not location:
        return "un objet JSON est attendu"
    if first["type"] == "extra_forbidden" and len(location) == 1:
        return f"nom inconnu, « {_shorten_text(str(location[0]))} »"
    if len(location) > 1:
        return f"la ligne {location[1]} de « {location[0]} » n’a aucune des formes attendues"
    return f"valeur inattendue ou absente, « {_shorten_text(str(location[0]))} »"
