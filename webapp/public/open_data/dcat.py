"""The catalogue of open data in DCAT-AP 3, as data.gouv.fr and the European portal harvest it: JSON-LD, Turtle, RDF/XML."""

from typing import NamedTuple

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
@bp.get("/catalog-datagouv.<any(jsonld, ttl, xml):form>", defaults={"sums": XSD.string})
def show_catalogue(form: str, sums: URIRef = XSD.hexBinary) -> Response:
    """The catalogue of the latest export; 404 before the first: one that is empty would tell harvesters that all is withdrawn.

    DCAT-AP wants sums typed as hexBinary; the harvester of data.gouv.fr (udata 17.18) then refuses the whole data set, hence
    its own address, where they are plain text and all else is the same.
    """
    found = find_export(LATEST_NAME)
    if found is None:
        abort(404)
    kind = _SERIALIZATIONS[form]
    graph = build_graph(found.manifest, request.host_url.rstrip("/"), sums)
    made = graph.serialize(format=kind.parser, encoding="utf-8", auto_compact=True) if form == "jsonld" else None
    body = made or graph.serialize(format=kind.parser, encoding="utf-8")
    answer = Response(body, content_type=kind.mimetype)
    answer.headers["Cache-Control"] = _CACHE_CONTROL
    answer.last_modified = found.manifest.at
    return answer


def build_graph(manifest: Manifest, root: str, sums: URIRef) -> Graph:
    """An export as a graph, its files at the addresses of the latest one, under the site's own address; `sums` is their type."""
    graph = Graph()
    for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("spdx", _SPDX), ("vcard", _VCARD)):
        graph.bind(prefix, space)
    here = URIRef(f"{root}/donnees#catalogue")
    title = f"{_TITLE} (démonstration)" if manifest.demonstration else _TITLE
    _add_triples(
        graph,
        here,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, _build_french_literal(title)),
        (DCTERMS.description, _build_french_literal(_DESCRIPTION)),
    )
    language = _add_typed_node(graph, _EU["language/FRA"], DCTERMS.LinguisticSystem)
    home, publisher = _add_typed_node(graph, URIRef(f"{root}/"), FOAF.Document), _add_publisher(graph, root)
    modified = Literal(manifest.at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    licence = _add_licence(graph)
    _add_triples(graph, here, (DCTERMS.language, language), (FOAF.homepage, home), (DCTERMS.license, licence))
    _add_triples(graph, here, (DCTERMS.publisher, publisher), (DCTERMS.modified, modified))
    for told in manifest.sets:
        graph.add((here, DCAT.dataset, _add_dataset(graph, told, root, modified, publisher)))
        for file in told.data_files:
            checksum = URIRef(f"{root}/donnees#{told.name}-{file.format}-sha256")
            graph.add((checksum, _SPDX.checksumValue, Literal(file.sha256, datatype=sums)))
    return graph


def _add_dataset(graph: Graph, dataset: DataSet, root: str, modified: Literal, publisher: Node) -> URIRef:
    here = URIRef(f"{root}/donnees#{dataset.name}")
    _add_triples(graph, here, (RDF.type, DCAT.Dataset), (DCTERMS.identifier, Literal(str(here))), (DCTERMS.modified, modified))
    _add_triples(
        graph,
        here,
        (DCTERMS.title, _build_french_literal(dataset.title)),
        (DCTERMS.description, _build_french_literal(dataset.description)),
    )
    _add_triples(graph, here, *((DCAT.keyword, _build_french_literal(word)) for word in dataset.keywords))
    _add_triples(graph, here, (DCAT.landingPage, _add_typed_node(graph, URIRef(f"{root}/donnees"), FOAF.Document)))
    _add_triples(graph, here, (DCTERMS.publisher, publisher), (DCTERMS.language, _EU["language/FRA"]))
    _add_triples(graph, here, (DCTERMS.accrualPeriodicity, _add_typed_node(graph, _EU["frequency/DAILY"], DCTERMS.Frequency)))
    _add_triples(graph, here, (DCTERMS.spatial, _add_typed_node(graph, _EU["country/FRA"], DCTERMS.Location)))
    _add_triples(graph, here, (DCAT.theme, _add_theme(graph)))
    if contact := _add_contact(graph, root):
        graph.add((here, DCAT.contactPoint, contact))
    schema = _add_schema(graph, dataset, root)
    if schema:
        graph.add((here, DCTERMS.conformsTo, schema))
    for file in dataset.data_files:
        graph.add((here, DCAT.distribution, _add_distribution(graph, dataset, file, root, modified, schema)))
    return here


def _add_distribution(
    graph: Graph, dataset: DataSet, file: DataFile, root: str, modified: Literal, schema: URIRef | None
) -> URIRef:
    name, kind, media = _FORMATS[file.format]
    here = URIRef(f"{root}/donnees#{dataset.name}-{file.format}")
    address = _add_typed_node(graph, URIRef(f"{root}/donnees/{LATEST_NAME}/{file.name}"), RDFS.Resource)
    _add_triples(graph, here, (RDF.type, DCAT.Distribution), (DCTERMS.title, _build_french_literal(f"{dataset.title} ({name})")))
    _add_triples(graph, here, (DCAT.accessURL, address), (DCAT.downloadURL, address), (DCTERMS.modified, modified))
    _add_triples(graph, here, (DCTERMS.format, _add_typed_node(graph, _EU[kind], DCTERMS.MediaTypeOrExtent)))
    _add_triples(graph, here, (DCAT.mediaType, _add_typed_node(graph, _MEDIA[media], DCTERMS.MediaType)))
    _add_triples(graph, here, (DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    _add_triples(graph, here, (DCTERMS.license, URIRef(LICENCE_URL)), (_SPDX.checksum, _add_checksum(graph, here, file)))
    if schema:
        graph.add((here, DCTERMS.conformsTo, schema))
    return here


def _add_checksum(graph: Graph, distribution: URIRef, file: DataFile) -> URIRef:
    here = URIRef(f"{distribution}-sha256")
    algorithm = _add_typed_node(graph, _SPDX.checksumAlgorithm_sha256, _SPDX.ChecksumAlgorithm)
    _add_triples(graph, here, (RDF.type, _SPDX.Checksum), (_SPDX.algorithm, algorithm))
    return here


def _add_schema(graph: Graph, dataset: DataSet, root: str) -> URIRef | None:
    if dataset.schema_file is None:
        return None
    here = _add_typed_node(graph, URIRef(f"{root}/donnees/{LATEST_NAME}/{dataset.schema_file.name}"), DCTERMS.Standard)
    graph.add((here, DCTERMS.title, _build_french_literal(f"Table Schema : {dataset.title}")))
    return here


def _add_licence(graph: Graph) -> URIRef:
    here = _add_typed_node(graph, URIRef(LICENCE_URL), DCTERMS.LicenseDocument)
    graph.add((here, DCTERMS.title, _build_french_literal(LICENCE_NAME)))
    return here


def _add_theme(graph: Graph) -> URIRef:
    """Education, culture and sport, in the words of the European portal."""
    here = _add_typed_node(graph, _EU["data-theme/EDUC"], SKOS.Concept)
    graph.add((here, SKOS.prefLabel, _build_french_literal("Éducation, culture et sport")))
    return here


def _add_publisher(graph: Graph, root: str) -> URIRef:
    """Who `data/operator.toml` names; a catalogue must have a publisher, so one that nobody named is said not to be."""
    here = _add_typed_node(graph, URIRef(f"{root}/mentions-legales#editeur"), FOAF.Agent)
    _add_triples(graph, here, (FOAF.name, _build_french_literal(facts.get_operator().name or "OùVoir (éditeur non renseigné)")))
    return here


def _add_contact(graph: Graph, root: str) -> URIRef | None:
    """The mailbox or page of OUVOIR_CONTACT; None when there is none."""
    link = get_contact_link()
    if link is None:
        return None
    here = _add_typed_node(graph, URIRef(f"{root}/contact#contact"), _VCARD.Kind)
    by = _VCARD.hasEmail if link.startswith("mailto:") else _VCARD.hasURL
    _add_triples(graph, here, (_VCARD.fn, _build_french_literal(facts.get_operator().name or "OùVoir")), (by, URIRef(link)))
    return here


def _add_triples(graph: Graph, subject: URIRef, *statements: tuple[Node, Node]) -> None:
    for predicate, value in statements:
        graph.add((subject, predicate, value))


def _add_typed_node(graph: Graph, subject: URIRef, kind: URIRef) -> URIRef:
    graph.add((subject, RDF.type, kind))
    return subject


def _build_french_literal(text: str) -> Literal:
    return Literal(text, lang="fr")
