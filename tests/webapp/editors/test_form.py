"""Test the page for editors without a program: a key and a file in, a readable report out."""

import gzip
import io
from datetime import timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from tests.ingest.test_spreadsheet import HEAD, ROWS
from tests.webapp.editors.conftest import SAMPLE, EditorClient


def send(
    service: EditorClient, content: bytes, key: str | None = None, name: str = "catalogue.csv", kind: str = "full"
) -> TestResponse:
    form = {"cle": service.prod_key if key is None else key, "livraison": kind, "fichier": (io.BytesIO(content), name)}
    return service.client.post("/editeurs/", data=form, buffered=True)


def test_the_page_says_what_to_send_and_sets_no_cookie(sqlite_service: EditorClient) -> None:
    answer = sqlite_service.client.get("/editeurs/")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    for words in ("id_titre", "GRATUIT_AVEC_PUBLICITE", "/editeurs/v1/schema.json", 'type="password"', "refus-totaux"):
        assert words in answer.text


def test_what_is_read_without_being_used_is_not_listed(sqlite_service: EditorClient) -> None:
    page = sqlite_service.client.get("/editeurs/").text
    assert "lien_ios" not in page and "lien_android" not in page and "COMPATIBILITE_MAC" not in page


def test_a_repeated_report_says_when_the_file_was_first_received(
    sqlite_service: EditorClient, clock: time_machine.Traveller
) -> None:
    send(sqlite_service, (HEAD + ROWS).encode())
    clock.shift(timedelta(minutes=20))
    again = send(sqlite_service, (HEAD + ROWS).encode()).text
    assert "avait déjà été reçu" in again and "14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}37" in again


@pytest.mark.parametrize(("more", "message"), [(1, "1\N{NO-BREAK SPACE}autre ligne&"), (2, "2\N{NO-BREAK SPACE}autres lignes&")])
def test_the_lines_left_out_of_the_page_are_counted(sqlite_service: EditorClient, more: int, message: str) -> None:
    answer = send(sqlite_service, (HEAD + "".join(f"{number};Un;x\n" for number in range(200 + more))).encode())
    assert message in answer.text


@pytest.mark.parametrize("content", [(HEAD + ROWS).encode("cp1252"), gzip.compress((HEAD + ROWS).encode(), mtime=0)])
def test_a_file_is_delivered_and_its_report_shown(sqlite_service: EditorClient, content: bytes) -> None:
    answer = send(sqlite_service, content)
    assert answer.status_code == 200 and "acceptée</h1>" in answer.text and "tout a été accepté tel quel" in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and len(sqlite_service.list_open_offers()) == 2


def test_a_json_file_is_known_by_itself_and_a_key_says_whether_it_counts(sqlite_service: EditorClient) -> None:
    answer = send(sqlite_service, SAMPLE.read_bytes(), sqlite_service.recette_key, "x.json")
    assert "Essai" in answer.text and "acceptable</h1>" in answer.text and sqlite_service.list_runs() == []


def test_what_is_wrong_is_told_by_line(sqlite_service: EditorClient) -> None:
    answer = send(sqlite_service, (HEAD + ROWS + "3;<b>Trois</b>;;;<script>x;vélo;;;2,99;;\n").encode())
    assert "ligne 5" in answer.text and "<code>mode</code>" in answer.text and "vélo" in answer.text
    assert "<script>" not in answer.text and "&lt;script&gt;x" in answer.text


def test_a_held_delivery_says_why(sqlite_service: EditorClient) -> None:
    answer = send(
        sqlite_service, (HEAD + ROWS.replace("location", "vélo").replace("achat", "à vélo").replace("SVOD", "?")).encode()
    )
    assert "en attente</h1>" in answer.text and "Pourquoi elle attend" in answer.text


def test_one_apostrophe_is_used_on_the_page(sqlite_service: EditorClient) -> None:
    refused = send(sqlite_service, b"\x00\x00")
    send(sqlite_service, (HEAD + ROWS).encode())
    held = send(sqlite_service, (HEAD + ROWS.replace("L'Été indien", "Deux").replace("Cœur", "Trois")).encode())
    assert "ce n’est pas du texte" in refused.text and "sous un autre nom qu’à la dernière collecte" in held.text
    assert "'" not in sqlite_service.client.get("/editeurs/v1/schema.json").text


@pytest.mark.parametrize(
    ("key", "content", "status", "words"),
    [
        ("", b"x", 401, "Une clé est attendue"),
        ("ouvoir_prod_x", b"x", 401, "mal recopiée"),
        (None, b"", 422, "Choisissez un fichier"),
        (None, b"\x00\x00", 400, "pas du texte"),
        (None, b"a;b\n1;2\n", 422, "Colonne absente"),
        (None, b'{"editorTitles": 3}', 422, "liste attendue"),
    ],
)
def test_a_refusal_is_told_on_the_page(
    sqlite_service: EditorClient, key: str | None, content: bytes, status: int, words: str
) -> None:
    answer = send(sqlite_service, content, key)
    assert answer.status_code == status and words in answer.text and sqlite_service.prod_key not in answer.text


def test_a_form_without_its_file_is_told(sqlite_service: EditorClient) -> None:
    answer = sqlite_service.client.post("/editeurs/", data={"cle": sqlite_service.prod_key})
    assert answer.status_code == 422 and "Choisissez un fichier" in answer.text
