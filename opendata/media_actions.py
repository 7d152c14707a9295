"""The offers as Google Media Actions reads them: a schema.org DataFeed of films, written film by film."""

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
_clean_cached = lru_cache(20_000)(clean_text)  # directors come again and again
_JSONLD_CONTEXT = ["https://schema.org", {"@language": "fr"}]


class FeedFile:
    """The feed, written film by film; `films` counts them."""

    def __init__(self, path: Path, context: ExportContext, names: dict[str, str]) -> None:
        self.films, self._context, self._names, self._file = 0, context, names, HashedFile(path)
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
        """Adds the films of a stretch that can be watched on the web."""
        for film in batch.films:
            if actions := self._build_actions(film, batch):
                self._file.write(("," if self.films else "") + "\n" + _dump_json(self._build_movie(film, batch, actions)))
                self.films += 1

    def _build_actions(self, film: Row[Any], batch: FilmBatch) -> list[JsonObject]:
        offers = ((offer, batch.links[offer.id]) for offer in batch.offers.get(film.id, ()))
        return [build_watch_action(offer, self._names[offer.platform], link) for offer, link in offers if link]

    def _build_movie(self, film: Row[Any], batch: FilmBatch, actions: list[JsonObject]) -> JsonObject:
        known, page = batch.identifiers.get(film.id, {}), self._context.get_film_url(film)
        facts: JsonObject = {
            "@context": _JSONLD_CONTEXT,
            "@type": "Movie",
            "@id": page,
            "url": page,
            "name": _clean_cached(film.title),
            "alternateName": _clean_cached(film.original_title)
            if film.original_title and film.original_title != film.title
            else None,
            "dateCreated": str(film.year) if film.year else None,
            "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
            "director": [{"@type": "Person", "name": _clean_cached(name)} for name in film.directors],
            "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
            "titleEIDR": next(iter(known.get("eidr", ())), None),
            "identifier": [
                _build_identifier(scheme, value) for scheme, values in known.items() for value in values if scheme != "eidr"
            ],
            "potentialAction": actions,
        }
        return {name: value for name, value in facts.items() if value}

    def finish(self) -> DataSet:
        """Ends the feed, and tells it."""
        self._file.write("\n]}\n")
        keywords = ("films", "vidéo à la demande", "schema.org")
        file = self._file.finish("json")
        return DataSet(
            name=FEED_NAME, title=FEED_TITLE, description=FEED_DESCRIPTION, keywords=keywords, rows=self.films, files=(file,)
        )


def _build_identifier(scheme: str, value: str) -> JsonObject:
    return {"@type": "PropertyValue", "propertyID": f"{scheme.upper()}_ID", "value": value}


def _dump_json(facts: JsonObject) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
