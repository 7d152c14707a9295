"""Run data.gouv.fr's own program for bench.harvest, in the environment that holds udata, its database in memory (mongomock).

With the addresses of catalogues, prints what its harvester takes of each, one JSON line each. With « serve », serves its API and
prints, in one JSON line, the address, a key, and the number of the organisation that the key may publish for.
"""

import json
import sys
import tempfile
from typing import Any

import mongoengine.connection
import mongomock
import pymongo

# Before anything of udata is read: it connects as soon as it is.
pymongo.MongoClient = mongoengine.connection.MongoClient = mongomock.MongoClient

from udata.app import create_app, standalone  # noqa: E402
from udata.core.api_token.models import ApiToken  # noqa: E402
from udata.core.dataset.models import License  # noqa: E402
from udata.core.organization.models import Member, Organization  # noqa: E402
from udata.core.user.models import User  # noqa: E402
from udata.harvest import actions  # noqa: E402
from udata.harvest.models import HarvestSource  # noqa: E402
from udata.settings import Defaults  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

# As data.gouv.fr registers them: the second version, and the first, which must not be taken for it.
_LICENCES = (
    ("notspecified", "License Not Specified", None),
    ("fr-lo", "Licence Ouverte / Open Licence", "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf"),
    ("lov2", "Licence Ouverte / Open Licence version 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"),
)


class Settings(Defaults):  # type: ignore[misc]
    """Hold the few settings that the harvester needs."""

    SECRET_KEY = API_TOKEN_SECRET = "bench"
    CDATA_BASE_URL = "http://localhost"
    TESTING = True
    LANGUAGES = {"fr": "Français"}  # noqa: RUF012
    DEFAULT_LANGUAGE = "fr"
    CACHE_TYPE = "flask_caching.backends.NullCache"
    HARVESTER_BACKENDS = ["dcat"]  # noqa: RUF012
    MONGODB_HOST = "mongodb://localhost/udata"
    URLS_ALLOW_PRIVATE = URLS_ALLOW_LOCAL = True  # the catalogue is served on this machine
    URLS_RESOLVE_HOSTNAME = PUBLISH_ON_RESOURCE_EVENTS = CELERY_TASK_EAGER_PROPAGATES = False
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_BROKER_URL = "memory://"
    FS_ROOT = tempfile.mkdtemp()


def describe_item(item: Any) -> dict[str, Any]:
    """Describe what was taken of a data set."""
    dataset = item.dataset
    return {
        "status": str(item.status),
        "errors": [error.message for error in item.errors],
        "title": dataset and dataset.title,
        "licence": dataset and dataset.license and dataset.license.id,
        "frequency": dataset and str(dataset.frequency),
        "schema": bool(dataset and dataset.schema),
        "files": [
            {"format": file.format, "size": file.filesize, "sum": file.checksum and file.checksum.type, "address": file.url}
            for file in (dataset.resources if dataset else [])
        ],
    }


def preview_catalogues(owner: Any, addresses: list[str]) -> None:
    """Preview each catalogue."""
    for address in addresses:
        source = HarvestSource(name="OùVoir", url=address, backend="dcat", organization=owner).save()
        job = actions.preview(source)
        print(json.dumps({"address": address, "status": str(job.status), "items": [describe_item(item) for item in job.items]}))


def serve_api(app: Any, owner: Any, user: Any) -> None:
    """Serve the API until it is stopped."""
    with app.app_context():
        _, key = ApiToken.generate(user)
    server = make_server("127.0.0.1", 0, app)
    print(json.dumps({"root": f"http://127.0.0.1:{server.port}", "key": key, "organisation": str(owner.id)}), flush=True)
    server.serve_forever()


def main() -> None:
    """Prepare the database, then do one or the other."""
    app = standalone(create_app(Settings))
    with app.app_context():
        for licence_id, title, url in _LICENCES:
            License(id=licence_id, title=title, url=url).save()
        user = User(first_name="A", last_name="B", email="a@exemple.fr", password="x", active=True).save()
        owner = Organization(name="Éditeur", description="-", members=[Member(user=user, role="admin")]).save()
        if sys.argv[1:] != ["serve"]:
            preview_catalogues(owner, sys.argv[1:])
            return
    serve_api(app, owner, user)


if __name__ == "__main__":
    main()
