"""Bytes made lines; what is not the document expected is a Problem, in French."""

import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from crawlers.formats.documents import Document, read_document, read_index
from crawlers.formats.dropped_files import read_dropped_file
from crawlers.items import UnreadableRow
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import DocumentSource
from domain.common.errors import UserError
from tests.crawlers.conftest import FEED, PAGES, PLATFORMS, WriteFile

ORANGE = (PAGES / "orange-vod-partner-utf8bom.csv").read_bytes()
XML = b"<films><page>1</page><film id='1'><title>Playtime</title></film><film id='2'><title>Mon oncle</title></film></films>"


def documents(slug: str) -> tuple[PlatformFile, DocumentSource]:
    return _source(load_platform(slug, PLATFORMS))


def _source(platform: PlatformFile) -> tuple[PlatformFile, DocumentSource]:
    assert isinstance(platform.source, DocumentSource)
    return platform, platform.source


def read(write_file: WriteFile, source_toml: str, body: bytes, alone: bool = False) -> Document:
    platform = write_file(FEED, {'kind = "feed"': f'kind = "feed"\n{source_toml}'})
    return read_document(*_source(platform), body, "x", alone)


@pytest.mark.parametrize(
    ("slug", "body", "message"),
    [
        ("orange", b"<!doctype html><title>captcha", "x : page HTML reçue au lieu d'un CSV"),
        ("orange", ORANGE[: len(ORANGE) * 3 // 5], "x : CSV coupé, sa dernière ligne est incomplète"),
        ("orange", ORANGE.replace(b";Title;", b";Titre;"), "x, ligne 1 : colonne absente : Title"),
        ("orange", b"", "x : fichier vide"),
        ("mubi", b"<html>", "x : page HTML reçue au lieu d'un JSON"),
        ("mubi", b'{"films": [{"id": 1}, {"i', "x : JSON coupé ou illisible"),
        ("mubi", b"[" * 100_000, "x : JSON coupé ou illisible"),
        ("mubi", b'{"n": ' + b"1" * 5_000 + b"}", "x : JSON coupé ou illisible"),
        ("mubi", b"[" + b"0," * 3_000_001 + b"0]", "x : JSON démesuré"),
        ("mubi", b"[" + b"{}," * 750_000 + b"0]", "x : JSON démesuré"),
        ("mubi", b"[" + b"[[]]," * 430_000 + b"0]", "x : JSON démesuré"),
        ("mubi", b'{"titres": []}', "x : la liste des titres manque, le format a changé"),
        ("mubi", b'{"films": {"id": 1}}', "x : la liste des titres manque, le format a changé"),
        ("mubi", gzip.compress(b'{"films": []}' * 50, mtime=0)[:-9], "x : fichier gzip tronqué"),
    ],
)
def test_another_document_than_expected_is_told(slug: str, body: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        list(read_document(*documents(slug), body, "x").rows)


def test_a_bomb_is_told_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"\0" * (80 * 2**20), compresslevel=1)
    with pytest.raises(UserError, match="x : fichier gzip démesuré"):
        read_document(*documents("mubi"), bomb, "x")


def test_a_line_of_the_wrong_length_is_told_with_its_number() -> None:
    lines = ORANGE.split(b"\r\n")
    rows = list(read_document(*documents("orange"), b"\r\n".join([lines[0], b"trop;court", *lines[1:]]), "x").rows)
    assert rows[0] == UnreadableRow("ligne 2 : 2 cellules au lieu de 23") and len(rows) == 5


def test_a_large_csv_is_gone_through_without_being_held(write_file: WriteFile) -> None:
    body = b"id;title;link;price\n" + b"".join(b"%d;Film;/f;2,99\n" % number for number in range(50_000))
    tracemalloc.start()
    rows = read(write_file, 'format = "csv"', body).rows
    assert sum(1 for _ in rows) == 50_000
    assert tracemalloc.get_traced_memory()[1] < 4 * len(body)
    tracemalloc.stop()


def test_a_gzip_document_is_unpacked_and_its_total_read() -> None:
    document = read_document(*documents("mubi"), gzip.compress((PAGES / "mubi-browse-films.json").read_bytes()), "x")
    assert len(list(document.rows)) == 5 and document.announced_total == 5


def test_the_encoding_and_the_delimiter_of_a_file_may_be_told(write_file: WriteFile) -> None:
    body = "id|title|link|price\n1|Où, là; ou ici|/a|2\n".encode("cp850")
    document = read(write_file, 'format = "csv"\nencoding = "cp850"\ndelimiter = "|"', body)
    assert list(document.rows) == [{"id": "1", "title": "Où, là; ou ici", "link": "/a", "price": "2"}]


def test_a_comma_too_many_in_a_json_is_forgiven_but_no_text_is_changed(write_file: WriteFile) -> None:
    body = rb'[{"id": 1, "title": "A,]\",}",}, ]'
    assert read(write_file, "", body).rows == [{"id": 1, "title": 'A,]",}'}]


def test_xml_lines_are_read_with_their_total(write_file: WriteFile) -> None:
    source_toml = 'format = "xml"\nitems = "films.film"\nannounced = "films.page"'
    document = read(write_file, source_toml, XML)
    assert (
        document.rows == [{"@id": "1", "title": "Playtime"}, {"@id": "2", "title": "Mon oncle"}] and document.announced_total == 1
    )
    alone = XML.replace(b"<film id='1'><title>Playtime</title></film>", b"")
    assert read(write_file, source_toml, alone).rows == [{"@id": "2", "title": "Mon oncle"}]
    with pytest.raises(UserError, match="la liste des titres manque"):
        read(write_file, source_toml, b"<films><page>1</page></films>")


def test_an_empty_page_of_xml_has_no_line(write_file: WriteFile) -> None:
    platform = write_file(
        FEED, {'films.json"': 'f?p={page}"\nformat = "xml"\nitems = "films.film"\npages = {by = "until_empty"}'}
    )
    assert read_document(*_source(platform), b"<films/>", "x").rows == []


def test_a_document_that_an_index_lists_may_be_one_line(write_file: WriteFile) -> None:
    assert read(write_file, "", b'{"id": 1}', alone=True).rows == [{"id": 1}]
    assert read(write_file, "", b'[{"id": 1}]', alone=True).rows == [{"id": 1}]
    with pytest.raises(UserError, match="la liste des titres manque"):
        read(write_file, "", b'{"id": 1}')


def test_an_index_gives_its_items_or_is_told(write_file: WriteFile) -> None:
    _, source = _source(write_file(FEED, {'kind = "feed"': 'kind = "feed"\ndetails = {path = "locations"}'}))
    assert read_index(source, b'{"locations": ["/a", 2]}', "x").rows == ["/a", 2]
    assert read_index(source, b'{"locations": []}', "x").rows == []
    with pytest.raises(UserError, match="x : la liste des fiches manque"):
        read_index(source, b'{"lieux": []}', "x")


def test_a_rule_that_a_document_breaks_is_told(write_file: WriteFile) -> None:
    with pytest.raises(UserError, match="document illisible par ses règles"):
        read(write_file, "items = \"films[?contains(name, 'a')]\"", b'{"films": [{}]}')


def test_a_secret_echoed_by_a_document_is_not_read(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAI_SECRET", "nom:mot-de-passe")
    source_toml = 'auth = {scheme = "basic", secret = "ESSAI_SECRET"}'
    rows = read(
        write_file, source_toml, b'[{"a": "nom:mot-de-passe", "b": "bm9tOm1vdC1kZS1wYXNzZQ==", "c": "=mot-de-passe"}]'
    ).rows
    assert rows == [{"a": "[secret]", "b": "[secret]", "c": "=[secret]"}]


def test_a_dropped_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "orange").mkdir()
    (tmp_path / "orange" / "a.csv").write_bytes(b"abc")
    assert read_dropped_file("file:orange/a.csv", tmp_path, 3) == b"abc"
    with pytest.raises(UserError, match="orange/a.csv : fichier de plus de"):
        read_dropped_file("file:orange/a.csv", tmp_path, 2)


@pytest.mark.parametrize(
    ("name", "message"), [("none", "introuvable"), ("folder", "ordinaire|dossier"), ("../up", "hors du dossier")]
)
def test_no_other_file_than_those_dropped_is_read(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "up").write_bytes(b"x")
    (tmp_path / "drop" / "folder").mkdir(parents=True)
    with pytest.raises(UserError, match=message):
        read_dropped_file(f"file:{name}", tmp_path / "drop", 10)


def test_links_out_of_the_drop_folder_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"x")
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "link").symlink_to(tmp_path / "up")
    (drop / "loop").symlink_to("loop")
    os.mkfifo(drop / "pipe")
    for name, message in (("link", "hors du dossier"), ("loop", "illisible"), ("pipe", "fichier ordinaire")):
        with pytest.raises(UserError, match=message):
            read_dropped_file(f"file:{name}", drop, 10)


def test_a_large_catalogue_is_no_flood(write_file: WriteFile) -> None:
    line = b'{"id": 1, "title": "X", "people": ["A", "B"], "offers": [{"price": 2.99, "hd": true}]' + b', "a": 1' * 8 + b"},"
    assert len(list(read(write_file, "", b"[" + line * 100_000 + b"{}]").rows)) == 100_001
