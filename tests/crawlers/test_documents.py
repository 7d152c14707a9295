"""Bytes made lines; what is not the document expected is a Problem, in French."""

import gzip

import pytest

from crawlers.documents import Document, next_page, read_document
from crawlers.platform_file import PlatformFile, load_platform
from crawlers.source_tables import Documents, Paging
from records.errors import Problem
from tests.crawlers.conftest import PAGES, PLATFORMS

ORANGE = (PAGES / "orange-vod-partner-utf8bom.csv").read_bytes()


def documents(slug: str) -> tuple[PlatformFile, Documents]:
    platform = load_platform(slug, PLATFORMS)
    assert isinstance(platform.source, Documents)
    return platform, platform.source


@pytest.mark.parametrize(
    ("slug", "body", "said"),
    [
        ("orange", b"<!doctype html><title>captcha", "x : page HTML reçue au lieu d'un CSV"),
        ("orange", ORANGE[: len(ORANGE) * 3 // 5], "x : CSV coupé, sa dernière ligne est incomplète"),
        ("orange", ORANGE.replace(b";Title;", b";Titre;"), "x, ligne 1 : colonne absente : Title"),
        ("orange", b"", "x : fichier vide"),
        ("mubi", b"<html>", "x : page HTML reçue au lieu d'un JSON"),
        ("mubi", b'{"films": [{"id": 1}, {"i', "x : JSON coupé ou illisible"),
        ("mubi", b"[" * 100_000, "x : JSON coupé ou illisible"),
        ("mubi", b'{"titres": []}', "x : la liste des titres manque, le format a changé"),
        ("mubi", gzip.compress(b'{"films": []}' * 50)[:-9], "x : fichier gzip tronqué"),
    ],
)
def test_another_document_than_expected_is_told(slug: str, body: bytes, said: str) -> None:
    with pytest.raises(Problem, match=said):
        read_document(*documents(slug), body, "x")


def test_a_line_of_the_wrong_length_is_told_with_its_number() -> None:
    lines = ORANGE.split(b"\r\n")
    document = read_document(*documents("orange"), b"\r\n".join([lines[0], b"trop;court", *lines[1:]]), "x")
    assert document.faults == ["ligne 2 : 2 cellules au lieu de 23"] and len(document.rows) == 4


def test_a_gzip_document_is_unpacked_and_its_total_read() -> None:
    document = read_document(*documents("mubi"), gzip.compress((PAGES / "mubi-browse-films.json").read_bytes()), "x")
    assert len(document.rows) == 5 and document.announced == 5


@pytest.mark.parametrize(
    ("paging", "content", "page", "following"),
    [
        ({"by": "total", "path": "pages"}, {"pages": 3}, 2, 3),
        ({"by": "total", "path": "pages"}, {"pages": 3}, 3, None),
        ({"by": "total", "path": "pages", "first": 0}, {"pages": 3}, 2, None),
        ({"by": "next", "path": "next"}, {"next": 4}, 3, 4),
        ({"by": "next", "path": "next"}, {"next": None}, 3, None),
        ({"by": "until_empty"}, [1], 3, 4),
        ({"by": "until_empty"}, [], 3, None),
    ],
)
def test_the_next_page_is_known(paging: dict[str, object], content: object, page: int, following: int | None) -> None:
    assert next_page(Paging.model_validate(paging), _document(content), page) == following


@pytest.mark.parametrize(("by", "content"), [("total", {}), ("total", {"n": "3"}), ("next", {"n": 2}), ("next", {"n": "3"})])
def test_a_paging_that_says_nothing_or_turns_in_circles_is_told(by: str, content: object) -> None:
    with pytest.raises(Problem, match="page 2 : la suite du catalogue"):
        next_page(Paging.model_validate({"by": by, "path": "n"}), _document(content), 2)


def _document(content: object) -> Document:
    rows = content if isinstance(content, list) else []
    return Document(rows, [], None, content)
