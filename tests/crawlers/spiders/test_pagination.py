"""Which document comes after another; a server that turns in circles is told."""

import pytest

from crawlers.formats.documents import Document
from crawlers.platform_files.sources import DocumentSource, Paging
from crawlers.spiders.pagination import Cursor, build_page_request, get_next_cursor, resolve_url
from domain.common.errors import UserError


def following(paging: dict[str, object], content: object, mark: Cursor, seen: set[Cursor] | None = None) -> Cursor | None:
    rows = content if isinstance(content, list) else []
    document = Document(rows, None, content)
    return get_next_cursor(Paging.model_validate(paging), document, mark, seen or {mark}, "https://a.example/films?p=1")


@pytest.mark.parametrize(
    ("paging", "content", "mark", "expected"),
    [
        ({"by": "total", "path": "pages"}, {"pages": 3}, 2, 3),
        ({"by": "total", "path": "pages"}, {"pages": "3"}, 2, 3),
        ({"by": "total", "path": "pages"}, {"pages": 3}, 3, None),
        ({"by": "total", "path": "pages", "first": 0}, {"pages": 3}, 2, None),
        ({"by": "next", "path": "next"}, {"next": 4}, 3, 4),
        ({"by": "next", "path": "next"}, {"next": None}, 3, None),
        ({"by": "until_empty"}, [1], 3, 4),
        ({"by": "until_empty"}, [], 3, None),
        ({"by": "until_empty", "stop": "[0] == `1`"}, [1], 3, None),
        ({"by": "offset", "size": 50}, [1], 100, 150),
        ({"by": "offset", "size": 50}, [], 100, None),
        ({"by": "offset", "size": 50, "path": "[0].total"}, [{"total": 151}], 100, 150),
        ({"by": "offset", "size": 50, "path": "[0].total"}, [{"total": 150}], 100, None),
        ({"by": "cursor", "path": "c"}, {"c": "x/é"}, "", "x/é"),
        ({"by": "cursor", "path": "c"}, {"c": 12}, "11", "12"),
        ({"by": "cursor", "path": "c"}, {"c": ""}, "x", None),
        ({"by": "next_url", "path": "n"}, {"n": "?p=2"}, "", "https://a.example/films?p=2"),
        ({"by": "next_url", "path": "n"}, {"n": "https://b.example/2"}, "", "https://b.example/2"),
        ({"by": "next_url", "path": "n"}, {}, "", None),
    ],
)
def test_what_follows_is_known(paging: dict[str, object], content: object, mark: Cursor, expected: Cursor | None) -> None:
    assert following(paging, content, mark) == expected


@pytest.mark.parametrize(
    ("by", "content"),
    [("total", {}), ("total", {"n": "trois"}), ("next", {"n": 2}), ("next", {"n": "x"}), ("next", {"n": True}), ("next", [])],
)
def test_a_paging_that_says_nothing_is_told(by: str, content: object) -> None:
    with pytest.raises(UserError, match="page 2 : la suite du catalogue"):
        following({"by": by, "path": "n"} if content != [] else {"by": "next", "path": "{a: `1`}"}, content, 2)


def test_a_list_that_ends_before_its_total_is_told() -> None:
    with pytest.raises(UserError, match="page 100 : page vide, alors que 300 lignes sont annoncées"):
        get_next_cursor(
            Paging.model_validate({"by": "offset", "size": 50, "path": "total"}), Document([], None, {"total": 300}), 100, set()
        )


@pytest.mark.parametrize(("by", "word", "seen"), [("cursor", "b", "b"), ("next_url", "/films", "https://a.example/films")])
def test_a_server_that_turns_in_circles_is_told(by: str, word: str, seen: str) -> None:
    with pytest.raises(UserError, match="renvoie à une page déjà lue"):
        following({"by": by, "path": "n"}, {"n": word}, "c", {"a", seen})


@pytest.mark.parametrize("word", [["a"], {"a": 1}, True, "x" * 9000])
def test_a_cursor_that_is_no_word_is_told(word: object) -> None:
    with pytest.raises(UserError, match="la suite du catalogue n'est pas indiquée"):
        following({"by": "cursor", "path": "n"}, {"n": word}, "a")


@pytest.mark.parametrize("address", ["http://[", "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/x"])
def test_what_is_no_web_address_is_told(address: str) -> None:
    with pytest.raises(UserError, match="adresse illisible"):
        resolve_url("https://a.example/", address)


def test_a_cursor_is_escaped_in_addresses_and_bodies() -> None:
    paging = {"by": "cursor", "path": "c"}
    source = DocumentSource.model_validate(
        {"kind": "api", "url": "https://a.example/f?after={cursor}", "body": '{"after": "{cursor}"}', "pages": paging}
    )
    assert build_page_request(source, "") == ("https://a.example/f?after=", '{"after": ""}')
    assert build_page_request(source, 'a&b="\ud800') == (
        "https://a.example/f?after=a%26b%3D%22%3F",
        '{"after": "a&b=\\"\\ud800"}',
    )
