"""What is opened is listed with its size and licence, served whole or in part, and described to harvesters."""

from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, XSD
from sqlalchemy import Engine, update

from domain.common.enums import LegalBasis
from domain.db.engine import write_session
from domain.models.platform import Platform
from opendata.export import export_open_data
from opendata.manifest import Manifest
from webapp.public.about import facts

SPDX = Namespace("http://spdx.org/rdf/terms#")
FORMS = {
    "jsonld": ("json-ld", "application/ld+json"),
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "xml": ("xml", "application/rdf+xml; charset=utf-8"),
}
READ_JSON_LD = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # said by RDFLib of its own reader


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUVOIR_OPEN_DATA", str(tmp_path / "opendata"))
    return tmp_path / "opendata"


@pytest.fixture
def made(client: FlaskClient, folder: Path, sqlite_engine: Engine, moment: datetime) -> Manifest:
    """Export the scene as that of a site whose services are true."""
    with write_session(sqlite_engine) as session:
        session.execute(update(Platform).values(legal_basis=LegalBasis.CONTRACT))
    return export_open_data(sqlite_engine, folder, moment)


def test_a_site_that_never_exported_says_so(client: FlaskClient, folder: Path) -> None:
    page = client.get("/donnees")
    assert page.status_code == 200 and "Aucun export n’a encore été fait" in page.text
    assert client.get("/catalog.ttl").status_code == client.get("/donnees/latest/manifest.json").status_code == 404


def test_the_page_leads_to_every_file_and_each_answers(client: FlaskClient, made: Manifest) -> None:
    page = client.get("/donnees").text
    for file in made.iter_files():
        address = f"/donnees/latest/{file.name}"
        answer = client.get(address)
        assert f'href="{address}"' in page
        assert (answer.status_code, len(answer.data), answer.headers["ETag"]) == (200, file.size, f'"{file.sha256}"')
    assert "Licence Ouverte 2.0" in page and "22&nbsp;novembre" in page.replace("\xa0", "&nbsp;") and "Parquet (" in page


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("offres_du_jour.csv", "text/csv; charset=utf-8"),
        ("offres_du_jour.parquet", "application/vnd.apache.parquet"),
        ("offres_du_jour.schema.json", "application/json"),
        ("media_actions.json", "application/json"),
        ("LISEZMOI.txt", "text/plain; charset=utf-8"),
        ("manifest.json", "application/json"),
    ],
)
def test_files_have_their_type_and_any_site_may_read_them(client: FlaskClient, made: Manifest, name: str, kind: str) -> None:
    answer = client.get(f"/donnees/latest/{name}", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Type"] == kind and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Encoding" not in answer.headers and answer.headers["Cache-Control"] == "public, max-age=300"


def test_a_part_may_be_asked_for_and_what_did_not_change_is_not_sent_again(client: FlaskClient, made: Manifest) -> None:
    address = "/donnees/latest/offres_du_jour.csv"
    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=3-9", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[3:10])
    assert part.headers["Content-Range"] == f"bytes 3-9/{len(whole.data)}"
    assert client.get(address, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert client.head(address).headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    "address",
    [
        *("/donnees/2026-11-21", "/donnees/x", "/donnees/latest", "/donnees/20261122", "/donnees/latest/base.db"),
        *("/donnees/.versions/x", "/donnees/latest/../../ouvoir.db", "/donnees/latest/%2e%2e%2fouvoir.db"),
        *("/donnees/2026-11-21/offres_du_jour.csv", "/catalog.n3"),
    ],
)
def test_nothing_else_is_served(client: FlaskClient, made: Manifest, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_day_keeps_its_address(
    client: FlaskClient, made: Manifest, sqlite_engine: Engine, folder: Path, moment: datetime
) -> None:
    export_open_data(sqlite_engine, folder, moment.replace(day=23))
    assert 'href="/donnees/2026-11-22"' in client.get("/donnees").text
    before = client.get("/donnees/2026-11-22")
    assert before.status_code == 200 and 'href="/donnees/2026-11-22/offres_du_jour.csv"' in before.text
    old = client.get("/donnees/2026-11-22/offres_du_jour.csv")
    assert old.headers["Cache-Control"] == "public, max-age=86400" and old.status_code == 200


def test_invented_data_are_never_shown_by_a_true_site_nor_the_reverse(
    client: FlaskClient, made: Manifest, sqlite_engine: Engine
) -> None:
    with write_session(sqlite_engine) as session:
        session.execute(update(Platform).values(legal_basis=LegalBasis.INVENTED))
    assert client.get("/donnees/latest/offres_du_jour.csv").status_code == 404
    assert "Aucun export" in client.get("/donnees").text


def test_a_demonstration_says_what_its_files_are(
    client: FlaskClient, folder: Path, sqlite_engine: Engine, moment: datetime
) -> None:
    export_open_data(sqlite_engine, folder, moment)
    page = client.get("/donnees").text
    assert "Ne publiez ni ne réutilisez ces fichiers" in page and "/donnees/latest/demonstration_services.csv" in page
    assert "démonstration" in client.get("/catalog.ttl").text


def test_the_page_is_in_the_map_and_in_english(client: FlaskClient, made: Manifest) -> None:
    assert 'href="/donnees"' in client.get("/plan-du-site").text and "/donnees</loc>" in client.get("/sitemaps/0.xml").text
    assert 'href="/donnees/latest/services.csv"' in client.get("/en/donnees").text


def graph_of(client: FlaskClient, address: str, form: str) -> Graph:
    answer = client.get(address)
    parser, kind = FORMS[form]
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    return Graph().parse(data=answer.data, format=parser)


@READ_JSON_LD
def test_the_catalogue_says_the_same_in_its_three_forms(client: FlaskClient, made: Manifest) -> None:
    graphs = [graph_of(client, f"/catalog.{form}", form) for form in FORMS]
    assert isomorphic(graphs[0], graphs[1]) and isomorphic(graphs[1], graphs[2])
    assert len(set(graphs[0].subjects(RDF.type, DCAT.Dataset))) == len(made.sets)


def test_the_catalogue_meets_what_harvesters_want(client: FlaskClient, made: Manifest) -> None:
    shapes = Graph().parse(Path(__file__).with_name("catalogue_shapes.ttl"))
    graph = graph_of(client, "/catalog.ttl", "ttl")
    conforms, _, report = validate(graph, shacl_graph=shapes)
    assert conforms, report
    some = next(graph.subjects(RDF.type, DCAT.Distribution))
    graph.remove((some, DCTERMS.license, None))
    assert not validate(graph, shacl_graph=shapes)[0]


def test_the_catalogue_for_data_gouv_differs_by_the_type_of_sums_only(client: FlaskClient, made: Manifest) -> None:
    official, theirs = (graph_of(client, f"/catalog{which}.ttl", "ttl") for which in ("", "-datagouv"))
    for checksum, _, value in list(theirs.triples((None, SPDX.checksumValue, None))):
        theirs.set((checksum, SPDX.checksumValue, Literal(str(value), datatype=XSD.hexBinary)))
    assert isomorphic(official, theirs) and len(official) > 300


@READ_JSON_LD
def test_sums_sizes_and_schemas_are_those_of_the_files(client: FlaskClient, made: Manifest) -> None:
    graph = graph_of(client, "/catalog-datagouv.jsonld", "jsonld")
    for file in (file for dataset in made.sets for file in dataset.data_files):
        address = URIRef(f"http://localhost/donnees/latest/{file.name}")
        (distribution,) = graph.subjects(DCAT.downloadURL, address)
        size, checksum = graph.value(distribution, DCAT.byteSize), graph.value(distribution, SPDX.checksum)
        assert str(size) == str(file.size) and str(graph.value(checksum, SPDX.checksumValue)) == file.sha256
    schemas = {str(schema) for schema in graph.objects(None, DCTERMS.conformsTo)}
    assert schemas == {
        f"http://localhost/donnees/latest/{dataset.schema_file.name}" for dataset in made.sets if dataset.schema_file
    }


def test_a_publisher_and_a_contact_are_told_when_somebody_said(
    client: FlaskClient, made: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "éditeur non renseigné" in client.get("/catalog.ttl").text
    assert "contactPoint" not in client.get("/catalog.jsonld").text
    monkeypatch.setattr(facts, "get_operator", lambda: facts.Operator(name="Centre d’exemple"))
    monkeypatch.setenv("OUVOIR_CONTACT", "donnees@exemple.fr")
    document = client.get("/catalog.xml").text
    assert "Centre d’exemple" in document and "mailto:donnees@exemple.fr" in document
