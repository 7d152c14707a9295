"""Read one value of a row as a platform file says: a JMESPath, then a named transform or a table of words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import BeforeValidator, InstanceOf

from crawlers.extract.transforms import TRANSFORMS, Transform
from domain.common.parsing import UnknownWordError


@dataclass(frozen=True)
class Rule:
    """Represent how one value is read in a row: its path, then either a transform or a table of words."""

    path: ParsedResult
    transform: Transform | None = None
    words: Mapping[str, str] | None = None

    def extract_value(self, row: object) -> Any:
        """Return the value, or None when the row does not say.

        Raises ValueError saying in French what was expected, UnknownWordError, or JMESPathError.
        """
        value = self.search(row)
        if _is_empty(value):
            return None
        if self.words is not None:
            return _translate_words(value, self.words)
        if self.transform:
            return self.transform(value)
        return value

    def search(self, row: object) -> Any:
        """Return what the expression finds, as it is. Raises JMESPathError, also where jmespath lets slip another error."""
        try:
            return self.path.search(row)
        except JMESPathError:
            raise
        except (TypeError, ArithmeticError, ValueError):
            raise JMESPathError("comparaison ou calcul impossible sur les valeurs de la ligne") from None

    def list_columns(self) -> set[str]:
        """Return the names that the expression reads: the columns of a CSV file."""
        return set(_iter_field_names(self.path.parsed))


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or value in ([], {})


def _translate_words(value: object, translations: Mapping[str, str]) -> str | list[str]:
    """Return the translation of a word, or those of a list, each once. Raises UnknownWordError for the first unknown word."""
    if not isinstance(value, list):
        word = _normalise_word(value)
        if word not in translations:
            raise UnknownWordError(word[:80])
        return translations[word]
    translated: dict[str, None] = {}
    unknown_words = []
    for word in map(_normalise_word, value):
        if word in translations:
            translated[translations[word]] = None
        else:
            unknown_words.append(word)
    if unknown_words:
        raise UnknownWordError(unknown_words[0][:80], list(translated))
    return list(translated)


def _normalise_word(item: object) -> str:
    return str(item).strip().casefold()


def _iter_field_names(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node["children"]:
        yield from _iter_field_names(child)


def _compile_path(path: str) -> ParsedResult:
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"expression JMESPath illisible « {path} » ({reason})") from None


def parse_path(value: object) -> Rule:
    """Return the rule of a JMESPath alone. Raises ValueError in French."""
    if not isinstance(value, str):
        raise ValueError("une expression JMESPath est attendue")
    return Rule(_compile_path(value))


def parse_rule(value: object) -> Rule:
    """Return the rule of `"path"`, `["path", "transform"]` or `{path, words}`. Raises ValueError in French."""
    match value:
        case str():
            return parse_path(value)
        case [str(path), str(name)]:
            if name not in TRANSFORMS:
                raise ValueError(f"transformation inconnue « {name} » (connues : {', '.join(TRANSFORMS)})")
            return Rule(_compile_path(path), transform=TRANSFORMS[name])
        case {"path": str(path), "words": dict(words), **rest} if not rest:
            return Rule(_compile_path(path), words={_normalise_word(word): str(code) for word, code in words.items()})
    raise ValueError("attendu : une expression JMESPath, [expression, transformation] ou {path, words}")


def build_word_parser(vocabulary: type[StrEnum]) -> Callable[[object], Rule]:
    """Return a parser of rules that give a word of a vocabulary: the word itself, or {path, words}."""

    def parse_word_rule(value: object) -> Rule:
        if isinstance(value, str) and value in set(vocabulary):
            return Rule(_compile_path(f"'{value}'"))
        rule = parse_rule(value) if isinstance(value, dict) else None
        if rule is None or rule.words is None or not set(rule.words.values()) <= set(vocabulary):
            raise ValueError(f"attendu : {', '.join(vocabulary)}, ou une table {{path, words}} qui n'emploie que ces mots")
        return rule

    return parse_word_rule


PathRule = Annotated[InstanceOf[Rule], BeforeValidator(parse_path)]
ValueRule = Annotated[InstanceOf[Rule], BeforeValidator(parse_rule)]
