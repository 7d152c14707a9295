"""What is sure is found; what is only likely is told as such, never as the film asked for."""

from collections.abc import Callable, Mapping

from search.requested_film import InputLine
from search.resolve import LineState, ResolvedLine
from tests.scene import DUNE_1984, DUNE_2021, GUEPARD, VADROUILLE
from tests.webapp.public.lists.conftest import (
    CHAMBRE_1946,
    CHAMBRE_1964,
    COUPS,
    FARGO,
    FILS,
    RUNNER,
    SPIDER_MAN,
    STRADA,
    TWIN_2010,
    TWIN_2011,
    Ask,
)

Outcome = tuple[LineState, int | None]
SURE = {
    "La Grande Vadrouille": VADROUILLE,
    "grande vadrouille (la)": VADROUILLE,
    "La Strada, Fellini": STRADA,
    "La Strada - Federico Fellini": STRADA,
    "La Strada de Federico Fellini": STRADA,
    "La Strada (Fellini, 1954)": STRADA,
    "La Strada;1954;Fellini": STRADA,
    "1. La Strada": STRADA,
    "« La Strada »": STRADA,
    "Dune 2021": DUNE_2021,
    "Dune (1984)": DUNE_1984,
    "Dune 1985": DUNE_1984,
    "Dune, Lynch": DUNE_1984,
    "Dune, 2021, Villeneuve": DUNE_2021,
    "Il gattopardo 1963": GUEPARD,
    "Blade Runner 2049": RUNNER,
    "Les 400 coups (1959)": COUPS,
    "spiderman 2002": SPIDER_MAN,
    "Le journal d'une femme de chambre, Buñuel": CHAMBRE_1964,
    "Le journal d'une femme de chambre (1946)": CHAMBRE_1946,
    "Jumelles 2009": TWIN_2010,
    "Jumelles 2010, Un Auteur": TWIN_2011,
    "tt0047528": STRADA,
    "Un titre que la base ignore https://www.imdb.com/title/tt0047528/": STRADA,
    "https://www.themoviedb.org/movie/405-la-strada": STRADA,
}
LIKELY = {
    "La grande vadrouile": VADROUILLE,
    "Dune, Kubrick, 1984": DUNE_1984,
    "Dune (Kubrick, 2021)": DUNE_2021,
    "La Strada, Kubrick": STRADA,
    "La Strada (1999)": STRADA,
    "Jumelles 2011": TWIN_2010,
    "Le Fils de Jean": FILS,
    "Vadrouille": VADROUILLE,
    "Blade Runner": RUNNER,
    "La Strada 1999 tt0053198": COUPS,
}
MISSING = ("zzzz xylophone", "???", "(1959)", "tt9999999", "https://example.org/")
TABLE: list[tuple[dict[str, object], Outcome]] = [
    ({"titles": ("La Strada",), "identifiers": (("imdb", "tt0047528"),)}, (LineState.FOUND, STRADA)),
    ({"titles": ("Der Weg",), "year": 1954, "identifiers": (("imdb", "tt0047528"),)}, (LineState.FOUND, STRADA)),
    ({"titles": ("Der Weg",), "year": 1999, "identifiers": (("imdb", "tt0047528"),)}, (LineState.TO_CHECK, STRADA)),
    ({"titles": ("La Strada",), "year": 1999, "identifiers": (("imdb", "tt0047528"),)}, (LineState.FOUND, STRADA)),
    ({"titles": ("La Strada",), "year": 1954, "identifiers": (("imdb", "tt0000001"),)}, (LineState.TO_CHECK, STRADA)),
    ({"titles": ("La Strada",), "year": 1954, "identifiers": (("allocine", "7"),)}, (LineState.FOUND, STRADA)),
    ({"identifiers": (("imdb", "tt0053198"), ("tmdb", "405"))}, (LineState.TO_CHECK, STRADA)),
    ({"titles": ("Fargo",), "year": 2014, "series": True}, (LineState.FOUND, FARGO)),
    ({"titles": ("Fargo",), "year": 2014, "series": False}, (LineState.TO_CHECK, FARGO)),
    ({"titles": ("La Strada",), "year": 1954, "series": True}, (LineState.TO_CHECK, STRADA)),
    ({"titles": ("Dune : première partie", "Dune")}, (LineState.FOUND, DUNE_2021)),
    ({"titles": ("Dune",), "directors": ("Un Autre", "Denis Villeneuve")}, (LineState.FOUND, DUNE_2021)),
    ({"titles": ("\0",), "identifiers": (("imdb", "tt\0"), ("\0", "1"))}, (LineState.MISSING, None)),
]


def outcome(results: list[ResolvedLine]) -> list[Outcome]:
    return [(line.state, line.film.id if line.film else None) for line in results]


def outcomes(ask: Ask, lines: Mapping[str, int | None]) -> dict[str, Outcome]:
    return dict(zip(lines, outcome(ask("\n".join(lines))), strict=True))


def test_what_is_sure_is_found(ask: Ask) -> None:
    assert outcomes(ask, SURE) == {line: (LineState.FOUND, film) for line, film in SURE.items()}


def test_what_is_only_likely_is_to_be_checked(ask: Ask) -> None:
    assert outcomes(ask, LIKELY) == {line: (LineState.TO_CHECK, film) for line, film in LIKELY.items()}


def test_homonyms_that_nothing_parts_are_to_be_checked(ask: Ask) -> None:
    lines = ("Dune", "Dune 2000", "Le journal d'une femme de chambre")
    assert [state for state, _ in outcome(ask("\n".join(lines)))] == [LineState.TO_CHECK] * 3


def test_what_nothing_looks_like_is_missing(ask: Ask) -> None:
    assert outcome(ask("\n".join(MISSING))) == [(LineState.MISSING, None)] * len(MISSING)


def test_numbers_come_first_and_may_be_contradicted(resolved: Callable[[list[InputLine]], list[ResolvedLine]]) -> None:
    lines = [InputLine(1, **facts) for facts, _ in TABLE]  # type: ignore[arg-type]
    for (facts, expected), results in zip(TABLE, outcome(resolved(lines)), strict=True):
        assert results == expected, facts


def test_lines_keep_their_order_and_those_that_are_broken_their_place(ask: Ask) -> None:
    results = ask("titre,année\nLa Strada,1954\nun,deux,trois\nzzzz,1999\n")
    assert [line.state for line in results] == [LineState.FOUND, LineState.UNREADABLE, LineState.MISSING]
