"""What the service says of itself to a client that discovers it."""

from flask import url_for

from domain.common.settings import VERSION
from webapp.core.i18n import alone
from webapp.reconcile.properties import ANY_TYPE, TYPES
from webapp.reconcile.queries import MOST_QUERIES
from webapp.reconcile.results import Facts

PREVIEW = {"width": 400, "height": 320}  # pixels


def manifest() -> Facts:
    """The service manifest, with full addresses."""
    site = alone(url_for("films.home", _external=True))
    service, guide = url_for("reconcile.service", _external=True), alone(url_for("reconcile.guide", _external=True))
    preview = alone(url_for("reconcile.preview", film_id=0, _external=True)).removesuffix("0")

    def suggest(what: str) -> Facts:
        return {"service_url": service, "service_path": f"/suggestions/{what}"}

    return {
        "versions": ["0.2"],
        "name": "OùVoir : films",
        "identifierSpace": f"{site}films/",
        "schemaSpace": "https://schema.org/Movie",
        "documentation": guide,
        "serviceVersion": VERSION,
        "logo": url_for("static", filename="icon.svg", _external=True),
        "defaultTypes": [{"id": ANY_TYPE, "name": TYPES[ANY_TYPE]}],
        "view": {"url": f"{site}films/{{{{id}}}}"},
        "feature_view": {"url": f"{guide}#indice-{{{{id}}}}"},
        "preview": {"url": f"{preview}{{{{id}}}}", **PREVIEW},
        "suggest": {"entity": suggest("films"), "property": suggest("proprietes"), "type": suggest("types")},
        "extend": {"propose_properties": {"service_url": service, "service_path": "/proprietes"}, "property_settings": []},
        "batchSize": MOST_QUERIES,
    }
