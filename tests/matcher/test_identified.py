"""An identifier that agrees is believed, unless the rest contradicts it."""

import pytest

from matcher.decision import Band
from matcher.work import Work
from tests.matcher.works import build_work, decide_entry

IMDB = [("imdb", "tt0120616")]
THE_MUMMY = build_work("f", "The Mummy", year=1999, by="Stephen Sommers", ids=IMDB)


@pytest.mark.parametrize(
    "entry",
    [
        build_work("e", "La Momie", year=1999, ids=IMDB),
        build_work("e", "The Mummy", ids=IMDB),
        build_work("e", "The Mummy", year=2001, ids=IMDB),
        build_work("e", "La Momie", by="SOMMERS Stephen", ids=IMDB),
    ],
)
def test_an_identifier_with_one_more_clue_is_published(entry: Work) -> None:
    decision = decide_entry(entry, THE_MUMMY)
    assert decision.band is Band.AUTO, decision.reason


@pytest.mark.parametrize(
    "entry",
    [
        build_work("e", "Alien", year=1979, ids=IMDB),
        build_work("e", "The Mummy", year=2017, ids=IMDB),
        build_work("e", "La Momie", year=2017, by="Alex Kurtzman", ids=IMDB),
        build_work("e", "La Momie", ids=IMDB),
    ],
)
def test_an_identifier_contradicted_or_alone_goes_to_a_person(entry: Work) -> None:
    decision = decide_entry(entry, THE_MUMMY)
    assert (decision.band, decision.proposals[0].film_id) == (Band.REVIEW, "f"), decision.reason


def test_an_identifier_of_another_film_than_the_title_says_is_a_conflict() -> None:
    alien = build_work("alien", "Alien", year=1979, by="Ridley Scott")
    decision = decide_entry(build_work("e", "Alien", year=1979, by="Ridley Scott", ids=IMDB), alien, THE_MUMMY)
    assert decision.band is Band.REVIEW and "un identifiant désigne un autre film" in decision.reason


def test_two_numbers_of_one_scheme_that_differ_are_a_conflict() -> None:
    decision = decide_entry(build_work("e", "The Mummy", year=1999, ids=[("imdb", "tt2345759")]), THE_MUMMY)
    assert decision.band is Band.REVIEW and "identifiants différents" in decision.reason
