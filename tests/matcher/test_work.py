"""A work is prepared once: titles in every spelling, numbers in figures, years and people from wherever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.numerals import extract_numbers, normalise_numbers
from matcher.comparisons.levels import EQUAL_TITLES, NumbersLevel, TitleLevel
from matcher.comparisons.numbers import compare_numbers
from matcher.comparisons.titles import compare_titles
from tests.matcher.works import build_work


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Huit femmes", "8 FEMMES"),
        ("Septième ciel", "7ème ciel"),
        ("Le Voyage dans la Lune", "VOYAGE DANS LA LUNE (LE)"),
        ("Rocky II", "Rocky 2"),
        ("L'Événement", "EVENEMENT (L')"),
        ("Law & Order", "Law and Order"),
        ("Chambre froide (Cold Room)", "Cold Room"),
        ("Alien (1979) - [Director's Cut]", "Alien"),
        ("Frontière(s)", "FRONTIERES"),
        ("Les Quatre Cents Coups", "400 COUPS (LES)"),
        ("Dix-sept fois Cécile Cassard", "17 FOIS CECILE CASSARD"),
        ("Vingt mille lieues sous les mers", "20 000 LIEUES SOUS LES MERS"),
        ("Monsieur Klein", "MR KLEIN"),
        ("Citizen Four", "CITIZENFOUR"),
        ("Aile Arasında", "Aile Arasinda"),
        ("Сталкер", "Stalker"),
    ],
)
def test_two_writings_of_one_title_are_exactly_the_same(title: str, other: str) -> None:
    assert compare_titles(build_work("1", title), build_work("2", other))[0] in EQUAL_TITLES


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Le Parrain", "Le Parrain 2"),
        ("Dune", "Dune : deuxième partie"),
        ("Generation War (1/3)", "Generation War (2/3)"),
        ("Nymphomaniac (Volume 1)", "Nymphomaniac (Volume 2)"),
        ("Blade Runner", "Blade Runner 2049"),
    ],
)
def test_instalments_are_told_apart_by_their_numbers(title: str, other: str) -> None:
    level, mine, yours = compare_titles(build_work("1", title), build_work("2", other))
    assert level not in EQUAL_TITLES
    assert compare_numbers(mine, yours) not in (NumbersLevel.NONE, NumbersLevel.SAME)


@pytest.mark.parametrize(
    ("title", "other", "level"),
    [
        ("L'Apollonide : souvenirs de la maison close", "L APOLLONIDE", TitleLevel.PART),
        ("Mesrine : L'ennemi public n°1", "L ENNEMI PUBLIC N 1", TitleLevel.PART),
        ("Va, vis et devient", "VA, VIS ET DEVIENS", TitleLevel.SPELLING),
        ("Sofas", "SOFA", TitleLevel.CLOSE),
        ("La Mélodie du bonheur", "UNE MELODIE DE BONHEUR", TitleLevel.NEAR),
        ("Pil", "LES AVENTURES DE PIL", TitleLevel.CONTAINED),
        ("Sheitan", "Satan", TitleLevel.VAGUE),
        ("Jo", "The Gazebo", TitleLevel.UNLIKE),
    ],
)
def test_unequal_titles_have_a_level(title: str, other: str, level: TitleLevel) -> None:
    assert compare_titles(build_work("1", title), build_work("2", other))[0] is level


def test_the_year_and_the_director_in_a_title_serve_when_nothing_else_gives_them() -> None:
    work = build_work("1", "« Playtime » de Jacques Tati (1967)")
    assert work.year == 1967
    assert work.people == ("jacques tati",)
    assert build_work("1", "Playtime (1967)", year=1968).year == 1968


def test_numbers_are_read_in_words_and_figures() -> None:
    assert normalise_numbers("les 3 freres et les deux soeurs") == "les 3 freres et les 2 soeurs"
    assert extract_numbers(normalise_numbers("le retour deuxieme partie 007")) == {"2", "7"}


def test_a_title_of_signs_alone_or_of_nothing_can_be_compared() -> None:
    assert compare_titles(build_work("1", "???"), build_work("2", "???"))[0] in EQUAL_TITLES
    assert compare_titles(build_work("1", "\u200b"), build_work("2", "Alien"))[0] is TitleLevel.UNLIKE


@given(st.text(max_size=80))
def test_any_text_makes_a_work_equal_to_itself(title: str) -> None:
    made = build_work("1", title)
    assert not made.title_keys or compare_titles(made, build_work("2", title))[0] in EQUAL_TITLES
