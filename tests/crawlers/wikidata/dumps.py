"""Entities as the public dumps of Wikidata write them, and files of these; facts of films are true, item numbers are not."""

import bz2
import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Entity = dict[str, Any]


def make_claim(value: Any, kind: str = "string", rank: str = "normal", place: str = "") -> dict[str, Any]:
    """Return a claim of a value; `place` is the item of its place of publication."""
    claim = {"mainsnak": {"snaktype": "value", "datavalue": {"value": value, "type": kind}}, "type": "statement", "rank": rank}
    if place:
        claim["qualifiers"] = {"P291": [make_claim({"id": place}, "wikibase-entityid")["mainsnak"]]}
    return claim


def make_time(day: str, precision: int = 11) -> dict[str, Any]:
    """Return a moment as dumps write it."""
    return {"time": f"+{day}T00:00:00Z", "precision": precision, "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}


def make_entity(
    item: str,
    labels: Mapping[str, str] | None = None,
    aliases: Mapping[str, Iterable[str]] | None = None,
    claims: Mapping[str, list[Any]] | None = None,
) -> Entity:
    """Return an item; an empty object is a list, as in the dumps."""
    values = {language: {"language": language, "value": text} for language, text in (labels or {}).items()}
    others = {language: [{"language": language, "value": text} for text in texts] for language, texts in (aliases or {}).items()}
    return {"type": "item", "id": item, "labels": values or [], "aliases": others or [], "claims": claims or []}


MON_ONCLE = make_entity(
    "Q101",
    {"fr": "Mon oncle", "en": "My Uncle", "de": "Mein Onkel"},
    {"fr": ["Monsieur Hulot et la villa Arpel", "film"], "it": ["Il mio zio"]},
    {
        "P345": [make_claim("tt0050706")],
        "P1265": [make_claim("2221")],
        "P10100": [make_claim("367862")],
        "P2755": [make_claim("20321")],
        "P4947": [make_claim("427"), make_claim("428", rank="deprecated")],
        "P1476": [make_claim({"text": "Mon oncle", "language": "fr"}, "monolingualtext")],
        "P57": [
            make_claim({"entity-type": "item", "id": "Q900"}, "wikibase-entityid"),
            {"mainsnak": {"snaktype": "somevalue"}, "rank": "normal"},
        ],
        "P577": [
            make_claim(make_time("1958-05-10"), "time", place="Q142"),
            make_claim(make_time("1958-11-03"), "time", place="Q30"),
            make_claim(make_time("1938-05-10"), "time", "deprecated", place="Q142"),
            make_claim(make_time("1957-00-00", 9), "time", place="Q142"),
        ],
        "P2047": [make_claim({"amount": "+117", "unit": "http://www.wikidata.org/entity/Q7727"}, "quantity")],
    },
)
TATI = make_entity("Q900", {"mul": "Jacques Tati"})
PLAYTIME = make_entity("Q102", {"mul": "Playtime"}, claims={"P345": [make_claim("tt0062136")]})
NAMELESS = make_entity("Q103", claims={"P345": [make_claim("tt0071969")]})
TRAFIC = make_entity("Q104", {"fr": "Trafic"}, claims={"P345": [make_claim("tt0069400")]})
OTHER_TRAFIC = make_entity("Q105", {"fr": "Trafic (double)"}, claims={"P345": [make_claim("tt0069400")]})
OTHER_FILM = make_entity(
    "Q106",
    {"fr": "Un tout autre film"},
    claims={"P345": [make_claim("tt0040497")], "P577": [make_claim(make_time("1999-01-01"), "time")]},
)
PROPERTY = {"type": "property", "id": "P345", "labels": {"fr": {"language": "fr", "value": "identifiant IMDb"}}}
ENTITIES = (PROPERTY, TATI, MON_ONCLE, PLAYTIME, NAMELESS, TRAFIC, OTHER_TRAFIC, OTHER_FILM)
_OPENERS: dict[str, Any] = {".gz": gzip.compress, ".bz2": bz2.compress}


def dump_entities(entities: Iterable[Entity] = ENTITIES) -> bytes:
    """Return the entities in the form of the public dumps."""
    lines = ",\n".join(json.dumps(entity, ensure_ascii=False, separators=(",", ":")) for entity in entities)
    return f"[\n{lines}\n]\n".encode()


def write_dump(folder: Path, content: bytes = b"", name: str = "wikidata.json") -> Path:
    """Write a dump, compressed as its name says; by default, that of all the entities."""
    path = folder / name
    compress = _OPENERS.get(path.suffix, bytes)
    path.write_bytes(compress(content or dump_entities()))
    return path
