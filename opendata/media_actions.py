"""The offers as Google Media Actions reads them: a schema.org DataFeed of films, written film by film."""

import json
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Row

from domain.common.isoformat import iso
from domain.common.text import clean
from domain.offers.schema_org import Facts, watch_action
from opendata.batches import Stretch
from opendata.file_writer import SummedFile
from opendata.manifest import LICENCE, DataSet
from opendata.tables import Context

NAME = "media_actions"
TITLE = "Offres légales au format Media Actions"
DESCRIPTION = (
    "Les films qui ont une offre sur le web, avec leurs actions de visionnage : un DataFeed de schema.org, tel que Google Media "
    "Actions le définit. Une date de début ou de fin que le service n'a pas dite n'y est pas."
)
_clean = lru_cache(20_000)(clean)  # directors come again and again
_CONTEXT = ["https://schema.org", {"@language": "fr"}]


class FeedFile:
    """The feed, written film by film; `films` counts them."""

    def __init__(self, path: Path, context: Context, names: dict[str, str]) -> None:
        self.films, self._context, self._names, self._file = 0, context, names, SummedFile(path)
        head = {"@context": "https://schema.org", "@type": "DataFeed", "dateModified": iso(context.at), "license": LICENCE}
        self._file.write(_json(head)[:-1] + ',"dataFeedElement":[')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def add(self, stretch: Stretch) -> None:
        """Adds the films of a stretch that can be watched on the web."""
        for film in stretch.films:
            if actions := self._actions(film, stretch):
                self._file.write(("," if self.films else "") + "\n" + _json(self._movie(film, stretch, actions)))
                self.films += 1

    def _actions(self, film: Row[Any], stretch: Stretch) -> list[Facts]:
        offers = ((offer, stretch.links[offer.id]) for offer in stretch.offers.get(film.id, ()))
        return [watch_action(offer, self._names[offer.platform], link) for offer, link in offers if link]

    def _movie(self, film: Row[Any], stretch: Stretch, actions: list[Facts]) -> Facts:
        known, page = stretch.identifiers.get(film.id, {}), self._context.page(film)
        facts: Facts = {
            "@context": _CONTEXT,
            "@type": "Movie",
            "@id": page,
            "url": page,
            "name": _clean(film.title),
            "alternateName": _clean(film.original_title) if film.original_title and film.original_title != film.title else None,
            "dateCreated": str(film.year) if film.year else None,
            "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
            "director": [{"@type": "Person", "name": _clean(name)} for name in film.directors],
            "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
            "titleEIDR": next(iter(known.get("eidr", ())), None),
            "identifier": [
                _identifier(scheme, value) for scheme, values in known.items() for value in values if scheme != "eidr"
            ],
            "potentialAction": actions,
        }
        return {name: value for name, value in facts.items() if value}

    def done(self) -> DataSet:
        """Ends the feed, and tells it."""
        self._file.write("\n]}\n")
        keywords = ("films", "vidéo à la demande", "schema.org")
        file = self._file.done("json")
        return DataSet(name=NAME, title=TITLE, description=DESCRIPTION, keywords=keywords, rows=self.films, files=(file,))


def _identifier(scheme: str, value: str) -> Facts:
    return {"@type": "PropertyValue", "propertyID": f"{scheme.upper()}_ID", "value": value}


def _json(facts: Facts) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
