"""Write the offers for Google Media Actions: a schema.org DataFeed of films, written film by film."""

import json
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Row

from domain.common.isoformat import format_iso
from domain.common.text import clean_text
from domain.offers.schema_org import JsonObject, build_watch_action
from opendata.batches import FilmBatch
from opendata.file_writer import HashedFile
from opendata.manifest import LICENCE_URL, DataSet
from opendata.tables import ExportContext

FEED_NAME = "media_actions"
FEED_TITLE = "Offres légales au format Media Actions"
FEED_DESCRIPTION = (
    "Les films qui ont une offre sur le web, avec leurs actions de visionnage : un DataFeed de schema.org, tel que Google Media "
    "Actions le définit. Une date de début ou de fin que le service n'a pas dite n'y est pas."
)
_JSONLD_CONTEXT = ["https://schema.org", {"@language": "fr"}]


class FeedFile:
    """Write the feed film by film; `film_count` counts them. `names` gives the name of each platform by slug."""

    def __init__(self, path: Path, context: ExportContext, names: dict[str, str]) -> None:
        self.film_count = 0
        self._context = context
        self._names = names
        self._file = HashedFile(path)
        self._clean_text = lru_cache(20_000)(clean_text)  # the names of directors come again and again
        head = {
            "@context": "https://schema.org",
            "@type": "DataFeed",
            "dateModified": format_iso(context.at),
            "license": LICENCE_URL,
        }
        self._file.write(_dump_json(head)[:-1] + ',"dataFeedElement":[')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def add_batch(self, batch: FilmBatch) -> None:
        """Append the films of a batch that can be watched on the web."""
        for film in batch.films:
            actions = self._build_actions(film, batch)
            if actions:
                separator = "," if self.film_count else ""
                self._file.write(f"{separator}\n{_dump_json(self._build_movie(film, batch, actions))}")
                self.film_count += 1

    def _build_actions(self, film: Row[Any], batch: FilmBatch) -> list[JsonObject]:
        actions = []
        for offer in batch.offers.get(film.id, ()):
            link = batch.links[offer.id]
            if link:
                actions.append(build_watch_action(offer, self._names[offer.platform], link))
        return actions

    def _build_movie(self, film: Row[Any], batch: FilmBatch, actions: list[JsonObject]) -> JsonObject:
        """Build the Movie of a film; unknown facts are left out."""
        values_by_scheme = batch.identifiers.get(film.id, {})
        page = self._context.get_film_url(film)
        facts: JsonObject = {
            "@context": _JSONLD_CONTEXT,
            "@type": "Movie",
            "@id": page,
            "url": page,
            "name": self._clean_text(film.title),
            "alternateName": self._build_alternate_name(film),
            "dateCreated": str(film.year) if film.year else None,
            "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
            "director": [{"@type": "Person", "name": self._clean_text(name)} for name in film.directors],
            "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
            "titleEIDR": next(iter(values_by_scheme.get("eidr", ())), None),
            "identifier": _build_identifiers(values_by_scheme),
            "potentialAction": actions,
        }
        return {name: value for name, value in facts.items() if value}

    def _build_alternate_name(self, film: Row[Any]) -> str | None:
        if not film.original_title or film.original_title == film.title:
            return None
        return self._clean_text(film.original_title)

    def finish(self) -> DataSet:
        """Close the feed, and describe it."""
        self._file.write("\n]}\n")
        return DataSet(
            name=FEED_NAME,
            title=FEED_TITLE,
            description=FEED_DESCRIPTION,
            keywords=("films", "vidéo à la demande", "schema.org"),
            rows=self.film_count,
            files=(self._file.finish("json"),),
        )


def _build_identifiers(values_by_scheme: dict[str, list[str]]) -> list[JsonObject]:
    identifiers = []
    for scheme, values in values_by_scheme.items():
        if scheme != "eidr":  # it has a property of its own, titleEIDR
            identifiers += [_build_identifier(scheme, value) for value in values]
    return identifiers


def _build_identifier(scheme: str, value: str) -> JsonObject:
    return {"@type": "PropertyValue", "propertyID": f"{scheme.upper()}_ID", "value": value}


def _dump_json(facts: JsonObject) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
