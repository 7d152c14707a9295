"""Films found by what people remember of them."""

from datetime import datetime

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.common.enums import Access
from domain.db.engine import write_session
from search.results import PAGE_SIZE
from tests.scene import DUNE_1984, DUNE_2021, GUEPARD, LA_FEMME, VADROUILLE, add_film
from tests.search.conftest import AMELIE, COUPS, ORWELL, POULE, SAMURAI, SPACE_2001, SPIDER_MAN, STALKER, Find, get_film_ids
from webapp.core.context import RequestError
from webapp.core.pagination import parse_page
from webapp.core.search_params import parse_query
from webapp.core.title_index import get_index_manager


@pytest.mark.parametrize(
    "query", ["La Grande Vadrouille", "GRANDE VADROUILLE", "grandé  vâdrouille", "vadrouille grande", "Grande Vadrouille (La)"]
)
def test_accents_case_articles_and_order_of_words_do_not_count(find: Find, query: str) -> None:
    results = find(query)
    assert get_film_ids(results) == [VADROUILLE] and results.suggested_title is None


@pytest.mark.parametrize(
    ("query", "film"),
    [
        ("La grande vadrouile", VADROUILLE),
        ("lagrande vadrouille", VADROUILLE),
        ("amelie poulin", AMELIE),
        ("fabuleu destin", AMELIE),
        ("seven samurai", SAMURAI),
        ("les 7 samourais", SAMURAI),
        ("shichinin", SAMURAI),
        ("truffaut 400 coups", COUPS),
        ("400 cou", COUPS),
        ("tarkovsky stalker", STALKER),
        ("spiderman", SPIDER_MAN),
        ("2001", SPACE_2001),
        ("1984", ORWELL),
        ("gattopardo", GUEPARD),
        ("oury 1966", VADROUILLE),
        ("film 2011", POULE),
        ("vadr", VADROUILLE),
    ],
)
def test_what_people_type_finds_the_film_they_mean(find: Find, query: str, film: int) -> None:
    assert get_film_ids(find(query))[0] == film


def test_a_title_that_is_a_year_comes_before_the_films_of_that_year(find: Find) -> None:
    assert get_film_ids(find("1984")) == [ORWELL, DUNE_1984]


def test_a_year_among_the_words_tells_homonyms_apart(find: Find) -> None:
    assert get_film_ids(find("dune 1984"))[0] == DUNE_1984 and get_film_ids(find("dune 2021"))[0] == DUNE_2021


def test_films_on_offer_come_first_among_those_that_look_alike(find: Find) -> None:
    assert get_film_ids(find("dune")) == [DUNE_2021, DUNE_1984]


def test_exact_titles_come_before_those_that_begin_so_and_the_others(site: object, engine: Engine, find_added: Find) -> None:
    with write_session(engine) as session:
        add_film(session, 10, "Être femme")
        add_film(session, 11, "Femme")
        add_film(session, 12, "Femmes au bord de la crise de nerfs", popularity=9.0)
    film_ids = get_film_ids(find_added("femme"))
    assert film_ids[:2] == [11, 12] and set(film_ids) == {10, 11, 12, LA_FEMME}


def test_a_slip_of_the_finger_is_forgiven_and_said(find: Find) -> None:
    near = find("la grande vadrouile")
    assert near.suggested_title == "La Grande Vadrouille" and get_film_ids(near) == [VADROUILLE]


def test_a_release_a_year_after_the_base_s_year_is_the_same_film(find: Find) -> None:
    for query in ("amelie poulain 2002", "poulain 2000", "truffaut 1960", "film kurosawa 1955"):
        assert get_film_ids(find(query))[:1] == [{"a": AMELIE, "p": AMELIE, "t": COUPS, "f": SAMURAI}[query[0]]], query
    assert get_film_ids(find("amelie poulain 1990")) == [AMELIE] and find("amelie poulain 1990").suggested_title is not None
    assert DUNE_1984 not in get_film_ids(find("1985"))


def test_small_words_that_no_title_has_do_not_hide_a_film(find: Find) -> None:
    assert get_film_ids(find("film de truffaut")) == [COUPS] and get_film_ids(find("un film de kurosawa")) == [SAMURAI]


def test_a_title_written_in_one_word_does_not_hide_the_same_in_two(site: object, engine: Engine, find_added: Find) -> None:
    with write_session(engine) as session:
        add_film(session, 50, "Spiderman : le vilain", year=2005)
    find_added("spiderman")
    titles_made(site)
    assert get_film_ids(find_added("spiderman")) == [SPIDER_MAN, 50]
    assert get_film_ids(find_added("spider man")) == [SPIDER_MAN, 50]


def test_a_famous_film_does_not_pass_before_the_very_title(site: object, engine: Engine, find_added: Find) -> None:
    with write_session(engine) as session:
        add_film(session, 51, "Psychose II", popularity=100.0)
        add_film(session, 52, "Psychose")
        add_film(session, 53, "Psychose", popularity=50.0)
    find_added("psychose")
    titles_made(site)
    assert get_film_ids(find_added("psychose")) == [53, 52, 51]


def test_a_close_title_is_shown_after_those_that_have_the_word_and_others_are_not(
    site: object, engine: Engine, find_added: Find
) -> None:
    with write_session(engine) as session:
        add_film(session, 54, "Le Guépart", year=1990)
    find_added("guepard")
    titles_made(site)
    assert get_film_ids(find_added("guepard")) == [GUEPARD, 54]


def test_words_that_no_film_has_find_none(find: Find) -> None:
    queries = ("grande femme xylophone", "zzzz", "%", "_", "'; DROP TABLE film", '"', "\\")
    assert [find(query).total for query in queries] == [0] * 7


def test_a_hit_says_how_to_watch_it_now(find: Find) -> None:
    (hit,) = find("vadrouille").hits
    assert hit.accesses == [Access.CATCH_UP, Access.SUBSCRIPTION, Access.RENT, Access.BUY]


def test_pages_share_the_results_without_repeating_any(site: object, engine: Engine, find_added: Find) -> None:
    with write_session(engine) as session:
        for film_id in range(100, 145):
            add_film(session, film_id, f"Nuit {film_id}")
    pages = [find_added("nuit", page) for page in (1, 2, 3, 4)]
    assert [len(page.hits) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5, 0]
    assert {hit.film.id for page in pages for hit in page.hits} == set(range(100, 145))
    assert {page.pages for page in pages} == {3} and {page.total for page in pages} == {45}


@settings(max_examples=60)
@given(query=st.text(max_size=200))
def test_any_words_are_answered(find: Find, query: str) -> None:
    try:
        parsed = parse_query(query)
    except RequestError:
        return
    results = find(parsed)
    assert len(results.hits) <= PAGE_SIZE and results.total >= len(results.hits)


def titles_made(site: object) -> None:
    assert isinstance(site, Flask)
    with site.app_context():
        get_index_manager().wait_until_ready()


@pytest.mark.parametrize("page", ["0", "-1", "deux", "", "10001", "9" * 30, "1.5"])
def test_a_page_that_is_no_number_is_refused(page: str) -> None:
    with pytest.raises(RequestError):
        parse_page(page)


def test_a_query_too_long_is_refused(moment: datetime) -> None:
    assert parse_query(" dune\0\u202e ") == "dune"
    with pytest.raises(RequestError):
        parse_query("a" * 201)
    with pytest.raises(RequestError):
        parse_query("a " * 21)
