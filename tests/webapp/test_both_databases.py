"""SQLite and PostgreSQL give the same answers."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.scene import build_scene
from webapp.app import create_app

ADDRESSES = ["/", "/recherche?q=dune", "/recherche?q=e", "/recherche?q=la+grande+vadrouile", "/films/1-la-grande-vadrouille"]
ADDRESSES += ["/films/2-le-guepard", "/films/2147483647", "/widget/1", "/integrer", "/couverture", "/couverture.csv"]
ADDRESSES += [
    "/recherche?acces=location,achat&version=vf&audiodescription=1&qualite=hd",
    "/recherche?q=dune&services=cine&pays=france",
]
ADDRESSES += [
    "/recherche?disponible=1&sme=1&decennie=1960&genre=film",
    "/suggestions?q=vad",
    "/films/3-dune",
    "/nouveautes",
    "/gratuit",
]
ADDRESSES += ["/derniers-jours", "/patrimoine", "/decennies/1960", "/realisations/gerard-oury", "/services", "/services/cine"]
ADDRESSES += ["/sortie/1", "/fenetres", "/signalements", "/films/1/atom.xml", "/sitemap.xml", "/plan-du-site"]
ADDRESSES += ["/api/v1/films?q=dune", "/api/v1/films?q=%00", "/api/v1/films/1", "/api/v1/films/2147483648"]
ADDRESSES += [
    "/sortie/1",
    "/sortie/999",
    "/oembed?url=http://localhost/films/1",
    "/sitemap.xml",
    "/sitemaps/0.xml",
    "/sitemaps/1.xml",
]


def test_both_databases_give_the_same_answers(client: FlaskClient, postgresql_engine: Engine, moment: datetime) -> None:
    build_scene(postgresql_engine, moment)
    other = create_app(postgresql_engine).test_client()
    for address in ADDRESSES:
        expected, answer = client.get(address), other.get(address)
        assert (answer.status_code, answer.text) == (expected.status_code, expected.text), address
