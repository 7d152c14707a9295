"""Only well-formed identifiers are evidence."""

import pytest

from domain.common.identifiers import parse_identifier, parse_identifiers


@pytest.mark.parametrize(
    ("scheme", "written", "read"),
    [
        ("imdb", "tt0133093", "tt0133093"),
        ("imdb", " TT0133093 ", "tt0133093"),
        ("imdb", "tt10872600", "tt10872600"),
        ("tmdb", "603", "603"),
        ("allocine", "0019776", "19776"),
        ("senscritique", "367862", "367862"),
        ("wikidata", "http://www.wikidata.org/entity/Q83495", "Q83495"),
        ("visa", "97533", "97533"),
        ("isan", "ISAN 0000-0000-3A8D-0000-Z-0000-0000-6", "000000003A8D0000"),
        ("isan", "0000-0000-3a8d-0000-z", "000000003A8D0000"),
        ("isan", "000000003A8D0000", "000000003A8D0000"),
        ("eidr", "10.5240/7791-8534-2C23-9030-8610-5", "10.5240/7791-8534-2C23-9030-8610-5"),
        ("eidr", " 10.5240/7791-8534-2c23-9030-8610-5", "10.5240/7791-8534-2C23-9030-8610-5"),
        ("eidr", "https://doi.org/10.5240/7791-8534-2C23-9030-8610-5", "10.5240/7791-8534-2C23-9030-8610-5"),
        ("eidr", "urn:eidr:10.5240:7791-8534-2C23-9030-8610-5", "10.5240/7791-8534-2C23-9030-8610-5"),
    ],
)
def test_an_identifier_has_one_form(scheme: str, written: str, read: str) -> None:
    assert parse_identifier(scheme, written) == read


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("imdb", "0133093"),
        ("imdb", "tt0000000"),
        ("imdb", "nm0000206"),
        ("tmdb", "603-the-matrix"),
        ("allocine", "0"),
        ("wikidata", "P345"),
        ("wikidata", "http://www.wikidata.org/.well-known/genid/0123abcd"),
        ("visa", "٩٧٥٣٣"),
        ("isan", "0000-0000-3A8D-0000-Y"),
        ("isan", "0000-0000-3A8D-0000-Z-0000-0000-7"),
        ("isan", "0000"),
        ("eidr", "10.5240/7791-8534-2C23-9030-8610-6"),
        ("eidr", "10.5240/7791-8534-2C23-9030-8610"),
        ("eidr", "10.5239/7791-8534-2C23-9030-8610-5"),
        ("eidr", "7791853"),
    ],
)
def test_a_wrong_identifier_is_no_identifier(scheme: str, written: str) -> None:
    assert parse_identifier(scheme, written) is None


def test_unknown_schemes_and_blanks_are_left_out() -> None:
    assert parse_identifiers([("imdb", "tt0133093"), ("tmdb", ""), ("douban", "1291843")]) == {("imdb", "tt0133093")}
