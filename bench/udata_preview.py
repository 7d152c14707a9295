"""What data.gouv.fr's own harvester takes of a catalogue: run by bench.harvest in the environment that holds udata.

Arguments: the catalogue's address, once a form. Prints one JSON line each. The base behind udata is mongomock's, in memory.
"""

import json
import sys
from typing import Any

import mongoengine.connection
import mongomock
import pymongo

# Before anything of udata is read: it connects as soon as it is.
pymongo.MongoClient = mongoengine.connection.MongoClient = mongomock.MongoClient

from udata.app import create_app, standalone  # noqa: E402
from udata.core.dataset.models import License  # noqa: E402
from udata.core.organization.models import Organization  # noqa: E402
from udata.harvest import actions  # noqa: E402
from udata.harvest.models import HarvestSource  # noqa: E402
from udata.settings import Defaults  # noqa: E402

# As data.gouv.fr registers them: the second version, and the first, which must not be taken for it.
_LICENCES = (
    ("notspecified", "License Not Specified", None),
    ("fr-lo", "Licence Ouverte / Open Licence", "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf"),
    ("lov2", "Licence Ouverte / Open Licence version 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"),
)


class Settings(Defaults):  # type: ignore[misc]
    """The least that the harvester asks for."""

    SECRET_KEY = API_TOKEN_SECRET = "bench"
    SERVER_NAME = "localhost"
    TESTING = True
    LANGUAGES = {"fr": "Français"}  # noqa: RUF012
    DEFAULT_LANGUAGE = "fr"
    CACHE_TYPE = "flask_caching.backends.NullCache"
    HARVESTER_BACKENDS = ["dcat"]  # noqa: RUF012
    MONGODB_HOST = "mongodb://localhost/udata"
    URLS_ALLOW_PRIVATE = URLS_ALLOW_LOCAL = True  # the catalogue is served on this machine
    URLS_RESOLVE_HOSTNAME = False


def told(item: Any) -> dict[str, Any]:
    """What was taken of a data set."""
    dataset = item.dataset
    return {
        "status": str(item.status),
        "errors": [error.message for error in item.errors],
        "title": dataset and dataset.title,
        "licence": dataset and dataset.license and dataset.license.id,
        "frequency": dataset and str(dataset.frequency),
        "schema": bool(dataset and dataset.schema),
        "files": [
            {"format": one.format, "size": one.filesize, "sum": one.checksum and one.checksum.type, "address": one.url}
            for one in (dataset.resources if dataset else [])
        ],
    }


def main() -> None:
    """Previews each catalogue."""
    app = standalone(create_app(Settings))
    with app.app_context():
        for number, title, url in _LICENCES:
            License(id=number, title=title, url=url).save()
        owner = Organization(name="Éditeur", description="-").save()
        for address in sys.argv[1:]:
            source = HarvestSource(name="OùVoir", url=address, backend="dcat", organization=owner).save()
            job = actions.preview(source)
            print(json.dumps({"address": address, "status": str(job.status), "items": [told(item) for item in job.items]}))


if __name__ == "__main__":
    main()
