"""What must not change a link: order, case, accents, the number of workers, films that have nothing to do with it."""

import csv
import random
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.blocking import FilmIndex
from matcher.link_files import link_files
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.work import Work
from tests.matcher.works import build_work, list_links

MODEL = load_model()
WORDS = st.sampled_from(["été", "nuit", "mer", "amour", "ville", "œuvre", "2", "II", "le", "deux", "noël"])
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
NAMES = st.sampled_from(["", "Agnès Varda", "VARDA Agnès", "Jean Vigo", "Jacques Tati|Jean Vigo", "Collectif"])
FACTS = st.tuples(TITLES, st.sampled_from([None, 1967, 1968, 1975]), NAMES)
CATALOGUES = st.lists(FACTS, max_size=8)


COLUMNS = ["id", "title", "year", "directors"]


def written(path: Path, facts: list[Any], columns: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for place, (title, year, names) in enumerate(facts):
            writer.writerow({"id": place, "title": title, "year": year or "", "directors": names})
    return path


def linked_files(folder: Path, left: list[Any], right: list[Any], columns: list[str]) -> str:
    entries, films = written(folder / "entries.csv", left, columns), written(folder / "films.csv", right, columns)
    link_files(films, entries, folder / "links.csv", 1, None, lambda line: None)
    return (folder / "links.csv").read_text("utf-8")


def works(facts: list[tuple[str, int | None, str]]) -> list[Work]:
    return [build_work(str(place), title, year=year, by=names) for place, (title, year, names) in enumerate(facts)]


def linked(entries: list[Work], films: list[Work]) -> dict[str, tuple[str, str | None]]:
    outcomes = link_entries(entries, FilmIndex(films), MODEL)
    return {entry.id: link for entry, link in zip(entries, list_links(outcomes), strict=True)}


@given(CATALOGUES, CATALOGUES, st.randoms(use_true_random=False))
def test_the_order_of_films_and_entries_changes_nothing(left: list[Any], right: list[Any], chance: random.Random) -> None:
    entries, films = works(left), works(right)
    expected = linked(entries, films)
    chance.shuffle(entries)
    chance.shuffle(films)
    assert linked(entries, films) == expected


@given(CATALOGUES, CATALOGUES)
def test_case_and_accents_change_nothing(left: list[Any], right: list[Any]) -> None:
    def shouted(text: str) -> str:
        spread = unicodedata.normalize("NFD", text.upper().replace("Œ", "OE"))
        return "".join(sign for sign in spread if not unicodedata.combining(sign))

    plain = [(shouted(title), year, shouted(names)) for title, year, names in left]
    assert linked(works(plain), works(right)) == linked(works(left), works(right))


@given(CATALOGUES, CATALOGUES)
def test_an_unrelated_film_turns_no_link_into_another(left: list[Any], right: list[Any]) -> None:
    entries, films = works(left), works(right)
    before = linked(entries, films)
    after = linked(entries, [*films, build_work("other", "Zéro de conduite", year=1933, by="Collectif")])
    assert {entry_id: link for entry_id, link in after.items() if link[0] == "auto"} == {
        entry_id: link for entry_id, link in before.items() if link[0] == "auto"
    }


@given(CATALOGUES, CATALOGUES)
def test_probabilities_are_shares_of_one(left: list[Any], right: list[Any]) -> None:
    for decision in link_entries(works(left), FilmIndex(works(right)), MODEL):
        shares = [proposal.probability for proposal in decision.proposals]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1.001


@given(CATALOGUES, CATALOGUES, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_columns_changes_nothing(left: list[Any], right: list[Any], chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        first, again = (linked_files(Path(scratch), left, right, columns) for columns in (COLUMNS, chance.sample(COLUMNS, 4)))
    assert first == again
