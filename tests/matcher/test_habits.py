"""A catalogue teaches what its years are and what its columns of identifiers hold; nothing is worse when it teaches nothing."""

from collections.abc import Callable, Sequence

import pytest

from matcher.blocking import FilmIndex
from matcher.comparisons.identifiers import IdentifierForm
from matcher.decision import Band
from matcher.habits import NO_HABITS, CatalogueHabits, keep_habits, learn_habits, select_sample
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.work import Work, make_work

COUNT = 60
SYLLABLES = ("ba", "co", "di", "fu", "ge", "li", "mo", "nu", "pa", "ro", "si", "tu")


def name(number: int) -> str:
    """A word of its own for each number."""
    return "".join(SYLLABLES[number // 12**place % 12] for place in range(3))


def make_films(**columns: Callable[[int], str]) -> list[Work]:
    return [
        make_work(
            f"f{number}",
            [f"Voyage de {name(number)}"],
            year=1950 + number,
            directors=[f"Anna {name(number + 500)}"],
            ids=[(scheme, value(number)) for scheme, value in columns.items()],
        )
        for number in range(COUNT)
    ]


def make_entries(years_later: int = 0, **columns: Callable[[int], str]) -> list[Work]:
    return [
        make_work(
            f"e{number}",
            [f"Voyage de {name(number)}"],
            year=1950 + number + years_later,
            directors=[f"{name(number + 500)} Anna"],
            ids=[(scheme, value(number)) for scheme, value in columns.items()],
        )
        for number in range(COUNT)
    ]


def visa(number: int) -> str:
    return str(12_345 + 37 * number)


def learn(entries: Sequence[Work], films: Sequence[Work]) -> CatalogueHabits:
    return learn_habits(entries, FilmIndex(films), load_model().year_shares)


@pytest.mark.parametrize(
    ("column", "film_scheme", "form"),
    [
        (visa, "visa", IdentifierForm.SAME),
        (lambda number: visa(number)[1:], "visa", IdentifierForm.FIRST_DIGIT_LOST),
        (lambda number: f"FR-{visa(number)}", "visa", IdentifierForm.REWRITTEN),
        (lambda number: f"00{visa(number)}", "visa", IdentifierForm.SAME),
        (lambda number: f"99{visa(number)}", "visa", IdentifierForm.PREFIXED),
    ],
)
def test_a_column_that_holds_another_number_is_read_as_what_it_holds(
    column: Callable[[int], str], film_scheme: str, form: IdentifierForm
) -> None:
    reading = learn(make_entries(allocine=column), make_films(visa=visa)).readings["allocine"]
    assert (reading.film_scheme, reading.form, reading.agreed, reading.compared) == (film_scheme, form, COUNT, COUNT)
    assert not reading.is_ignored


def test_a_column_that_lies_is_ignored_and_no_link_suffers() -> None:
    films = make_films(allocine=lambda number: str(70_000 + number))
    entries = make_entries(allocine=lambda number: str(70_000 + (number + 7) % COUNT))
    habits = learn(entries, films)
    assert habits.readings["allocine"].is_ignored
    decisions = link_entries(entries, FilmIndex(films), load_model())
    assert [(decision.band, decision.proposals[0].film_id) for decision in decisions] == [
        (Band.AUTO, f"f{number}") for number in range(COUNT)
    ]


def test_a_column_that_holds_what_it_says_is_kept() -> None:
    reading = learn(make_entries(visa=visa), make_films(visa=visa)).readings["visa"]
    assert (reading.film_scheme, reading.form) == ("visa", IdentifierForm.SAME)
    assert not reading.is_ignored and not reading.is_weak


def test_a_column_that_is_often_wrong_helps_where_it_agrees_only() -> None:
    def column(number: int) -> str:
        return visa(number) if number % 4 else visa(number + 1000)

    reading = learn(make_entries(visa=column), make_films(visa=visa)).readings["visa"]
    assert reading.is_weak and not reading.is_ignored


def test_a_mislabelled_column_identifies_a_film_whose_title_is_translated() -> None:
    films = [*make_films(visa=visa), make_work("x", ["The Long Way"], year=2020, ids=[("visa", "77777")])]
    entries = [
        *make_entries(allocine=lambda number: f"FR-{visa(number)}"),
        make_work("x", ["Le Grand Chemin"], year=2020, ids=[("allocine", "FR-77777")]),
    ]
    decision = link_entries(entries, FilmIndex(films), load_model())[-1]
    assert (decision.band, decision.proposals[0].film_id) == (Band.AUTO, "x"), decision.reason


def test_numbers_without_their_first_digit_prove_no_link_alone() -> None:
    films = [*make_films(visa=visa), make_work("x", ["The Long Way"], year=2020, ids=[("visa", "77777")])]
    entries = [
        *make_entries(allocine=lambda number: visa(number)[1:]),
        make_work("x", ["Le Grand Chemin"], year=2020, ids=[("allocine", "7777")]),
    ]
    decisions = link_entries(entries, FilmIndex(films), load_model())
    assert {decision.band for decision in decisions[:COUNT]} == {Band.AUTO}
    assert decisions[-1].band is not Band.AUTO


def test_the_years_that_a_catalogue_gives_weigh_by_its_habit() -> None:
    late = learn(make_entries(years_later=1), make_films()).adjustments["year"]
    assert late["later"] > 1 and late["same"] < 0
    usual = learn(make_entries(), make_films()).adjustments.get("year", {})
    assert usual.get("same", 0) >= 0 and usual.get("later", 0) <= 0


def test_a_catalogue_too_small_to_tell_has_no_habits() -> None:
    assert learn(make_entries(allocine=visa)[:5], make_films(visa=visa)) == NO_HABITS


def test_habits_do_not_depend_on_the_order_of_the_entries() -> None:
    entries = make_entries(years_later=1, allocine=lambda number: visa(number)[1:])
    films = make_films(visa=visa)
    assert learn(entries, films) == learn(entries[::-1], films)


def test_habits_stay_until_what_is_learnt_is_clearly_different() -> None:
    former, near, far = (CatalogueHabits(adjustments={"year": {"same": -0.6 + gap, "few": 9 * gap}}) for gap in (0.0, 0.1, 0.4))
    shares = load_model().year_shares
    assert keep_habits(former, near, shares) is former and keep_habits(former, far, shares) is far
    assert keep_habits(former, NO_HABITS, shares) is NO_HABITS


def test_an_entry_that_comes_moves_one_of_the_sample_at_most() -> None:
    entry_ids = [str(number) for number in range(5_000)]
    before, after = ({ids[position] for position in select_sample(ids)} for ids in (entry_ids, [*entry_ids, "new"]))
    assert len(before) == len(after) == 1_000 and len(after - before) <= 1
