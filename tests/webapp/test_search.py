"""Films found by the words of their titles."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from records.database import reading, writing
from records.vocabulary import Access
from tests.webapp.scene import DUNE_1984, DUNE_2021, GUEPARD, LA_FEMME, VADROUILLE, add_film, build_scene
from webapp.context import Refusal
from webapp.search import PAGE_SIZE, Results, read_page, read_query, search_films


@pytest.fixture
def scene(engine: Engine, moment: datetime) -> Engine:
    build_scene(engine, moment)
    return engine


def found(engine: Engine, query: str, at: datetime, page: int = 1) -> Results:
    with reading(engine) as session:
        return search_films(session, query, page, at)


def numbers(engine: Engine, query: str, at: datetime) -> list[int]:
    return [hit.film.id for hit in found(engine, query, at).hits]


@pytest.mark.parametrize(
    "query", ["La Grande Vadrouille", "GRANDE VADROUILLE", "grandé  vâdrouille", "vadrouille grande", "Grande Vadrouille (La)"]
)
def test_accents_case_articles_and_order_of_words_do_not_count(scene: Engine, moment: datetime, query: str) -> None:
    assert numbers(scene, query, moment) == [VADROUILLE]


def test_an_original_title_finds_the_film(scene: Engine, moment: datetime) -> None:
    assert numbers(scene, "gattopardo", moment) == [GUEPARD]


def test_a_year_among_the_words_tells_homonyms_apart(scene: Engine, moment: datetime) -> None:
    assert numbers(scene, "dune 1984", moment) == [DUNE_1984]


def test_available_films_come_first_within_a_rank(scene: Engine, moment: datetime) -> None:
    assert numbers(scene, "dune", moment) == [DUNE_2021, DUNE_1984]


def test_exact_titles_come_before_those_that_begin_so_and_the_others(scene: Engine, moment: datetime) -> None:
    with writing(scene) as session:
        add_film(session, 10, "Être femme")
        add_film(session, 11, "Femme")
        add_film(session, 12, "Femmes au bord de la crise de nerfs", popularity=9.0)
    assert numbers(scene, "femme", moment) == [11, 12, LA_FEMME, 10]


def test_all_words_must_be_found(scene: Engine, moment: datetime) -> None:
    assert numbers(scene, "grande femme", moment) == []


def test_a_misspelt_end_is_forgiven_and_said(scene: Engine, moment: datetime) -> None:
    near = found(scene, "la grande vadrouile", moment)
    assert near.near and [hit.film.id for hit in near.hits] == [VADROUILLE]


def test_a_hit_says_how_to_watch_it_now(scene: Engine, moment: datetime) -> None:
    (hit,) = found(scene, "vadrouille", moment).hits
    assert hit.accesses == [Access.CATCH_UP, Access.SUBSCRIPTION, Access.RENT, Access.BUY]


def test_pages_share_the_results_without_repeating_any(scene: Engine, moment: datetime) -> None:
    with writing(scene) as session:
        for number in range(100, 145):
            add_film(session, number, f"Nuit {number}")
    pages = [found(scene, "nuit", moment, page) for page in (1, 2, 3, 4)]
    assert [len(page.hits) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5, 0]
    assert {hit.film.id for page in pages for hit in page.hits} == set(range(100, 145))
    assert {page.pages for page in pages} == {3} and {page.total for page in pages} == {45}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=200))
def test_any_words_are_answered(scene: Engine, moment: datetime, query: str) -> None:
    results = found(scene, query, moment)
    assert len(results.hits) <= PAGE_SIZE and results.total >= len(results.hits)


def test_signs_of_the_query_language_are_plain_letters(scene: Engine, moment: datetime) -> None:
    assert [numbers(scene, query, moment) for query in ("%", "_", "'; DROP TABLE film", '"', "\\")] == [[]] * 5


@pytest.mark.parametrize("page", ["0", "-1", "deux", "", "10001", "9" * 30, "1.5"])
def test_a_page_that_is_no_number_is_refused(page: str) -> None:
    with pytest.raises(Refusal):
        read_page(page)


def test_a_query_too_long_is_refused() -> None:
    assert read_query(" dune\0\u202e ") == "dune"
    with pytest.raises(Refusal):
        read_query("a" * 201)
