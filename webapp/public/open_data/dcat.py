"""The catalogue of open data in DCAT-AP 3, as data.gouv.fr and the European portal harvest it: JSON-LD, Turtle, RDF/XML."""

from typing import NamedTuple

from flask import Blueprint, Response, abort, request
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from opendata.manifest import LATEST, LICENCE, LICENCE_NAME, DataFile, DataSet, Manifest
from webapp.public.about import facts
from webapp.public.about.contact import contact_link
from webapp.public.open_data.exports import find_export

pages = Blueprint("open_data_catalogue", __name__)
_SPDX = Namespace("http://spdx.org/rdf/terms#")
_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU = Namespace("http://publications.europa.eu/resource/authority/")
_MEDIA = Namespace("https://www.iana.org/assignments/media-types/")
_TITLE = "Données ouvertes d’OùVoir"
_DESCRIPTION = "Où chaque film peut être vu légalement en France : films et identifiants, services, offres, couverture."
_KEPT = "public, max-age=300"


class _Form(NamedTuple):
    parser: str
    mimetype: str


_FORMS = {
    "jsonld": _Form("json-ld", "application/ld+json"),
    "ttl": _Form("turtle", "text/turtle; charset=utf-8"),
    "xml": _Form("xml", "application/rdf+xml; charset=utf-8"),
}
_FORMATS = {
    "csv": ("CSV", "file-type/CSV", "text/csv"),
    "parquet": ("Parquet", "file-type/PARQUET", "application/vnd.apache.parquet"),
    "json": ("JSON", "file-type/JSON", "application/json"),
}


@pages.get("/catalog.<any(jsonld, ttl, xml):form>")
@pages.get("/catalog-datagouv.<any(jsonld, ttl, xml):form>", defaults={"sums": XSD.string})
def catalogue(form: str, sums: URIRef = XSD.hexBinary) -> Response:
    """The catalogue of the latest export; 404 before the first: one that is empty would tell harvesters that all is withdrawn.

    DCAT-AP wants sums typed as hexBinary; the harvester of data.gouv.fr (udata 17.18) then refuses the whole data set, hence
    its own address, where they are plain text and all else is the same.
    """
    found = find_export(LATEST)
    if found is None:
        abort(404)
    kind = _FORMS[form]
    graph = describe(found.manifest, request.host_url.rstrip("/"), sums)
    made = graph.serialize(format=kind.parser, encoding="utf-8", auto_compact=True) if form == "jsonld" else None
    body = made or graph.serialize(format=kind.parser, encoding="utf-8")
    answer = Response(body, content_type=kind.mimetype)
    answer.headers["Cache-Control"] = _KEPT
    answer.last_modified = found.manifest.at
    return answer


def describe(manifest: Manifest, root: str, sums: URIRef) -> Graph:
    """An export as a graph, its files at the addresses of the latest one, under the site's own address; `sums` is their type."""
    graph = Graph()
    for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("spdx", _SPDX), ("vcard", _VCARD)):
        graph.bind(prefix, space)
    here = URIRef(f"{root}/donnees#catalogue")
    title = f"{_TITLE} (démonstration)" if manifest.demonstration else _TITLE
    _say(graph, here, (RDF.type, DCAT.Catalog), (DCTERMS.title, _french(title)), (DCTERMS.description, _french(_DESCRIPTION)))
    language = _typed(graph, _EU["language/FRA"], DCTERMS.LinguisticSystem)
    home, publisher = _typed(graph, URIRef(f"{root}/"), FOAF.Document), _publisher(graph, root)
    modified = Literal(manifest.at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    licence = _licence(graph)
    _say(graph, here, (DCTERMS.language, language), (FOAF.homepage, home), (DCTERMS.license, licence))
    _say(graph, here, (DCTERMS.publisher, publisher), (DCTERMS.modified, modified))
    for told in manifest.sets:
        graph.add((here, DCAT.dataset, _dataset(graph, told, root, modified, publisher)))
        for file in told.data_files:
            checksum = URIRef(f"{root}/donnees#{told.name}-{file.format}-sha256")
            graph.add((checksum, _SPDX.checksumValue, Literal(file.sha256, datatype=sums)))
    return graph


def _dataset(graph: Graph, told: DataSet, root: str, modified: Literal, publisher: Node) -> URIRef:
    here = URIRef(f"{root}/donnees#{told.name}")
    _say(graph, here, (RDF.type, DCAT.Dataset), (DCTERMS.identifier, Literal(str(here))), (DCTERMS.modified, modified))
    _say(graph, here, (DCTERMS.title, _french(told.title)), (DCTERMS.description, _french(told.description)))
    _say(graph, here, *((DCAT.keyword, _french(word)) for word in told.keywords))
    _say(graph, here, (DCAT.landingPage, _typed(graph, URIRef(f"{root}/donnees"), FOAF.Document)))
    _say(graph, here, (DCTERMS.publisher, publisher), (DCTERMS.language, _EU["language/FRA"]))
    _say(graph, here, (DCTERMS.accrualPeriodicity, _typed(graph, _EU["frequency/DAILY"], DCTERMS.Frequency)))
    _say(graph, here, (DCTERMS.spatial, _typed(graph, _EU["country/FRA"], DCTERMS.Location)))
    _say(graph, here, (DCAT.theme, _theme(graph)))
    if contact := _contact(graph, root):
        graph.add((here, DCAT.contactPoint, contact))
    schema = _schema(graph, told, root)
    if schema:
        graph.add((here, DCTERMS.conformsTo, schema))
    for file in told.data_files:
        graph.add((here, DCAT.distribution, _distribution(graph, told, file, root, modified, schema)))
    return here


def _distribution(graph: Graph, told: DataSet, file: DataFile, root: str, modified: Literal, schema: URIRef | None) -> URIRef:
    name, kind, media = _FORMATS[file.format]
    here = URIRef(f"{root}/donnees#{told.name}-{file.format}")
    address = _typed(graph, URIRef(f"{root}/donnees/{LATEST}/{file.name}"), RDFS.Resource)
    _say(graph, here, (RDF.type, DCAT.Distribution), (DCTERMS.title, _french(f"{told.title} ({name})")))
    _say(graph, here, (DCAT.accessURL, address), (DCAT.downloadURL, address), (DCTERMS.modified, modified))
    _say(graph, here, (DCTERMS.format, _typed(graph, _EU[kind], DCTERMS.MediaTypeOrExtent)))
    _say(graph, here, (DCAT.mediaType, _typed(graph, _MEDIA[media], DCTERMS.MediaType)))
    _say(graph, here, (DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    _say(graph, here, (DCTERMS.license, URIRef(LICENCE)), (_SPDX.checksum, _checksum(graph, here, file)))
    if schema:
        graph.add((here, DCTERMS.conformsTo, schema))
    return here


def _checksum(graph: Graph, distribution: URIRef, file: DataFile) -> URIRef:
    here = URIRef(f"{distribution}-sha256")
    algorithm = _typed(graph, _SPDX.checksumAlgorithm_sha256, _SPDX.ChecksumAlgorithm)
    _say(graph, here, (RDF.type, _SPDX.Checksum), (_SPDX.algorithm, algorithm))
    return here


def _schema(graph: Graph, told: DataSet, root: str) -> URIRef | None:
    if told.schema_file is None:
        return None
    here = _typed(graph, URIRef(f"{root}/donnees/{LATEST}/{told.schema_file.name}"), DCTERMS.Standard)
    graph.add((here, DCTERMS.title, _french(f"Table Schema : {told.title}")))
    return here


def _licence(graph: Graph) -> URIRef:
    here = _typed(graph, URIRef(LICENCE), DCTERMS.LicenseDocument)
    graph.add((here, DCTERMS.title, _french(LICENCE_NAME)))
    return here


def _theme(graph: Graph) -> URIRef:
    """Education, culture and sport, in the words of the European portal."""
    here = _typed(graph, _EU["data-theme/EDUC"], SKOS.Concept)
    graph.add((here, SKOS.prefLabel, _french("Éducation, culture et sport")))
    return here


def _publisher(graph: Graph, root: str) -> URIRef:
    """Who `data/operator.toml` names; a catalogue must have a publisher, so one that nobody named is said not to be."""
    here = _typed(graph, URIRef(f"{root}/mentions-legales#editeur"), FOAF.Agent)
    _say(graph, here, (FOAF.name, _french(facts.operator().name or "OùVoir (éditeur non renseigné)")))
    return here


def _contact(graph: Graph, root: str) -> URIRef | None:
    """The mailbox or page of OUVOIR_CONTACT; None when there is none."""
    link = contact_link()
    if link is None:
        return None
    here = _typed(graph, URIRef(f"{root}/contact#contact"), _VCARD.Kind)
    by = _VCARD.hasEmail if link.startswith("mailto:") else _VCARD.hasURL
    _say(graph, here, (_VCARD.fn, _french(facts.operator().name or "OùVoir")), (by, URIRef(link)))
    return here


def _say(graph: Graph, subject: URIRef, *told: tuple[Node, Node]) -> None:
    for predicate, value in told:
        graph.add((subject, predicate, value))


def _typed(graph: Graph, subject: URIRef, kind: URIRef) -> URIRef:
    graph.add((subject, RDF.type, kind))
    return subject


def _french(text: str) -> Literal:
    return Literal(text, lang="fr")
