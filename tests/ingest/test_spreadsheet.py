"""A CSV of a small editor: same rules, same report, lines of the file instead of pointers."""

from typing import Any

import pytest

from domain.runs.observation import ObservedEntry
from ingest.catalogue import CheckedDelivery, read_titles
from ingest.refusals import IngestRefusedError
from ingest.spreadsheet import PRODUCT_COLUMNS, TITLE_COLUMNS, read_spreadsheet
from tests.webapp.editors.conftest import CATALOGUE, NOW, EditorClient
from webapp.editors.problems import build_refusal

HEAD = "id_titre;titre;realisateur;annee;id_produit;mode;qualite;langues;prix;lien;fin\n"
PAGE = "https://vod.example.fr/1"
ROWS = (
    f"1;L'Été indien;Élise Carvalho, Ana Sá;2014;1-L;location;HD;VF VOSTFR;3,99;{PAGE};31/12/2026\n"
    f"1;;;;1-A;achat;HD;VF;11.99 €;{PAGE};\n"
    f"2;Cœur;Noé Ré;1999;2-S;SVOD;;VO|AUDIODESCRIPTION;;{PAGE};\n"
)


def read(text: str, delta: bool = False) -> CheckedDelivery:
    return read_titles(read_spreadsheet(text, delta), ["vod.example.fr"], NOW)


def faults(checked: CheckedDelivery) -> list[tuple[Any, ...]]:
    lines = [line for title in checked.titles for payload in [title.to_dict()] for line in (payload, *payload["products"])]
    return [(fault["line"], fault["field"], fault["reason"]) for line in lines for fault in line.get("errors", [])]


def test_the_rows_of_a_title_are_its_products() -> None:
    lines = read(HEAD + ROWS).parcel.observations
    first = lines["1"]
    assert (first.title, first.directors, first.year) == ("L'Été indien", ("Élise Carvalho", "Ana Sá"), 2014)
    assert [(str(offer.access), offer.price_cents, offer.languages) for offer in first.offers] == [
        ("rent", 399, ("VF", "VOSTFR")),
        ("buy", 1199, ("VF",)),
    ]
    assert lines["2"].offers[0].audio_description is True and lines["2"].offers[0].price_cents is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850"])
def test_any_usual_encoding_is_read(sqlite_service: EditorClient, encoding: str) -> None:
    rows = ROWS.replace("€", "EUR").replace("Cœur", "Cour")
    report = sqlite_service.post((HEAD + rows).encode(encoding), kind="text/csv").get_json()
    assert report["state"] == "accepted" and report["counts"]["products"]["accepted"] == 3
    assert sqlite_service.get("catalogue").get_json()["titles"][0]["frTitle"] == "L'Été indien"


def test_commas_capitals_accents_and_the_names_of_the_json_are_read() -> None:
    text = f'idTitleEditor,Titre,Réalisateur,Id produit,MODE,price,url\n1,"Un, deux",Tati,a,TVOD,"2,99",{PAGE}\n'
    (line,) = read(text).parcel.observations.values()
    assert (line.title, line.directors, line.offers[0].price_cents) == ("Un, deux", ("Tati",), 299)


def test_faults_are_told_by_line_and_column() -> None:
    rows = f"3;Trois;;;3-L;vélo;;;2,99;{PAGE};\n1;Autre titre;;;1-X;TVOD;SD;VO;1,99;{PAGE};\n4;Quatre;x\n"
    rows += "5;Cinq;;;5;TVOD;;;2,99;;\n"
    found_faults = faults(read(HEAD + ROWS + rows))
    assert [(line, column) for line, column, _ in found_faults] == [
        (6, "titre"), (5, ""), (5, "mode"), (8, ""), (8, "lien"), (7, ""),
    ]  # fmt: skip
    assert found_faults[0][2] == "autre valeur que ligne 2" and found_faults[-1][2] == "3 cellules au lieu de 11"


def test_columns_are_asked_for_by_name(sqlite_service: EditorClient) -> None:
    answer = sqlite_service.post(b"titre;prix\nUn;2,99\n", kind="text/csv")
    assert answer.status_code == 422
    assert answer.get_json(force=True)["detail"] == "Colonne absente : id_titre, id_produit, mode."


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "fichier vide"), ("<!doctype html><p>", "page HTML"), ("a;a\n1;2\n", "en double"), (HEAD, "aucun titre"),
     (HEAD + '1;"jamais refermé\n', "guillemet"), (HEAD + "\n\n", "aucun titre")],
)  # fmt: skip
def test_what_is_no_table_is_refused_whole(sqlite_service: EditorClient, text: str, words: str) -> None:
    answer = sqlite_service.post(text.encode(), kind="text/csv")
    assert answer.status_code == 422 and words in answer.get_json(force=True)["detail"]


def test_a_csv_may_be_a_delta_and_tell_its_number_of_rows(service: EditorClient) -> None:
    service.post((HEAD + ROWS).encode(), kind="text/csv")
    delta = "id_titre;id_produit;mode;titre;lien;retire\n2;;;;;oui\n3;3-L;TVOD;Trois;https://vod.example.fr/3;non\n4;4;TVOD;Quatre;;?\n"
    signed = {"Authorization": f"Bearer {service.prod_key}", "Content-Type": "text/csv"}
    cut = service.client.post(f"{CATALOGUE}?delivery=delta&totalProducts=9", data=delta.encode(), headers=signed)
    assert cut.status_code == 422 and "9 annoncés, 3 reçus" in cut.get_json(force=True)["detail"]
    report = service.client.post(f"{CATALOGUE}?delivery=delta&totalProducts=3", data=delta.encode(), headers=signed).get_json()
    assert report["state"] == "accepted" and sorted(service.list_open_offers()) == ["1", "3"]
    assert report["removed"] == [{"idTitleEditor": "2", "result": "accepted", "line": 2}]
    assert {"field": "retire", "reason": "oui ou non attendu (true ou false)", "line": 4} in report["titles"][1]["products"][0][
        "errors"
    ]
    assert service.client.post(f"{CATALOGUE}?delivery=tout", data=delta.encode(), headers=signed).status_code == 400


def test_links_to_applications_are_read_in_silence() -> None:
    received = read_spreadsheet(f"id_titre;id_produit;mode;lien_ios;lien_android\n1;1;SVOD;{PAGE};{PAGE}\n", False)
    assert received.warnings == [] and len(received.titles[0].content["editorProduct"][0]) == 4


def test_one_missing_row_is_told_in_the_singular(sqlite_service: EditorClient) -> None:
    signed = {"Authorization": f"Bearer {sqlite_service.prod_key}", "Content-Type": "text/csv"}
    cut = sqlite_service.client.post(f"{CATALOGUE}?totalProducts=1", data=(HEAD + ROWS).encode(), headers=signed)
    assert "1 annoncé, 3 reçus" in cut.get_json(force=True)["detail"]


def test_too_many_cells_are_refused_and_those_of_unknown_columns_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.spreadsheet.MAX_VALUES", 6)
    row = f"1;1;SVOD;{PAGE};x;x;x;x\n"
    head = "id_titre;id_produit;mode;lien;a;b;c;d\n"
    assert len(read_spreadsheet(head + row, False).titles) == 1
    with pytest.raises(IngestRefusedError) as refused:
        read_spreadsheet(head + row * 2, False)
    assert "millions de valeurs au plus" in build_refusal(refused.value).detail


def test_every_field_of_the_contract_has_its_column() -> None:
    row = {"id_titre": "1", "id_produit": "1", "mode": "SVOD", "titre": "Un", "titre_original": "One", "type": "court métrage"}
    row |= {"duree": "1h45", "pays": "France, Italie", "imdb": "tt0060474", "visa": "12345", "support": "DIGITAL", "lien": PAGE}
    row |= {"debut": "2026-01-01", "audiodescription": "oui", "sourds_malentendants": "non", "edition": "restaurée"}
    (line,) = read(";".join(row) + "\n" + ";".join(row.values()) + "\n").parcel.observations.values()
    assert isinstance(line, ObservedEntry) and (line.runtime_min, line.countries, line.kind) == (
        105,
        ("France", "Italie"),
        "short",
    )
    assert line.ids == {"imdb": "tt0060474", "visa": "12345"} and set(row) <= {*TITLE_COLUMNS, *PRODUCT_COLUMNS}
    assert (line.offers[0].audio_description, line.offers[0].sdh, line.offers[0].edition) == (True, False, "restaurée")
