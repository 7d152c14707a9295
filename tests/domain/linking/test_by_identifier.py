"""Films by the numbers they have elsewhere, asked of both databases."""

import pytest
from sqlalchemy import Engine

from domain.db.engine import read_session, write_session
from domain.linking.by_identifier import find_films_by_identifiers
from domain.models.film import FilmIdentifier
from tests.domain.builders import make_film

KNOWN = [("imdb", "tt0060474"), ("cnc", "2021/12"), ("visa", "31222")]


@pytest.fixture
def known(engine: Engine) -> Engine:
    with write_session(engine) as session:
        session.add_all([make_film(film_id, f"Film {film_id}") for film_id in range(len(KNOWN))])
        session.flush()
        session.add_all([FilmIdentifier(film_id=film, scheme=scheme, value=value) for film, (scheme, value) in enumerate(KNOWN)])
    return engine


def test_numbers_are_found_however_they_are_written(known: Engine) -> None:
    identifiers = [("imdb", " TT0060474 "), ("imdb", "tt00060474"), ("visa", "0031222"), ("cnc", " 2021/12 ")]
    with read_session(known) as session:
        assert find_films_by_identifiers(session, identifiers) == dict(zip(identifiers, (0, 0, 2, 1), strict=True))


@pytest.mark.parametrize(
    "wrong", [("imdb", "31222"), ("cnc", "31222"), ("visa", "x"), ("cnc", "\0"), ("cnc", ""), ("imdb", "é" * 99)]
)
def test_other_numbers_are_nobody_s(known: Engine, wrong: tuple[str, str]) -> None:
    with read_session(known) as session:
        assert find_films_by_identifiers(session, [wrong]) == {} and find_films_by_identifiers(session, []) == {}
