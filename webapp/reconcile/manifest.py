"""Build the manifest by which clients discover the service."""

from flask import url_for

from domain.common.settings import VERSION
from webapp.core.i18n import strip_language_prefix
from webapp.reconcile.properties import ANY_TYPE, TYPE_LABELS
from webapp.reconcile.queries import MAX_QUERIES
from webapp.reconcile.results import JsonObject

PREVIEW_SIZE = {"width": 400, "height": 320}  # pixels


def build_manifest() -> JsonObject:
    """Return the service manifest, with full addresses."""
    site = strip_language_prefix(url_for("films.show_home", _external=True))
    service = url_for("reconcile.handle_request", _external=True)
    guide = strip_language_prefix(url_for("reconcile.show_guide", _external=True))
    preview = strip_language_prefix(url_for("reconcile.show_preview", film_id=0, _external=True)).removesuffix("0")

    suggest_paths = {"entity": "films", "property": "proprietes", "type": "types"}
    return {
        "versions": ["0.2"],
        "name": "OùVoir : films",
        "identifierSpace": f"{site}films/",
        "schemaSpace": "https://schema.org/Movie",
        "documentation": guide,
        "serviceVersion": VERSION,
        "logo": url_for("static", filename="icon.svg", _external=True),
        "defaultTypes": [{"id": ANY_TYPE, "name": TYPE_LABELS[ANY_TYPE]}],
        "view": {"url": f"{site}films/{{{{id}}}}"},
        "feature_view": {"url": f"{guide}#indice-{{{{id}}}}"},
        "preview": {"url": f"{preview}{{{{id}}}}", **PREVIEW_SIZE},
        "suggest": {
            entity: {"service_url": service, "service_path": f"/suggestions/{path}"} for entity, path in suggest_paths.items()
        },
        "extend": {"propose_properties": {"service_url": service, "service_path": "/proprietes"}, "property_settings": []},
        "batchSize": MAX_QUERIES,
    }
