"""People's names agree whatever their order, case, accents, cuts or initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.comparisons.levels import PeopleLevel
from matcher.comparisons.people import compare_people, normalise_names


def agreement(left: str, right: str) -> PeopleLevel:
    return compare_people(normalise_names(left.split("|")), normalise_names(right.split("|")))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("KRUITHOF Thomas", "Thomas Kruithof"),
        ("T. Kruithof", "Thomas KRUITHOF"),
        ("RAIMI Samuel M.", "Sam M. Raimi"),
        ("DE CHAUVERON Philippe", "Philippe Chauveron"),
        ("DISALVO Lino", "Lino Di Salvo"),
        ("KORE-EDA Hirokazu", "KOREEDA Hirokazu"),
        ("Hélène Giraud", "GIRAUD HELENE"),
        ("Srđan Karanović", "KARANOVIC Srdjan"),
        ("Thomas Szabo", "GIRAUD Hélène|SZABO Thomas"),
        ("Joel Coen & Ethan Coen", "COEN Ethan|COEN Joel"),
        ("COEN Joel & Ethan", "COEN Joel|COEN Ethan"),
        ("Costa-Gavras", "COSTA GAVRAS"),
    ],
)
def test_the_same_people_are_recognised(left: str, right: str) -> None:
    assert agreement(left, right) is PeopleLevel.SAME
    assert agreement(right, left) is PeopleLevel.SAME


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Gabrielle Lopes Benites", "PARONNAUD Vincent|SATRAPI Marjane"),
        ("Luc Dardenne", "Jean-Pierre Dardenne"),
        ("Claude Lelouch", "Salomé Lelouch"),
        ("Jean Renoir", "Jean Vigo"),
    ],
)
def test_different_people_are_told_apart(left: str, right: str) -> None:
    assert agreement(left, right) is PeopleLevel.DISJOINT


def test_some_of_several_people_agree_in_part() -> None:
    assert agreement("Jean Rochefort|Sophie Gleize", "ROCHEFORT Jean|GLEIZE Delphine") is PeopleLevel.PARTIAL


@pytest.mark.parametrize(
    ("left", "right"), [("Sacha Wolff", "WOLFF Sarah"), ("RANISH Alexandre", "RANISCH Axel"), ("Veronica Chen", "CHEN Veronique")]
)
def test_names_spelt_nearly_alike_are_similar(left: str, right: str) -> None:
    assert agreement(left, right) in (PeopleLevel.SIMILAR, PeopleLevel.SAME)


@pytest.mark.parametrize("nobody", ["", "Collectif", "DIVERS RÉALISATEURS", "Unknown", "--"])
def test_nobody_in_particular_is_unknown(nobody: str) -> None:
    assert agreement(nobody, "Jean Vigo") is PeopleLevel.UNKNOWN


def test_a_lone_surname_is_only_similar() -> None:
    assert agreement("PORUMBOIU", "PORUMBOIU Corneliu") is PeopleLevel.SIMILAR


@given(st.lists(st.text(max_size=30), max_size=4), st.lists(st.text(max_size=30), max_size=4))
def test_agreement_is_the_same_both_ways(left: list[str], right: list[str]) -> None:
    assert compare_people(normalise_names(left), normalise_names(right)) is compare_people(
        normalise_names(right), normalise_names(left)
    )
