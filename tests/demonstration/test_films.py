import re
from collections import Counter, defaultdict
from datetime import date

from domain.common.environment import ROOT
from domain.common.titles import build_title_key
from domain.films.formats import FilmRecord


def test_the_base_is_large_enough_to_be_worth_searching(films: list[FilmRecord]) -> None:
    assert len(films) >= 280


def test_numbers_are_unique(films: list[FilmRecord]) -> None:
    assert len({film.source_ref for film in films}) == len(films)


def test_years_and_releases_are_plausible(films: list[FilmRecord]) -> None:
    for film in films:
        assert film.year is not None and 1895 <= film.year <= 2025, film
        if film.release_date:
            assert film.year <= film.release_date.year <= film.year + 3 and film.release_date < date(2026, 1, 1), film


def test_running_times_agree_with_the_kind(films: list[FilmRecord]) -> None:
    assert all(film.runtime_min < 60 for film in films if film.kind == "short" and film.runtime_min)
    assert all(60 <= film.runtime_min <= 600 for film in films if film.kind == "film" and film.runtime_min)


def test_the_examples_of_the_guides_can_be_tried_on_the_demonstration(films: list[FilmRecord]) -> None:
    identifiers = {value for film in films for value in film.identifiers.values()}
    for guide in ("docs/api.md", "docs/widget.md", "docs/donnees.md", "webapp/templates/embed/integrate.html"):
        examples = set(re.findall(r"\btt\d{7}\b", (ROOT / guide).read_text("utf-8")))
        assert examples and examples <= identifiers, guide


def test_no_film_is_there_twice(films: list[FilmRecord]) -> None:
    counts = Counter((build_title_key(film.title), film.year, film.directors) for film in films)
    assert counts.most_common(1)[0][1] == 1


def test_every_film_has_a_director_and_a_country(films: list[FilmRecord]) -> None:
    assert all(film.directors and film.countries for film in films)


def test_namesakes_are_many(films: list[FilmRecord]) -> None:
    bearers: dict[str, set[str]] = defaultdict(set)
    for film in films:
        for title in (film.title, film.original_title or "", *film.other_titles):
            bearers[build_title_key(title)].add(film.source_ref)
    assert sum(len(refs) > 1 for key, refs in bearers.items() if key) >= 25
