"""Publish the catalogue of open data in DCAT-AP 3, for data.gouv.fr and the European portal: JSON-LD, Turtle, RDF/XML."""

from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, request
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from opendata.manifest import LATEST_NAME, LICENCE_NAME, LICENCE_URL, DataFile, DataSet, Manifest
from webapp.public.about import facts
from webapp.public.about.contact import get_contact_link
from webapp.public.open_data.exports import find_export

bp = Blueprint("open_data_catalogue", __name__)
_SPDX = Namespace("http://spdx.org/rdf/terms#")
_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU = Namespace("http://publications.europa.eu/resource/authority/")
_MEDIA = Namespace("https://www.iana.org/assignments/media-types/")
_TITLE = "Données ouvertes d’OùVoir"
_DESCRIPTION = "Où chaque film peut être vu légalement en France : films et identifiants, services, offres, couverture."
_CACHE_CONTROL = "public, max-age=300"


class _Serialization(NamedTuple):
    parser: str
    mimetype: str


_SERIALIZATIONS = {
    "jsonld": _Serialization("json-ld", "application/ld+json"),
    "ttl": _Serialization("turtle", "text/turtle; charset=utf-8"),
    "xml": _Serialization("xml", "application/rdf+xml; charset=utf-8"),
}
_FORMATS = {
    "csv": ("CSV", "file-type/CSV", "text/csv"),
    "parquet": ("Parquet", "file-type/PARQUET", "application/vnd.apache.parquet"),
    "json": ("JSON", "file-type/JSON", "application/json"),
}


@bp.get("/catalog.<any(jsonld, ttl, xml):form>")
@bp.get("/catalog-datagouv.<any(jsonld, ttl, xml):form>", defaults={"checksum_type": XSD.string})
def show_catalogue(form: str, checksum_type: URIRef = XSD.hexBinary) -> Response:
    """Send the catalogue of the latest export; 404 before the first: an empty one would tell harvesters that all is withdrawn.

    DCAT-AP wants sums typed as hexBinary; the harvester of data.gouv.fr (udata 17.18) then refuses the whole data set, hence
    its own address, where they are plain text and all else is the same.
    """
    export = find_export(LATEST_NAME)
    if export is None:
        abort(404)
    serialization = _SERIALIZATIONS[form]
    graph = build_graph(export.manifest, request.host_url.rstrip("/"), checksum_type)
    options: dict[str, Any] = {"auto_compact": True} if form == "jsonld" else {}
    body = graph.serialize(format=serialization.parser, encoding="utf-8", **options)
    response = Response(body, content_type=serialization.mimetype)
    response.headers["Cache-Control"] = _CACHE_CONTROL
    response.last_modified = export.manifest.at
    return response


def build_graph(manifest: Manifest, root: str, checksum_type: URIRef) -> Graph:
    """Return an export as a graph, its files at the addresses of the latest one under the site's root.

    `checksum_type` is the datatype of checksums.
    """
    graph = Graph()
    for prefix, namespace in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("spdx", _SPDX), ("vcard", _VCARD)):
        graph.bind(prefix, namespace)
    catalogue = URIRef(f"{root}/donnees#catalogue")
    title = f"{_TITLE} (démonstration)" if manifest.demonstration else _TITLE
    _add_triples(
        graph,
        catalogue,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, _build_french_literal(title)),
        (DCTERMS.description, _build_french_literal(_DESCRIPTION)),
    )
    language = _add_typed_node(graph, _EU["language/FRA"], DCTERMS.LinguisticSystem)
    home = _add_typed_node(graph, URIRef(f"{root}/"), FOAF.Document)
    publisher = _add_publisher(graph, root)
    modified = Literal(manifest.at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    licence = _add_licence(graph)
    _add_triples(graph, catalogue, (DCTERMS.language, language), (FOAF.homepage, home), (DCTERMS.license, licence))
    _add_triples(graph, catalogue, (DCTERMS.publisher, publisher), (DCTERMS.modified, modified))
    for dataset in manifest.sets:
        graph.add((catalogue, DCAT.dataset, _add_dataset(graph, dataset, root, modified, publisher)))
        for file in dataset.data_files:
            checksum = URIRef(f"{root}/donnees#{dataset.name}-{file.format}-sha256")
            graph.add((checksum, _SPDX.checksumValue, Literal(file.sha256, datatype=checksum_type)))
    return graph


def _add_dataset(graph: Graph, dataset: DataSet, root: str, modified: Literal, publisher: Node) -> URIRef:
    dataset_node = URIRef(f"{root}/donnees#{dataset.name}")
    _add_triples(
        graph,
        dataset_node,
        (RDF.type, DCAT.Dataset),
        (DCTERMS.identifier, Literal(str(dataset_node))),
        (DCTERMS.modified, modified),
    )
    _add_triples(
        graph,
        dataset_node,
        (DCTERMS.title, _build_french_literal(dataset.title)),
        (DCTERMS.description, _build_french_literal(dataset.description)),
    )
    _add_triples(graph, dataset_node, *((DCAT.keyword, _build_french_literal(word)) for word in dataset.keywords))
    _add_triples(graph, dataset_node, (DCAT.landingPage, _add_typed_node(graph, URIRef(f"{root}/donnees"), FOAF.Document)))
    _add_triples(graph, dataset_node, (DCTERMS.publisher, publisher), (DCTERMS.language, _EU["language/FRA"]))
    _add_triples(
        graph, dataset_node, (DCTERMS.accrualPeriodicity, _add_typed_node(graph, _EU["frequency/DAILY"], DCTERMS.Frequency))
    )
    _add_triples(graph, dataset_node, (DCTERMS.spatial, _add_typed_node(graph, _EU["country/FRA"], DCTERMS.Location)))
    _add_triples(graph, dataset_node, (DCAT.theme, _add_theme(graph)))
    contact = _add_contact(graph, root)
    if contact:
        graph.add((dataset_node, DCAT.contactPoint, contact))
    schema = _add_schema(graph, dataset, root)
    if schema:
        graph.add((dataset_node, DCTERMS.conformsTo, schema))
    for file in dataset.data_files:
        graph.add((dataset_node, DCAT.distribution, _add_distribution(graph, dataset, file, root, modified, schema)))
    return dataset_node


def _add_distribution(
    graph: Graph, dataset: DataSet, file: DataFile, root: str, modified: Literal, schema: URIRef | None
) -> URIRef:
    name, file_type, media_type = _FORMATS[file.format]
    distribution = URIRef(f"{root}/donnees#{dataset.name}-{file.format}")
    file_url = _add_typed_node(graph, URIRef(f"{root}/donnees/{LATEST_NAME}/{file.name}"), RDFS.Resource)
    _add_triples(
        graph, distribution, (RDF.type, DCAT.Distribution), (DCTERMS.title, _build_french_literal(f"{dataset.title} ({name})"))
    )
    _add_triples(graph, distribution, (DCAT.accessURL, file_url), (DCAT.downloadURL, file_url), (DCTERMS.modified, modified))
    _add_triples(graph, distribution, (DCTERMS.format, _add_typed_node(graph, _EU[file_type], DCTERMS.MediaTypeOrExtent)))
    _add_triples(graph, distribution, (DCAT.mediaType, _add_typed_node(graph, _MEDIA[media_type], DCTERMS.MediaType)))
    _add_triples(graph, distribution, (DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    _add_triples(
        graph, distribution, (DCTERMS.license, URIRef(LICENCE_URL)), (_SPDX.checksum, _add_checksum(graph, distribution, file))
    )
    if schema:
        graph.add((distribution, DCTERMS.conformsTo, schema))
    return distribution


def _add_checksum(graph: Graph, distribution: URIRef, file: DataFile) -> URIRef:
    checksum = URIRef(f"{distribution}-sha256")
    algorithm = _add_typed_node(graph, _SPDX.checksumAlgorithm_sha256, _SPDX.ChecksumAlgorithm)
    _add_triples(graph, checksum, (RDF.type, _SPDX.Checksum), (_SPDX.algorithm, algorithm))
    return checksum


def _add_schema(graph: Graph, dataset: DataSet, root: str) -> URIRef | None:
    if dataset.schema_file is None:
        return None
    schema_node = _add_typed_node(graph, URIRef(f"{root}/donnees/{LATEST_NAME}/{dataset.schema_file.name}"), DCTERMS.Standard)
    graph.add((schema_node, DCTERMS.title, _build_french_literal(f"Table Schema : {dataset.title}")))
    return schema_node


def _add_licence(graph: Graph) -> URIRef:
    licence = _add_typed_node(graph, URIRef(LICENCE_URL), DCTERMS.LicenseDocument)
    graph.add((licence, DCTERMS.title, _build_french_literal(LICENCE_NAME)))
    return licence


def _add_theme(graph: Graph) -> URIRef:
    """Add the theme « education, culture and sport » of the European portal."""
    theme = _add_typed_node(graph, _EU["data-theme/EDUC"], SKOS.Concept)
    graph.add((theme, SKOS.prefLabel, _build_french_literal("Éducation, culture et sport")))
    return theme


def _add_publisher(graph: Graph, root: str) -> URIRef:
    """Add the publisher that `data/operator.toml` names; a catalogue must have one, so an unnamed one is described as such."""
    publisher = _add_typed_node(graph, URIRef(f"{root}/mentions-legales#editeur"), FOAF.Agent)
    _add_triples(
        graph, publisher, (FOAF.name, _build_french_literal(facts.get_operator().name or "OùVoir (éditeur non renseigné)"))
    )
    return publisher


def _add_contact(graph: Graph, root: str) -> URIRef | None:
    """Add the mailbox or page of OUVOIR_CONTACT; None when there is none."""
    link = get_contact_link()
    if link is None:
        return None
    contact = _add_typed_node(graph, URIRef(f"{root}/contact#contact"), _VCARD.Kind)
    predicate = _VCARD.hasEmail if link.startswith("mailto:") else _VCARD.hasURL
    name = facts.get_operator().name or "OùVoir"
    _add_triples(graph, contact, (_VCARD.fn, _build_french_literal(name)), (predicate, URIRef(link)))
    return contact


def _add_triples(graph: Graph, subject: URIRef, *statements: tuple[Node, Node]) -> None:
    for predicate, value in statements:
        graph.add((subject, predicate, value))


def _add_typed_node(graph: Graph, subject: URIRef, rdf_type: URIRef) -> URIRef:
    graph.add((subject, RDF.type, rdf_type))
    return subject


def _build_french_literal(text: str) -> Literal:
    return Literal(text, lang="fr")
