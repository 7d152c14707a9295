"""On one platform, one film has one entry, unless the entries are repeats of each other."""

from matcher.blocking import FilmIndex
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.work import Work
from tests.matcher.works import build_work, list_links

JEANNETTE = build_work("f", "Jeannette", year=2017, by="Bruno Dumont")


def linked(*entries: Work) -> list[tuple[str, str | None]]:
    return list_links(link_entries(entries, FilmIndex([JEANNETTE]), load_model()))


def test_a_film_listed_twice_keeps_both_entries() -> None:
    version = build_work("2", "Jeannette - version longue", year=2017, by="DUMONT Bruno")
    assert linked(build_work("1", "Jeannette", year=2017, by="Bruno Dumont"), version) == [("auto", "f"), ("auto", "f")]


def test_of_two_different_entries_the_better_wins_and_the_other_is_shown_to_a_person() -> None:
    series = build_work("1", "Jeannette, l'enfance de Jeanne d'Arc", year=2017, by="Bruno Dumont")
    film = build_work("2", "Jeannette", year=2017, by="Bruno Dumont")
    assert linked(series, film) == [("review", "f"), ("auto", "f")]
    assert linked(film, series) == [("auto", "f"), ("review", "f")]


def test_the_reason_names_the_entry_that_won() -> None:
    rival = build_work("1", "Jeannette, l'enfance de Jeanne d'Arc", year=2017, by="Bruno Dumont")
    outcomes = link_entries(
        [rival, build_work("2", "Jeannette", year=2017, by="Bruno Dumont")], FilmIndex([JEANNETTE]), load_model()
    )
    assert "une autre entrée convient mieux à ce film (2, Jeannette)" in outcomes[0].reason
