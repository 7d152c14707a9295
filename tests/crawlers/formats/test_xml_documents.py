"""XML is read as dictionaries; what could harm is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.formats.xml_documents import load_xml
from domain.common.errors import UserError
from tests.crawlers.conftest import PAGES

ATTRIBUTES = [b"a%d=''" % number for number in range(201)]


def test_attributes_texts_and_repeated_children() -> None:
    text = '<a xmlns:n="urn:n" n:k="1">x<n:b>1</n:b><b/><c>  </c><d e="2">é</d><f><![CDATA[<&>]]></f></a>'
    assert load_xml(text.encode(), "x") == {
        "a": {"@k": "1", "#text": "x", "b": ["1", None], "c": None, "d": {"@e": "2", "#text": "é"}, "f": "<&>"}
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "iso-8859-15"])
def test_the_encoding_that_a_document_declares_is_obeyed(encoding: str) -> None:
    assert load_xml(f'<?xml version="1.0" encoding="{encoding}"?><a>Élan</a>'.encode(encoding), "x") == {"a": "Élan"}
    assert load_xml("<a>Élan</a>".encode("cp1252"), "x", "cp1252") == {"a": "Élan"}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "https://elsewhere.example/a.dtd"><a/>',
        "<a>&inconnu;</a>",
        "<a><b></a>",
        "<a>",
        "",
        '<?xml version="1.0" encoding="klingon"?><a/>',
        "<a>" * 200 + "</a>" * 200,
    ],
)
def test_hostile_or_cut_documents_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="^x : XML coupé, illisible ou interdit"):
        load_xml(text.encode(), "x")


def test_a_web_page_and_a_flood_are_told() -> None:
    with pytest.raises(UserError, match="page HTML reçue au lieu d'un XML"):
        load_xml(b"<!doctype html><p>robot ?", "x")
    with pytest.raises(UserError, match="XML démesuré"):
        load_xml(b"<a>" + b"<b/>" * 4_000_001 + b"</a>", "x")


@pytest.mark.parametrize(
    "inside", [b"<b c=''/>" * 800_000, b"<b><c/></b>" * 800_000, b"=" * 20_001, b"<b %b/>" % b" ".join(ATTRIBUTES)]
)
def test_few_signs_that_make_many_values_are_told(inside: bytes) -> None:
    with pytest.raises(UserError, match="x : XML démesuré"):
        load_xml(b"<a>" + inside + b"</a>", "x")


@given(st.binary(max_size=200) | st.text(alphabet='<>/ab="&;!', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        load_xml(data, "x")
    except UserError as problem:
        assert "\n" not in str(problem)


def test_a_catalogue_keeps_its_texts_with_their_attributes() -> None:
    films = load_xml((PAGES / "generic-films.xml").read_bytes(), "x")["catalogue"]["films"]["film"]
    assert films[0]["titre"] == {"@langue": "fr", "#text": "Les Marées hautes"}
    assert films[2]["titre"]["#text"] == "L'Élan & la neige"
