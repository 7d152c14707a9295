"""The page of lists: a table and a CSV for what was sent, and nothing kept."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import select

from domain.common.enums import Access
from domain.db.engine import read_session, write_session
from domain.models.public_use import UnfoundTitle
from domain.offers.neutral_order import sort_in_neutral_order
from search.requested_film import MAX_BYTES, MAX_LINES
from tests.conftest import NOW
from tests.scene import DUNE_2021, add_film, add_service, make_offer
from tests.webapp.public.lists.conftest import STRADA, build_site
from webapp.core.work_slots import WorkSlots
from webapp.public.lists import views
from webapp.public.lists.table import _escape_formula

LIST = "La Strada, Fellini\nDune\nzzzz xylophone\nSorti hier 2026\nLes 400 coups (1959)"


@pytest.fixture
def reader(site: Flask) -> FlaskClient:
    return site.test_client()


def post(client: FlaskClient, titles: str = "", **fields: object) -> str:
    answer = client.post("/liste", data={"titres": titles, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def rows(page: str) -> list[str]:
    """Return the text of each cell of the table, row by row."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in body.split("</tr>")[:-1]]


def kept(page: str) -> str:
    match = re.search(r'name="liste" value="([^"]*)"', page)
    assert match
    return unescape(match[1])


def cells(client: FlaskClient, page: str, **fields: object) -> list[list[str]]:
    answer = client.post("/liste", data={"liste": kept(page), "forme": "csv", **fields})
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_form_asks_for_titles_or_a_file(client: FlaskClient) -> None:
    page = client.get("/liste").text
    assert "<textarea" in page and 'type="file"' in page and "<script" not in page.replace('<script type="module"', "")


def test_the_table_says_for_each_line_in_its_order_what_became_of_it(reader: FlaskClient) -> None:
    page = post(reader, LIST)
    strada, dune, unknown, recent, coups = rows(page)
    assert "La Strada (1954, Federico Fellini)" in strada and "Gratuit : Rare Exemple" in strada
    assert "à vérifier Peut-être Dune" in dune and "Location" not in dune and "Exemple" not in dune
    assert "introuvable" in unknown and "Signaler ce film introuvable" in unknown
    assert "Location et achat possibles à partir du 4 mars 2027, sauf dérogation." in recent
    assert "Par abonnement : Rare Exemple" in coups
    assert "5 titres, 3 trouvés, 1 à vérifier, 2 à voir en ce moment, 1 gratuitement." in page.replace("\xa0", " ")
    assert 'href="/introuvable?titre=zzzz+xylophone"' in page and 'href="/recherche?q=Dune"' in page


def test_services_stand_in_the_neutral_order_of_the_film_and_the_period(reader: FlaskClient, sqlite_engine: Engine) -> None:
    slugs = [f"service-{index}" for index in range(6)]
    with write_session(sqlite_engine) as session:
        for slug in slugs:
            add_service(session, slug, slug, NOW, {DUNE_2021: [make_offer(Access.FREE)]})
    drawn = sort_in_neutral_order(slugs, DUNE_2021, NOW, str)
    page = post(reader, "Dune 2021")
    assert "Gratuit : " + ", ".join(drawn) in rows(page)[0]
    assert "Ordre tiré au sort pour la période commençant à 14" in page


def test_my_services_narrow_the_table_and_others_are_counted(reader: FlaskClient) -> None:
    page = post(reader, "La Strada, Fellini\nLes 400 coups (1959)", services="second")
    strada, coups = rows(page)
    assert "Location : Second Exemple" in strada and "Rare" not in strada
    assert coups.endswith("Pas sur vos services, mais sur 1 autre service.")
    again = post(reader, liste=kept(page), services="rare")
    assert "Par abonnement : Rare Exemple" in rows(again)[1]
    assert re.search(r'value="rare" checked', again)


def test_the_csv_says_what_the_table_says_and_weighs_what_is_told(reader: FlaskClient) -> None:
    page = post(reader, LIST)
    header, *lines = cells(reader, page)
    assert header[:6] == ["Ligne", "Demandé", "État", "Film", "Année", "Réalisation"]
    strada = dict(zip(header, lines[0], strict=True))
    assert (strada["Film"], strada["Gratuit"], strada["État"]) == ("La Strada", "Rare Exemple", "trouvé")
    assert set(strada["Location"].split(", ")) == {"Rare Exemple", "Second Exemple"}
    assert strada["Page"] == f"http://localhost/films/{STRADA}-la-strada"
    dune = dict(zip(header, lines[1], strict=True))
    assert dune["État"] == "à vérifier" and not any(dune[access] for access in header[6:13])
    size = len(reader.post("/liste", data={"liste": kept(page), "forme": "csv"}).data)
    assert f"CSV, {size}" in page.replace("\u202f", "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "'="])
def test_no_cell_of_the_csv_is_a_formula(reader: FlaskClient, sqlite_engine: Engine, sign: str) -> None:
    evil = sign + 'cmd|"/c calc"!A1'
    with write_session(sqlite_engine) as session:
        add_film(session, 90, evil)
    rows = cells(reader, post(reader, titles=f"{evil}\n"))
    assert all(cell[:1] not in "=+-@＝\t\r" or not cell for row in rows for cell in row)
    assert rows[1][1].lstrip("'") == evil.lstrip("'") and rows[1][3].lstrip("'") == evil.lstrip("'")


def test_a_file_is_read_and_nothing_hostile_is_shown_as_it_is(reader: FlaskClient) -> None:
    data = "\ufefftitre;année\n<script>alert(1)</script>;1999\nLa Strada;1954\nun;deux;trois\n".encode()
    page = post(reader, fichier=(io.BytesIO(data), "../../etc/passwd"))
    assert "<script>alert" not in page and "passwd" not in page
    assert [row.startswith("La Strada (1954)") for row in rows(page)] == [False, True, False]
    assert "Ligne 4 illisible : plus de cellules que de colonnes" in rows(page)[2]


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"titres": "  \n"}, 400, "La liste est vide"),
        ({"titres": "Dune", "fichier": (io.BytesIO(b"Dune"), "x.csv")}, 400, "pas les deux à la fois"),
        ({"titres": "Dune\nx\0y"}, 400, "Ligne 2"),
        ({"titres": "x" * 400}, 400, "Ligne 1"),
        ({"titres": "Dune\n" * (MAX_LINES + 1)}, 400, "plus de 500 lignes"),
        ({"fichier": (io.BytesIO(b'titre,annee\n"Dune,2021\n'), "x.csv")}, 400, "Ligne 2"),
        ({"liste": "{"}, 400, "est abîmée"),
    ],
)
def test_a_list_that_cannot_be_taken_is_told_above_the_form(
    client: FlaskClient, fields: dict[str, object], status: int, sentence: str
) -> None:
    answer = client.post("/liste", data=fields, content_type="multipart/form-data")
    assert answer.status_code == status and answer.headers["Cache-Control"] == "no-store"
    alert = answer.text.split('role="alert">')[1].split("</p>")[0]
    assert sentence in unescape(alert) and "<textarea" in answer.text


@pytest.mark.parametrize(("weight", "status"), [(MAX_BYTES + 1, 400), (4 * MAX_BYTES, 413)])
def test_a_list_that_weighs_too_much_is_told_so(client: FlaskClient, weight: int, status: int) -> None:
    body = b"titres=" + b"x" * weight
    answer = client.post("/liste", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status and "pèse plus de" in answer.text


def test_lists_beyond_what_the_server_takes_at_once_are_asked_to_wait(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots: WorkSlots = client.application.extensions[views.SLOTS_KEY]
    monkeypatch.setattr(slots, "timeout", 0)
    with slots.reserve("busy"), slots.reserve("busy"):
        answer = client.post("/liste", data={"titres": "Dune"})
        assert answer.status_code == 503 and "dans un instant" in answer.text and ">\nDune</textarea>" in answer.text
    assert client.post("/liste", data={"titres": "Dune"}).status_code == 200


def test_what_was_typed_is_still_there_when_it_is_refused(client: FlaskClient) -> None:
    answer = client.post("/liste", data={"titres": "</textarea><b>Dune\n" + "x" * 400})
    assert "&lt;/textarea&gt;&lt;b&gt;Dune" in answer.text


def test_an_unknown_service_is_refused(client: FlaskClient) -> None:
    assert client.post("/liste", data={"titres": "Dune", "services": "nulle-part"}).status_code == 400


@pytest.fixture
def queries(sqlite_engine: Engine) -> Callable[[Callable[[], object]], int]:
    def count(act: Callable[[], object]) -> int:
        seen: list[str] = []
        listen = lambda *facts: seen.append(facts[2])  # noqa: E731
        event.listen(sqlite_engine, "before_cursor_execute", listen)
        act()
        event.remove(sqlite_engine, "before_cursor_execute", listen)
        return len([query for query in seen if query.startswith("SELECT")])

    return count


def test_a_long_list_asks_as_few_queries_as_a_short_one(
    reader: FlaskClient, queries: Callable[[Callable[[], object]], int]
) -> None:
    header = "Const,Title,Year\n"
    post(reader, "Dune")
    short = queries(lambda: post(reader, header + "tt0047528,La Strada,1954\nx,Les 400 coups,1959\n"))
    many = header + "tt0047528,La Strada,1954\nx,Les 400 coups,1959\ny,zzzz,1999\nz,Dune,\n" * (MAX_LINES // 4)
    assert queries(lambda: post(reader, many)) == short <= 14


def test_nothing_of_a_list_is_counted_or_kept(reader: FlaskClient, sqlite_engine: Engine) -> None:
    post(reader, "zzzz xylophone")
    with read_session(sqlite_engine) as session:
        assert session.exec(select(UnfoundTitle)).all() == []


def test_the_page_exists_in_english(reader: FlaskClient) -> None:
    assert reader.get("/en/liste").status_code == 200
    assert reader.post("/en/liste", data={"titres": "La Strada, Fellini"}).status_code == 200


def test_both_databases_answer_alike(engine: Engine, moment: object) -> None:
    page = post(build_site(engine, NOW).test_client(), "tt0047528\nLa Grande Vadrouille\nDune\nzzzz\ntt0060474 x")
    strada, vadrouille, dune, unknown, numbered = rows(page)
    assert "Rare Exemple" in strada and "Ciné Exemple" in vadrouille and "Peut-être" in dune and "introuvable" in unknown
    assert "La Grande Vadrouille" in numbered


def test_a_line_of_many_cells_has_its_table_and_its_csv(reader: FlaskClient) -> None:
    page = post(reader, "\t".join(["La Strada", *("x" for _ in range(100))]))
    assert "La Strada" in page and len(cells(reader, page)) == 2


def test_a_formula_behind_spaces_is_text_in_the_file(reader: FlaskClient) -> None:
    rows = cells(reader, post(reader, "x\n« \u2003=1+1 »\n=2+2"))
    assert [row[1] for row in rows if "2+2" in row[1]] == ["'=2+2"]
    assert (
        _escape_formula("\u00a0 =1+1") == "'\u00a0 =1+1"
        and _escape_formula(" \t@x") == "' \t@x"
        and _escape_formula("a=1") == "a=1"
    )


def test_a_film_of_another_year_is_said_to_be_so_and_doubts_are_counted(reader: FlaskClient) -> None:
    page = post(reader, "La Strada 1999\nDune")
    assert "pas de l’année demandée" in rows(page)[0] and "portent ce titre" in rows(page)[1]
    assert "2\xa0à vérifier" in page
