"""Normalisation of titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.casing import format_country, format_person, format_title
from domain.common.text import clean_text, slugify
from domain.common.titles import TitleParts, build_title_key, split_title


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("LE VOYAGE DANS LA LUNE", "Voyage dans la lune (Le)"),
        ("Le Voyage dans la Lune", "Voyage dans la lune, Le"),
        ("L'Équipage", "EQUIPAGE (L')"),
        ("The Lion King", "Lion King, The"),
        ("LE FABULEUX DESTIN D AMELIE POULAIN", "Le Fabuleux Destin d’Amélie Poulain"),
        ("L'Œuvre au noir", "L'OEUVRE AU NOIR"),
        ("Rocky II", "Rocky 2"),
        ("Pride & Prejudice", "Pride and Prejudice"),
        ("Hiroshima, mon amour", "Hiroshima mon amour"),
    ],
)
def test_two_ways_of_writing_a_title_have_one_key(first: str, second: str) -> None:
    assert build_title_key(first) == build_title_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Rocky II", "Rocky III"), ("2001", "2010"), ("V", "5"), ("Blade Runner", "Blade Runner 2049"), ("Alien", "Aliens")],
)
def test_different_titles_keep_different_keys(first: str, second: str) -> None:
    assert build_title_key(first) != build_title_key(second)


@pytest.mark.parametrize("title", ["Les", "L'", "???", "თეთრი ღამე", "七人の侍", "1984", "$"])
def test_no_title_is_reduced_to_nothing(title: str) -> None:
    assert build_title_key(title)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Twisters - édition spéciale", TitleParts("Twisters", edition="édition spéciale")),
        ("Le grand jeu (2015)", TitleParts("Le grand jeu", year=2015)),
        ("Le Dernier Phare - Version restaurée", TitleParts("Le Dernier Phare", edition="Version restaurée")),
        ("Alien (1979) - [Director's Cut]", TitleParts("Alien", edition="Director's Cut", year=1979)),
        ('"Nuit blanche" de Nino Kalandadze (2021)', TitleParts("Nuit blanche", year=2021, director="Nino Kalandadze")),
        ("Bang Gang (une histoire)", TitleParts("Bang Gang (une histoire)", alternatives=("Bang Gang", "une histoire"))),
        ("1984", TitleParts("1984")),
        ("Nymphomaniac (Volume 1)", TitleParts("Nymphomaniac (Volume 1)")),
        ("(2012)", TitleParts("(2012)")),
        ("Version originale", TitleParts("Version originale")),
        ("Voyage dans la lune (Le)", TitleParts("Le Voyage dans la lune")),
    ],
)
def test_what_is_not_title_is_taken_off_into_fields(written: str, parts: TitleParts) -> None:
    assert split_title(written) == parts


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("LE FABULEUX DESTIN D'AMELIE POULAIN", "Le Fabuleux Destin d'Amelie Poulain"),
        ("LE FABULEUX DESTIN D AMELIE POULAIN", "Le Fabuleux Destin d'Amelie Poulain"),
        ("LA GRANDE VADROUILLE", "La Grande Vadrouille"),
        ("L'ETE MEURTRIER", "L'Ete Meurtrier"),
        ("ROCKY II", "Rocky II"),
        ("37°2 LE MATIN", "37°2 le Matin"),
        ("JANE B. PAR AGNES V.", "Jane B. par Agnes V."),
        ("O.S.S. 117", "O.S.S. 117"),
        ("MAX", "Max"),
        ("VITAMINE C", "Vitamine C"),
        ("LE JOUR J", "Le Jour J"),
        ("DEUX JOURS AUJOURD'HUI", "Deux Jours Aujourd'hui"),
        ("M", "M"),
        ("Le Mépris", "Le Mépris"),
        ("thé au harem", "thé au harem"),
    ],
)
def test_capitals_become_readable_without_guessing_accents(written: str, expected: str) -> None:
    assert format_title(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("JEUNET Jean-Pierre", "Jean-Pierre Jeunet"),
        ("LE ROCH Eric", "Eric Le Roch"),
        ("AUTANT-LARA Claude", "Claude Autant-Lara"),
        ("Agnès Varda", "Agnès Varda"),
        ("KUROSAWA", "Kurosawa"),
        ("ABRAMS J.J.", "J.J. Abrams"),
        ("JR", "JR"),
    ],
)
def test_names_are_shown_first_name_first(written: str, expected: str) -> None:
    assert format_person(written) == expected


def test_countries_lose_their_capitals_but_not_their_initials() -> None:
    assert [format_country(name) for name in ("ETATS UNIS", "COTE D'IVOIRE", "USA", "URSS")] == [
        "Etats Unis",
        "Cote d'Ivoire",
        "USA",
        "URSS",
    ]


def test_control_and_bidirectional_characters_are_stripped() -> None:
    assert clean_text("Play\u202etime\x00 \n de\u200b  Tati") == "Playtime de Tati"


@given(st.text(max_size=80))
def test_any_text_has_a_stable_key_a_slug_and_a_display(text: str) -> None:
    assert build_title_key(text) == build_title_key(text.strip())
    assert slugify(text) and slugify(text).isascii()
    assert format_title(format_title(text)) == format_title(text)
    split_title(text)
