"""Rows about items read: hostile or broken values are dropped, never guessed."""

import pytest

from crawlers.wikidata.endpoint import Row, Term
from crawlers.wikidata.items import get_item_id, read_items
from domain.films.formats import FilmRecord

ITEM = "http://www.wikidata.org/entity/Q1"
GENID = "http://www.wikidata.org/.well-known/genid/0123abcd"


def term(value: str, kind: str = "literal", language: str = "") -> Term:
    return Term.model_validate({"type": kind, "value": value, "xml:lang": language})


def row(fact: str, value: str, about: str = "", language: str = "", kind: str = "literal") -> Row:
    row = {"item": term(ITEM, "uri"), "fact": term(fact), "value": term(value, kind, language)}
    return row | ({"about": term(about, "uri")} if about else {})


def read(*rows: Row) -> FilmRecord:
    return read_items([row("label", "Playtime", language="fr"), *rows])["Q1"]


@pytest.mark.parametrize(
    "written",
    [
        "http://www.wikidata.org/entity/P1",
        GENID,
        "http://www.wikidata.org/entity/Q1> . ?a ?b ?c",
        "https://evil.example/Q1",
        "Q1",
    ],
)
def test_only_an_item_is_an_item(written: str) -> None:
    assert (
        get_item_id(term(written, "uri")) is None
        and get_item_id(term(ITEM, "literal")) is None
        and get_item_id(term(ITEM, "uri")) == "Q1"
    )


def test_texts_are_cleaned_and_bounded() -> None:
    line = read(row("label", "Play\u202e\u0000time\n<b>", language="en"), row("original", "x" * 9_000))
    assert (line.title, [title.title for title in line.titles], line.original_title) == (
        "Playtime",
        ["Playtime", "Playtime <b>"],
        None,
    )


def test_an_item_without_a_title_gives_no_line() -> None:
    assert (
        read_items([row("imdb", "tt0062136"), row("label", "\u200b", language="fr"), row("label", "Play", language="de")]) == {}
    )


def test_unknown_values_are_no_values() -> None:
    line = read(
        row("director", "Personne", about=GENID, language="fr"),
        row("published", GENID, kind="uri"),
        row("published", "t1234", kind="bnode"),
        row("imdb", GENID, kind="uri"),
    )
    assert (line.directors, line.year, line.identifiers) == ((), None, {"wikidata": "Q1"})


def test_each_director_is_named_once_in_french_first() -> None:
    other = ITEM.replace("Q1", "Q2")
    line = read(
        row("director", "Jacques Tati", about=ITEM, language="mul"),
        row("director", "Jacques Tatischeff", about=ITEM, language="en"),
        row("director", "Akira Kurosawa", about=other, language="en"),
        row("director", "Akira Kurosawa", about=other, language="fr"),
    )
    assert line.directors == ("Jacques Tati", "Akira Kurosawa")


@pytest.mark.parametrize(
    "day", ["-0044-03-15T00:00:00Z", "99999-01-01T00:00:00Z", "1967-13-01T00:00:00Z", "hier", "1492-01-01T00:00:00Z"]
)
def test_a_day_that_is_none_is_dropped(day: str) -> None:
    line = read(row("released", day), row("published", day))
    assert (line.release_date, line.year) == (None, None)


def test_the_first_day_counts() -> None:
    line = read(row("released", "2002-07-10T00:00:00Z"), row("released", "1967-12-16T00:00:00Z"))
    assert str(line.release_date) == "1967-12-16"


@pytest.mark.parametrize(
    ("amount", "unit", "minutes"),
    [("+124", "Q7727", 124), ("7440", "Q11574", 124), ("2", "Q25235", 120), ("124", "Q11573", None), ("1e9", "Q7727", None),
     ("-3", "Q7727", None), ("0", "Q7727", None), ("999999", "Q7727", None), ("NaN", "Q7727", None)],
)  # fmt: skip
def test_running_times_have_their_unit(amount: str, unit: str, minutes: int | None) -> None:
    assert read(row("runtime", amount, about=ITEM.replace("Q1", unit))).runtime_min == minutes


@pytest.mark.parametrize("number", ["tt", "0062136", "tt0062136' }", "nm0000001", "tt" + "9" * 40])
def test_a_damaged_number_is_dropped(number: str) -> None:
    assert read(row("imdb", number)).identifiers == {"wikidata": "Q1"}


def test_of_two_numbers_of_a_scheme_none_is_chosen_but_one_told_twice_is() -> None:
    line = read(row("imdb", "tt0062136"), row("imdb", "tt0062136"), row("tmdb", "1"), row("tmdb", "2"))
    assert line.identifiers == {"wikidata": "Q1", "imdb": "tt0062136"}


def read_titles(*rows: Row) -> list[tuple[str, str, str | None]]:
    record = read_items(rows)["Q1"]
    return [(title.title, title.kind.value, title.language) for title in record.titles]


def test_titles_have_their_kind_and_language_those_that_say_most_first() -> None:
    assert read_titles(
        row("alias", "The Hulot Film", language="en-gb"),
        row("label", "Mon oncle (film, 1958)", language="fr"),
        row("label", "My uncle", language="en-gb"),
        row("label", "My Uncle", language="en"),
        row("label", "Il mio zio", language="it"),
        row("label", "Mein Onkel", language="de"),
        row("original", "Mein Onkel", language="de"),
        row("alias", "Onkel Hulot", language="de"),
        row("alias", "my uncle", language="fr"),
        row("alias", "1958 film", language="en"),
    ) == [
        ("Mein Onkel", "original", "de"),
        ("Mon oncle", "alternative", "fr"),
        ("My Uncle", "alternative", "en"),
        ("The Hulot Film", "alias", "en-gb"),
        ("Onkel Hulot", "alias", "de"),
    ]


def test_an_original_title_of_another_script_is_transliterated_where_two_languages_agree() -> None:
    assert read_titles(
        row("original", "蜘蛛巣城", language="ja"),
        row("label", "Le Château de l’araignée", language="fr"),
        row("label", "Kumonosu-jō", language="es"),
        row("label", "Kumonosu-Jo", language="pt"),
        row("label", "Das Schloss im Spinnwebwald", language="de"),
        row("label", "Kumo no su jo", language="ja-latn"),
    ) == [
        ("蜘蛛巣城", "original", "ja"),
        ("Le Château de l’araignée", "alternative", "fr"),
        ("Kumo no su jo", "alternative", "ja-latn"),
        ("Kumonosu-jō", "alias", None),
    ]


@pytest.mark.parametrize("language", ["mul", "x" * 20, "en us", "1"])
def test_a_language_that_is_none_is_not_told(language: str) -> None:
    assert read_titles(row("label", "Playtime", language="fr"), row("original", "Play Time", language=language))[0][2] is None


def test_an_original_title_has_a_language_without_its_country() -> None:
    titles = read_titles(row("original", "Mommy", language="fr-ca"), row("label", "Maman", language="fr-ca"))
    assert titles == [("Mommy", "original", "fr"), ("Maman", "alternative", "fr-ca")]


def test_an_item_gives_thirty_titles_at_most() -> None:
    aliases = [row("alias", f"Hulot {number}", language="fr") for number in range(200)]
    assert len(read_titles(row("label", "Playtime", language="fr"), *aliases)) == 30


def test_a_film_called_film_is_completed_by_its_item() -> None:
    record = read_items([row("label", "Film", language="fr"), row("imdb", "tt0060410")])["Q1"]
    assert (record.title, record.titles, record.identifiers["imdb"]) == ("Film", (), "tt0060410")
