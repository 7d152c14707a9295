"""Test two descriptions side by side: signs, and the words that differ."""

from datetime import date

import pytest

from domain.common.enums import Kind
from webapp.staff.film_diff import ComparedFact, Sign, WorkFacts, compare_facts


def get_fact(label: str, film: WorkFacts, subject: WorkFacts) -> ComparedFact:
    return next(fact for fact in compare_facts(film, subject) if fact.label == label)


def list_highlights(fact: ComparedFact) -> list[str]:
    return [piece for piece, differs in fact.pieces if differs]


@pytest.mark.parametrize(
    ("subject", "film", "sign", "words"),
    [
        ("LA TRAVERSEE DE PARIS", "La Traversée de Paris", Sign.SAME, []),
        ("Voyage dans la lune (Le)", "Le Voyage dans la Lune", Sign.SAME, []),
        ("Le Ballon blanc", "Le Ballon rouge", Sign.NEAR, ["rouge"]),
        ("Toy Story", "Solaris", Sign.OTHER, ["Solaris"]),
    ],
)
def test_titles_are_compared_as_everywhere(subject: str, film: str, sign: Sign, words: list[str]) -> None:
    fact = get_fact("Titre", WorkFacts(film), WorkFacts(subject))
    assert (fact.sign, list_highlights(fact), fact.text) == (sign, words, film)


def test_a_title_may_agree_with_another_of_the_film() -> None:
    film = WorkFacts("Le Guépard", ("Il gattopardo", "The Leopard"))
    assert get_fact("Autres titres", film, WorkFacts("The Leopard")).sign is Sign.SAME
    assert get_fact("Autres titres", film, WorkFacts("Le Guépard")).sign is None
    assert get_fact("Autres titres", film, WorkFacts("Le Guépard", ("Der Leopard",))).sign is Sign.NEAR
    assert get_fact("Titre", film, WorkFacts("Leopard", ("Le guepard",))).sign is Sign.SAME


@pytest.mark.parametrize(
    ("subject", "sign"), [(1956, Sign.SAME), (1957, Sign.NEAR), (1959, Sign.NEAR), (1961, Sign.OTHER), (None, None)]
)
def test_years_are_those_of_production_or_of_release(subject: int | None, sign: Sign | None) -> None:
    assert get_fact("Année", WorkFacts("x", year=1956, release=date(1959, 5, 1)), WorkFacts("x", year=subject)).sign is sign


@pytest.mark.parametrize(
    ("subject", "sign", "words"),
    [
        (("PARONNAUD Vincent", "Marjane SATRAPI"), Sign.SAME, []),
        (("Marjane Satrapi",), Sign.NEAR, ["Vincent", "Paronnaud"]),
        (("Inès Fauxnom",), Sign.OTHER, ["Marjane", "Satrapi", "Vincent", "Paronnaud"]),
        ((), None, []),
    ],
)
def test_people_are_the_same_in_any_order_and_case(subject: tuple[str, ...], sign: Sign | None, words: list[str]) -> None:
    film = WorkFacts("x", directors=("Marjane Satrapi", "Vincent Paronnaud"))
    fact = get_fact("Réalisation", film, WorkFacts("x", directors=subject))
    assert (fact.sign, list_highlights(fact)) == (sign, words)


@pytest.mark.parametrize(("subject", "sign"), [(96, Sign.SAME), (100, Sign.NEAR), (120, Sign.OTHER), (None, None)])
def test_running_times_may_be_rounded(subject: int | None, sign: Sign | None) -> None:
    assert get_fact("Durée", WorkFacts("x", runtime=95), WorkFacts("x", runtime=subject)).sign is sign


def test_the_other_facts() -> None:
    film = WorkFacts("x", countries=("France", "Italie"), kind=Kind.FILM, ids={"imdb": "tt0049877", "tmdb": "1"})
    subject = WorkFacts("x", countries=("ITALIE",), kind=Kind.SERIES, ids={"imdb": "tt0049878"})
    assert (get_fact("Pays", film, subject).sign, list_highlights(get_fact("Pays", film, subject))) == (Sign.NEAR, ["France"])
    assert (get_fact("Nature", film, subject).sign, get_fact("Numéros", film, subject).sign) == (Sign.OTHER, Sign.OTHER)
    assert get_fact("Numéros", film, subject).text == "IMDb tt0049877"
    assert [fact.label for fact in compare_facts(WorkFacts("x"), subject)] == ["Titre"], "what nobody said is not shown"
