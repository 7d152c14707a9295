"""Read an entity of a Wikidata dump as facts about a film: what is not well formed is dropped, nothing is guessed."""

import json
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from crawlers.wikidata.queries import PROPERTIES
from crawlers.wikidata.statements import Facts, Statement, make_facts, parse_item_id
from domain.common.identifiers import parse_identifier
from domain.films.attribute_merge import IdentifierPair

_ORIGINAL_TITLE, _DIRECTOR, _PUBLICATION, _DURATION, _PLACE, _FRANCE = "P1476", "P57", "P577", "P2047", "P291", "Q142"
_DAY_PRECISION = 11
_MAX_STATEMENTS = 1000
_MAX_TEXT_LENGTH = 1000
_PROPERTY_TOKENS = tuple(f'"{code}"'.encode() for code in PROPERTIES.values())
_LEADING_ID = re.compile(rb'\{(?:"[a-z]+":(?:"[^"]*"|[0-9]+),){0,10}"id":"(Q[0-9]+)"')
_JsonObject = dict[str, Any]


class DamagedLineError(Exception):
    """Report a line that holds no entity that can be read; the message is in French."""


class Entity(NamedTuple):
    """Hold an item: its id, what it says, and its numbers in their one form, whatever how many it has of a scheme."""

    item: str
    facts: Facts
    identifiers: frozenset[IdentifierPair]


def needs_parsing(line: bytes) -> bool:
    """Tell whether a line names a property that identifies films, or seems cut: of a hundred million, few do."""
    return any(token in line for token in _PROPERTY_TOKENS) or line.count(b"{") != line.count(b"}")


def may_be_item(line: bytes, items: Container[str]) -> bool:
    """Tell whether a line may hold one of these items; one that does not begin by its id may."""
    item = _LEADING_ID.match(line)
    return item is None or item[1].decode() in items


def parse_entity(line: bytes) -> Entity | None:
    """Return the item of a line, None for a property or a lexeme. Raises DamagedLineError."""
    entity = _parse_json(line)
    item = parse_item_id(_get_text(entity, "id"))
    if item is None:
        if not _get_text(entity, "id"):
            raise DamagedLineError("entité sans identifiant")
        return None
    facts = make_facts()
    facts["label"] = _read_labels(entity)
    facts["alias"] = _read_aliases(entity)
    claims = _get_object(entity, "claims")
    _read_claims(claims, facts)
    pairs = set()
    for scheme, code in PROPERTIES.items():
        facts[scheme] = [Statement(text) for text in _iter_strings(claims, code)][:_MAX_STATEMENTS]
        pairs |= {(scheme, parse_identifier(scheme, statement.text) or "") for statement in facts[scheme]}
    return Entity(item, facts, frozenset(pair for pair in pairs if pair[1]))


def _parse_json(line: bytes) -> _JsonObject:
    try:
        entity = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise DamagedLineError("octets illisibles en UTF-8") from None
    except RecursionError:
        raise DamagedLineError("JSON trop imbriqué") from None
    except ValueError:
        raise DamagedLineError("JSON illisible") from None
    if not isinstance(entity, dict):
        raise DamagedLineError("ce n'est pas un objet JSON entier")
    return entity


def _get_object(value: Any, key: str) -> _JsonObject:
    """Return the object under a key, an empty one where there is none; the dumps write an empty object as a list."""
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _get_list(value: Any, key: str) -> list[Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


def _get_text(value: Any, key: str) -> str:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner[:_MAX_TEXT_LENGTH] if isinstance(inner, str) else ""


def _read_labels(entity: _JsonObject) -> list[Statement]:
    labels = list(_get_object(entity, "labels").values())[:_MAX_STATEMENTS]
    return list(_make_texts(labels, "value"))


def _read_aliases(entity: _JsonObject) -> list[Statement]:
    aliases_by_language = _get_object(entity, "aliases")
    aliases = [alias for language in aliases_by_language for alias in _get_list(aliases_by_language, language)]
    return list(_make_texts(aliases[:_MAX_STATEMENTS], "value"))


def _make_texts(values: Iterable[Any], key: str) -> Iterator[Statement]:
    for value in values:
        text = _get_text(value, key)
        if text:
            yield Statement(text, _get_text(value, "language").lower())


def _iter_best_claims(claims: _JsonObject, code: str) -> Iterator[_JsonObject]:
    """Yield the claims of a property that Wikidata holds true: the preferred ones, or all but the deprecated."""
    by_rank: dict[str, list[_JsonObject]] = {"preferred": [], "normal": []}
    for claim in _get_list(claims, code)[:_MAX_STATEMENTS]:
        rank = _get_text(claim, "rank") or "normal"
        if rank in by_rank:
            by_rank[rank].append(claim)
    yield from by_rank["preferred"] or by_rank["normal"]


def _iter_values(claims: _JsonObject, code: str) -> Iterator[Any]:
    """Yield the values of the best claims; an unknown value is none."""
    for claim in _iter_best_claims(claims, code):
        yield _get_object(_get_object(claim, "mainsnak"), "datavalue").get("value")


def _iter_strings(claims: _JsonObject, code: str) -> Iterator[str]:
    for value in _iter_values(claims, code):
        if isinstance(value, str):
            yield value[:_MAX_TEXT_LENGTH]


def _read_claims(claims: _JsonObject, facts: Facts) -> None:
    """Add what claims say of titles, people, days and running time; directors have no name yet."""
    facts["original"] = list(_make_texts(_iter_values(claims, _ORIGINAL_TITLE), "text"))
    for value in _iter_values(claims, _DIRECTOR):
        person = parse_item_id(_get_text(value, "id"))
        if person:
            facts["director"].append(Statement("", about=person))
    for value in _iter_values(claims, _PUBLICATION):
        facts["published"].append(Statement(_get_day(value)))
    for value in _iter_values(claims, _DURATION):
        facts["runtime"].append(Statement(_get_text(value, "amount"), about=parse_item_id(_get_text(value, "unit"))))
    facts["released"] = [Statement(_get_day(value)) for value in _iter_french_releases(claims)]


def _get_day(value: Any) -> str:
    return _get_text(value, "time").removeprefix("+")


def _iter_french_releases(claims: _JsonObject) -> Iterator[Any]:
    """Yield the moments of releases in France that are known to the day."""
    for claim in _get_list(claims, _PUBLICATION)[:_MAX_STATEMENTS]:
        value = _get_object(_get_object(claim, "mainsnak"), "datavalue").get("value")
        is_exact = isinstance(value, dict) and value.get("precision") == _DAY_PRECISION
        if is_exact and _get_text(claim, "rank") != "deprecated" and _is_in_france(claim):
            yield value


def _is_in_france(claim: Any) -> bool:
    for qualifier in _get_list(_get_object(claim, "qualifiers"), _PLACE):
        if _get_text(_get_object(_get_object(qualifier, "datavalue"), "value"), "id") == _FRANCE:
            return True
    return False
