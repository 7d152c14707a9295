"""CSV as people send it."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.csv_reader import decode_bytes, decompress_gzip, parse_table, read_table
from domain.common.errors import UserError

TABLE = "id;titre\r\n1;L'Été meurtrier\r\n2;À bout de souffle\r\n3;Où gît votre sourire enfoui ?\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850"])
def test_usual_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.encode(encoding))
    assert next(read_table(path, ["id"])).cells["titre"] == "L'Été meurtrier"


def test_gzip_is_read_and_a_cut_one_is_said(tmp_path: Path) -> None:
    packed = gzip.compress((TABLE * 50).encode())
    assert decompress_gzip(packed, "x.gz") == (TABLE * 50).encode()
    with pytest.raises(UserError, match="x.gz : fichier gzip tronqué"):
        decompress_gzip(packed[:-20], "x.gz")


def test_a_gzip_larger_than_its_place_is_said() -> None:
    packed = gzip.compress(b"x" * 5_000)
    assert decompress_gzip(packed, "x.gz", 5_000) == b"x" * 5_000
    with pytest.raises(UserError, match="x.gz : fichier gzip démesuré"):
        decompress_gzip(packed, "x.gz", 4_999)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_is_read_and_a_cell_may_hold_one(end: str) -> None:
    rows = parse_table(end.join(["id,titre", '1,"Mon\noncle"', "2,Playtime\u2028"]), "x.csv", ["id"])
    assert [row.cells for row in rows] == [{"id": "1", "titre": "Mon\noncle"}, {"id": "2", "titre": "Playtime"}]


def test_the_delimiter_may_be_told() -> None:
    assert next(parse_table("id|a,b,c\n1|x\n", "x.csv", ["id"], "|")).cells == {"id": "1", "a,b,c": "x"}


def test_a_broken_utf8_text_names_its_line() -> None:
    with pytest.raises(UserError, match="x.csv, ligne 3 : octets illisibles"):
        decode_bytes("é\né\n".encode() + b"\xff\xfe\n", "x.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE html><title>Robot ?</title>", "page HTML"),
        ("", "fichier vide"),
        ("<!-- robot -->\n<html><p>Vérification", "page HTML"),
        ("id,titre,titre\n1,a,b\n", "colonne en double : titre"),
        ("nom,titre\n1,x\n", "ligne 1 : colonne absente : id"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_table(text, "x.csv", ["id"])


def test_a_bad_line_is_named_and_the_rest_is_read() -> None:
    rows = list(parse_table('id,titre\n1,Playtime\n2\n3,"Mon ""oncle"""\n', "x.csv", ["id"]))
    assert [(row.line, row.fault is None) for row in rows] == [(2, True), (3, False), (4, True)]
    assert rows[1].fault == "1 cellule au lieu de 2" and rows[2].cells["titre"] == 'Mon "oncle"'


def test_a_quote_never_closed_is_said_rather_than_lose_the_rest() -> None:
    with pytest.raises(UserError, match="x.csv, ligne 2 : guillemet jamais refermé"):
        list(parse_table('id,titre\n1,"Playtime\n2,Mon oncle\n', "x.csv", ["id"]))


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_one_clear_line(data: bytes) -> None:
    try:
        list(parse_table(decode_bytes(decompress_gzip(data, "x"), "x"), "x", ["id"]))
    except UserError as problem:
        assert "\n" not in str(problem)
