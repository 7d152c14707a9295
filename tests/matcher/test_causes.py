"""Why films are hard to match: each known cause, with public facts, and what must become of it."""

import re
from datetime import date
from typing import Any

import pytest

from domain.common.enums import Kind
from matcher.decision import Band
from matcher.work import Work
from tests.matcher.works import build_work, decide_entry

SURE = [
    pytest.param(
        build_work("e", "La mécanique de l'ombre", year=2017, by="Thomas Kruithof"),
        build_work("f", "LA MECANIQUE DE L'OMBRE", year=2015, by="KRUITHOF Thomas"),
        id="surname first, two years apart",
    ),
    pytest.param(
        build_work("e", "LES 400 COUPS", by="François Truffaut"),
        build_work("f", "Les Quatre Cents Coups", "400 Coups (Les)", year=1959, by="TRUFFAUT François"),
        id="moved article, alternative title",
    ),
    pytest.param(
        build_work("e", "One Wild Moment", "Un moment d'égarement", year=2015),
        build_work("f", "UN MOMENT D EGAREMENT", year=2015),
        id="translated title, original given",
    ),
    pytest.param(
        build_work("e", "La Tortue", year=2022, by="DOMENACH Léa", countries=["France"]),
        build_work("f", "BERNADETTE", year=2022, by="Léa Domenach", countries=["FRANCE"]),
        id="working title, borne by director, year and country",
    ),
    pytest.param(
        build_work("e", "Les Dents de la mer", year=1975, by="Steven Spielberg", runtime_min=124),
        build_work("f", "Jaws", year=1975, by="Steven Spielberg", runtime_min=124),
        id="translated title, borne by director, year and running time",
    ),
    pytest.param(
        build_work("e", "Stalker", year=1979, by="Andrei Tarkovski"),
        build_work("f", "Сталкер", year=1979, by="TARKOVSKI Andreï"),
        id="another script",
    ),
    pytest.param(
        build_work("e", "Novembre (ex : 13/11)", year=2021, by="Cédric Jimenez"),
        build_work("f", "NOVEMBRE", year=2022, by="JIMENEZ Cedric"),
        id="former title in brackets",
    ),
    pytest.param(
        build_work("e", "Sans un bruit 2", year=2020, by="John Krasinski"),
        build_work("f", "Sans un bruit 2", year=2021, by="KRASINSKI John"),
        id="year differs by source",
    ),
    pytest.param(build_work("e", "8 1/2", year=1963), build_work("f", "8½", "8 1/2", year=1963), id="the number is the title"),
    pytest.param(
        build_work("e", "Alien (1979) - [Director's Cut]", by="Ridley Scott"),
        build_work("f", "Alien", year=1979, by="SCOTT Ridley"),
        id="edition suffix",
    ),
    pytest.param(
        build_work("e", "L'Apollonide, souvenirs de la maison close", year=2011, by="Bertrand Bonello"),
        build_work("f", "L'APOLLONIDE", year=2010, release_date=date(2011, 9, 21), by="BONELLO Bertrand"),
        id="subtitle left out by the base, same director",
    ),
]

DOUBTFUL = [
    pytest.param(
        build_work("e", "Kill Bill : Volume 2", year=2004, by="Quentin Tarantino"),
        build_work("f", "Kill Bill : Volume 1", year=2004, by="Quentin Tarantino"),
        "numéros différents|même série, autre sous-titre",
        id="two volumes",
    ),
    pytest.param(
        build_work("e", "Persepolis", year=2007, by="Gabrielle Lopes Benites"),
        build_work("f", "PERSEPOLIS", year=2007, by="PARONNAUD Vincent|SATRAPI Marjane"),
        "réalisateurs différents",
        id="wrong director",
    ),
    pytest.param(
        build_work("e", "Minuscule 2 : Les mandibules du bout du monde", year=2018, by="Thomas Szabo"),
        build_work("f", "Minuscule : Les mandibules du bout du monde", year=2014, by="Thomas Szabo"),
        "années trop éloignées|numéros différents|autre titre et autre année",
        id="sequel number",
    ),
    pytest.param(
        build_work("e", "Fargo", year=1996, kind=Kind.SERIES),
        build_work("f", "Fargo", year=1996, kind=Kind.FILM),
        "natures différentes",
        id="series against film",
    ),
    pytest.param(
        build_work("e", "Icarus", year=2017, runtime_min=27),
        build_work("f", "Icarus", year=2017, runtime_min=121),
        "durées trop différentes",
        id="short against feature",
    ),
    pytest.param(build_work("e", "Jésus"), build_work("f", "Jésus", year=2018), "titre seul", id="one word and nothing else"),
    pytest.param(
        build_work("e", "Love, Guaranteed", year=2020, runtime_min=90),
        build_work("f", "Love", year=2020, runtime_min=92),
        "titre seulement proche",
        id="a title in the other, no director",
    ),
    pytest.param(
        build_work("e", "Husband Factor: Resurrection", year=2016, by="Kıvanç Baruönü", runtime_min=108),
        build_work("f", "Husband Factor", year=2015, by="Kıvanç Baruönü", runtime_min=108),
        "autre titre et autre année",
        id="sequel told by its subtitle",
    ),
    pytest.param(
        build_work("e", "Un autre monde", year=2017, by="Stéphane Brizé"),
        build_work("f", "EN GUERRE", year=2017, by="BRIZE Stéphane"),
        "titres trop différents",
        id="same director and year, another title",
    ),
]


@pytest.mark.parametrize(("entry", "film"), SURE)
def test_what_is_sure_is_published(entry: Work, film: Work) -> None:
    decision = decide_entry(entry, film)
    assert (decision.band, decision.proposals[0].film_id) == (Band.AUTO, "f"), decision.reason


@pytest.mark.parametrize(("entry", "film", "why"), DOUBTFUL)
def test_what_is_doubtful_goes_to_a_person_with_the_reason(entry: Work, film: Work, why: str) -> None:
    decision = decide_entry(entry, film)
    assert (decision.band, decision.proposals[0].film_id) == (Band.REVIEW, "f"), decision.reason
    assert re.search(f"veto : (?:{why})", decision.reason), decision.reason


def test_a_remake_is_told_by_its_year() -> None:
    decision = decide_entry(
        build_work("e", "The Mummy", year=2017),
        build_work("old", "The Mummy", year=1999),
        build_work("new", "The Mummy", year=2017),
    )
    assert (decision.band, decision.proposals[0].film_id) == (Band.AUTO, "new")


def test_a_remake_whose_film_is_not_in_the_base_is_never_published() -> None:
    assert decide_entry(build_work("e", "RoboCop", year=2014), build_work("f", "RoboCop", year=1987)).band is not Band.AUTO


def test_two_films_of_one_title_and_year_are_left_to_a_person() -> None:
    films = [build_work("1", "Pocahontas", year=1995), build_work("2", "Pocahontas", year=1995)]
    decision = decide_entry(build_work("e", "Pocahontas", year=1995), *films)
    assert decision.band is Band.REVIEW and "deux films de la base conviennent" in decision.reason
    assert {proposal.film_id for proposal in decision.proposals} == {"1", "2"}
    assert sum(proposal.probability for proposal in decision.proposals) <= 1


def test_two_films_of_one_title_and_year_are_told_apart_by_their_directors() -> None:
    films = [
        build_work("1", "Pinocchio", year=2022, by="Robert Zemeckis"),
        build_work("2", "Pinocchio", year=2022, by="Guillermo del Toro"),
    ]
    decision = decide_entry(build_work("e", "Pinocchio", year=2022, by="DEL TORO Guillermo"), *films)
    assert (decision.band, decision.proposals[0].film_id) == (Band.AUTO, "2")


@pytest.mark.parametrize(
    ("title", "other"), [("Darkness", "Army of Darkness"), ("Max", "Mad Max : Fury Road"), ("Face", "Face/Off")]
)
def test_a_short_title_within_another_is_not_a_link(title: str, other: str) -> None:
    assert decide_entry(build_work("e", title, year=2002), build_work("f", other, year=1992)).band is Band.NONE


@pytest.mark.parametrize(
    ("entry", "film"),
    [
        (build_work("e", "Blade Runner", year=1982), build_work("f", "Blade Runner 2049", year=2017)),
        (build_work("e", "Dune", year=2021), build_work("f", "Dune : deuxième partie", year=2024)),
        (build_work("e", "Alien", year=1979), build_work("f", "Alien Warfare", year=2019)),
        (build_work("e", "La Chute", "Der Untergang", year=2004), build_work("f", "La Chute", year=1982)),
        (build_work("e", "Jo", year=1971, by="Jean Girault"), build_work("f", "The Gazebo", year=1959, by="George Marshall")),
    ],
)
def test_another_film_is_never_published(entry: Work, film: Work) -> None:
    assert decide_entry(entry, film).band is not Band.AUTO


NEVER_UNSEEN = [
    ("Matrix Reloaded", "Matrix Revolutions", {"year": 2003, "by": "Lana Wachowski"}, 138, 129),
    (
        "Les Trois Mousquetaires : Milady",
        "Les Trois Mousquetaires : D'Artagnan",
        {"year": 2023, "by": "Martin Bourboulon"},
        115,
        121,
    ),
    ("Trois couleurs : Blanc", "Trois couleurs : Rouge", {"year": 1994, "by": "Krzysztof Kieslowski"}, None, None),
    ("No Smoking", "Smoking", {"year": 1993, "by": "Alain Resnais"}, 146, 140),
    ("Titane (bande-annonce)", "Titane", {"year": 2021, "by": "Julia Ducournau"}, 2, 108),
    ("Titane : entretien avec Julia Ducournau", "Titane", {"year": 2021, "by": "Julia Ducournau"}, None, 108),
    ("1900 (Acte II)", "1900", {"year": 1976, "by": "Bernardo Bertolucci"}, None, None),
    ("Scènes de la vie conjugale (série)", "Scènes de la vie conjugale", {"year": 1973, "by": "Ingmar Bergman"}, 282, 168),
    ("Nymphomaniac - Volume II", "Nymphomaniac", {"year": 2013, "by": "Lars von Trier"}, None, None),
    (
        "Napoléon vu par Abel Gance - Deuxième partie",
        "Napoléon vu par Abel Gance",
        {"year": 1927, "by": "Abel Gance"},
        None,
        None,
    ),
    (
        "Le Comte de Monte-Cristo, 2e époque",
        "Le Comte de Monte-Cristo, 1re époque",
        {"year": 1943, "by": "Robert Vernay"},
        None,
        None,
    ),
    ("Pinocchio", "Pinocchio", {"year": 2022}, 117, 105),
]


@pytest.mark.parametrize(("title", "other", "facts", "mine", "yours"), NEVER_UNSEEN)
def test_a_sister_a_part_or_a_trailer_is_never_published_for_the_film(
    title: str, other: str, facts: dict[str, Any], mine: int | None, yours: int | None
) -> None:
    decision = decide_entry(build_work("e", title, runtime_min=mine, **facts), build_work("f", other, runtime_min=yours, **facts))
    assert decision.band is Band.REVIEW, decision.reason


@pytest.mark.parametrize(("year", "remade"), [(1934, 1956), (1997, 2007), (1923, 1956)])
def test_a_director_who_remakes_a_film_is_asked_about(year: int, remade: int) -> None:
    entry, film = (
        build_work("e", "L'Homme qui en savait trop", year=year, by="Alfred Hitchcock"),
        build_work("f", "L'Homme qui en savait trop", year=remade, by="HITCHCOCK Alfred"),
    )
    assert decide_entry(entry, film).band is Band.REVIEW


def test_an_unlike_title_is_not_borne_by_people_who_made_several_films_that_year() -> None:
    facts = {"year": 1967, "by": "Jean-Luc Godard", "countries": ["France"]}
    films = [
        build_work("1", "Week-end", runtime_min=95, **facts),
        build_work("2", "Deux ou trois choses", runtime_min=87, **facts),
    ]
    assert decide_entry(build_work("e", "La Chinoise", runtime_min=96, **facts), *films).band is not Band.AUTO


def test_many_homonyms_are_a_doubt_not_an_absence() -> None:
    films = [build_work(str(film_id), "Love", year=2015) for film_id in range(40)]
    assert decide_entry(build_work("e", "Love", year=2015), *films).band is Band.REVIEW
    assert decide_entry(build_work("e", "Love"), *films).band is Band.REVIEW


@pytest.mark.parametrize("title", ["1984", "2001", "V", "8½", "M"])
def test_a_title_that_is_a_number_or_a_letter_is_found_with_its_year(title: str) -> None:
    decision = decide_entry(
        build_work("e", title, year=1984), build_work("f", title, year=1984), build_work("other", "Autre chose", year=1984)
    )
    assert (decision.band, decision.proposals[0].film_id) == (Band.AUTO, "f"), decision.reason


def test_nothing_near_is_none() -> None:
    decision = decide_entry(build_work("e", "Playtime", year=1967), build_work("f", "Alien", year=1979))
    assert (decision.band, decision.proposals) == (Band.NONE, ())
