"""Two descriptions side by side: signs, and the words that differ."""

from datetime import date

import pytest

from domain.common.enums import Kind
from webapp.staff.film_diff import ComparedFact, Sign, WorkFacts, compare_facts


def fact(label: str, film: WorkFacts, asked: WorkFacts) -> ComparedFact:
    return next(found for found in compare_facts(film, asked) if found.label == label)


def marked(found: ComparedFact) -> list[str]:
    return [piece for piece, differs in found.pieces if differs]


@pytest.mark.parametrize(
    ("asked", "film", "sign", "words"),
    [
        ("LA TRAVERSEE DE PARIS", "La Traversée de Paris", Sign.SAME, []),
        ("Voyage dans la lune (Le)", "Le Voyage dans la Lune", Sign.SAME, []),
        ("Le Ballon blanc", "Le Ballon rouge", Sign.NEAR, ["rouge"]),
        ("Toy Story", "Solaris", Sign.OTHER, ["Solaris"]),
    ],
)
def test_titles_are_compared_as_everywhere(asked: str, film: str, sign: Sign, words: list[str]) -> None:
    found = fact("Titre", WorkFacts(film), WorkFacts(asked))
    assert (found.sign, marked(found), found.text) == (sign, words, film)


def test_a_title_may_agree_with_another_of_the_film() -> None:
    film = WorkFacts("Le Guépard", ("Il gattopardo", "The Leopard"))
    assert fact("Autres titres", film, WorkFacts("The Leopard")).sign is Sign.SAME
    assert fact("Autres titres", film, WorkFacts("Le Guépard")).sign is None
    assert fact("Autres titres", film, WorkFacts("Le Guépard", ("Der Leopard",))).sign is Sign.NEAR
    assert fact("Titre", film, WorkFacts("Leopard", ("Le guepard",))).sign is Sign.SAME


@pytest.mark.parametrize(
    ("asked", "sign"), [(1956, Sign.SAME), (1957, Sign.NEAR), (1959, Sign.NEAR), (1961, Sign.OTHER), (None, None)]
)
def test_years_are_those_of_production_or_of_release(asked: int | None, sign: Sign | None) -> None:
    assert fact("Année", WorkFacts("x", year=1956, release=date(1959, 5, 1)), WorkFacts("x", year=asked)).sign is sign


@pytest.mark.parametrize(
    ("asked", "sign", "words"),
    [
        (("PARONNAUD Vincent", "Marjane SATRAPI"), Sign.SAME, []),
        (("Marjane Satrapi",), Sign.NEAR, ["Vincent", "Paronnaud"]),
        (("Inès Fauxnom",), Sign.OTHER, ["Marjane", "Satrapi", "Vincent", "Paronnaud"]),
        ((), None, []),
    ],
)
def test_people_are_the_same_in_any_order_and_case(asked: tuple[str, ...], sign: Sign | None, words: list[str]) -> None:
    film = WorkFacts("x", directors=("Marjane Satrapi", "Vincent Paronnaud"))
    found = fact("Réalisation", film, WorkFacts("x", directors=asked))
    assert (found.sign, marked(found)) == (sign, words)


@pytest.mark.parametrize(("asked", "sign"), [(96, Sign.SAME), (100, Sign.NEAR), (120, Sign.OTHER), (None, None)])
def test_running_times_may_be_rounded(asked: int | None, sign: Sign | None) -> None:
    assert fact("Durée", WorkFacts("x", runtime=95), WorkFacts("x", runtime=asked)).sign is sign


def test_the_other_facts() -> None:
    film = WorkFacts("x", countries=("France", "Italie"), kind=Kind.FILM, ids={"imdb": "tt0049877", "tmdb": "1"})
    asked = WorkFacts("x", countries=("ITALIE",), kind=Kind.SERIES, ids={"imdb": "tt0049878"})
    assert (fact("Pays", film, asked).sign, marked(fact("Pays", film, asked))) == (Sign.NEAR, ["France"])
    assert (fact("Nature", film, asked).sign, fact("Numéros", film, asked).sign) == (Sign.OTHER, Sign.OTHER)
    assert fact("Numéros", film, asked).text == "IMDb tt0049877"
    assert [found.label for found in compare_facts(WorkFacts("x"), asked)] == ["Titre"], "what nobody said is not shown"
