"""Raw values in, clean ones out; anything else is a ValueError."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.extract import transforms
from crawlers.extract.transforms import TRANSFORMS
from domain.common.parsing import UnknownWordError, parse_year

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates().map(str)
    | st.from_regex(r"P?T?[0-9:hHMS.,€ ]+"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["seconds", "name"]), inner, max_size=2),
    max_leaves=5,
)


@pytest.mark.parametrize("name", TRANSFORMS)
@given(value=ANYTHING)
def test_any_input_gives_a_value_or_a_value_error(name: str, value: object) -> None:
    try:
        TRANSFORMS[name](value)
    except ValueError as error:
        assert str(error).strip() and "\n" not in str(error)


@given(amount=st.integers(0, 99_999_999), comma=st.booleans(), unit=st.sampled_from(["", " €", "€", " euros", " EUR"]))
def test_a_written_price_is_read_to_the_cent(amount: int, comma: bool, unit: str) -> None:
    written = f"{amount // 100}{',' if comma else '.'}{amount % 100:02}{unit}"
    assert transforms.parse_price_cents(written) == amount


@given(amount=st.integers(0, 99_999))
def test_a_price_given_as_a_number_is_read_to_the_cent(amount: int) -> None:
    assert transforms.parse_price_cents(amount / 100) == amount


@pytest.mark.parametrize(
    ("written", "cents"), [("2,99", 299), ("7.99 euros", 799), ("3,99\u00a0€", 399), (3.99, 399), (4, 400), ("1 299,5", 129950)]
)
def test_prices_as_platforms_write_them(written: object, cents: int) -> None:
    assert transforms.parse_price_cents(written) == cents


@pytest.mark.parametrize("written", ["Gratuit", "dès 2,99 €", "2,999", "$3.99", "-2,99", True, [2.99], float("nan")])
def test_what_is_not_a_price_in_euros_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="prix"):
        transforms.parse_price_cents(written)


@pytest.mark.parametrize(
    ("name", "value", "minutes"),
    [
        *(("minutes_from_iso", text, 97) for text in ("PT1H37M", "PT97M", "PT01H37M00S", "P0DT1H37M0S", "PT5820S")),
        ("minutes_from_iso", "PT0S", None),
        ("minutes_from_seconds", 5820, 97),
        ("minutes_from_seconds", {"seconds": 5820}, 97),
        ("minutes_from_ms", 5_820_000, 97),
        ("minutes_from_ms", "5820000", 97),
        ("minutes_from_ms", 0, None),
        ("minutes_from_hm", "1h45", 105),
        ("minutes_from_hm", "1:45", 105),
        ("minutes_from_hm", "97 min", 97),
        ("minutes_from_hm", "no-duration", None),
    ],
)
def test_durations_in_minutes(name: str, value: object, minutes: int | None) -> None:
    assert TRANSFORMS[name](value) == minutes


@pytest.mark.parametrize("name", ["int", "minutes_from_seconds", "minutes_from_ms"])
@pytest.mark.parametrize("value", [10**15, -(10**400), 1e300, "9" * 16])
def test_a_number_without_measure_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="nombre entier attendu"):
        TRANSFORMS[name](value)


@given(hours=st.integers(0, 20), minutes=st.integers(0, 59), seconds=st.integers(0, 59))
def test_a_duration_is_the_same_however_it_is_written(hours: int, minutes: int, seconds: int) -> None:
    total = hours * 3600 + minutes * 60 + seconds
    minutes_read = {
        transforms.convert_iso_to_minutes(f"PT{hours}H{minutes}M{seconds}S"),
        transforms.convert_iso_to_minutes(f"PT{total}S"),
        transforms.convert_seconds_to_minutes(total),
        transforms.convert_milliseconds_to_minutes(1000 * total),
    }
    assert minutes_read == {round(total / 60) or None}


@pytest.mark.parametrize(
    ("written", "versions"),
    [
        ("VF", ["VF"]),
        ("vost-fr, V.O.", ["VOSTFR", "VO"]),
        (["fr-FR", "French", "Français"], ["VF"]),
        (["VOF", "version originale sous-titrée"], ["VOF", "VOST"]),
    ],
)
def test_versions_are_told_in_the_words_of_the_site(written: object, versions: list[str]) -> None:
    assert transforms.parse_languages(written) == versions


def test_a_version_without_a_word_is_told_and_the_others_kept() -> None:
    with pytest.raises(UnknownWordError, match="mot inconnu « klingon »") as caught:
        transforms.parse_languages("VF / klingon")
    assert caught.value.known == ["VF"]


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("Agnès Varda et JR", ["Agnès Varda", "JR"]),
        ("Joel Coen, Ethan Coen", ["Joel Coen", "Ethan Coen"]),
        ("Jean-Luc Godard / Anne-Marie Miéville", ["Jean-Luc Godard", "Anne-Marie Miéville"]),
        ("Robert Downey, Jr.", ["Robert Downey, Jr."]),
        (["Élise Carvalho ", "Élise Carvalho"], ["Élise Carvalho"]),
    ],
)
def test_people_are_parted(written: object, people: list[str]) -> None:
    assert transforms.parse_names(written) == people


def test_countries_keep_their_et() -> None:
    assert transforms.parse_countries("France ,  Bosnie et Herzégovine") == ["France", "Bosnie et Herzégovine"]


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-01-01T05:00:00+01:00", datetime(2026, 1, 1, 4, tzinfo=UTC)),
        ("2026-07-01 05:00:00", datetime(2026, 7, 1, 3, tzinfo=UTC)),
        ("2026-01-01", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (1_767_225_600, datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_without_a_zone_are_paris_time(value: object, moment: datetime) -> None:
    assert transforms.parse_datetime(value) == moment


def test_the_last_day_of_an_offer_is_included() -> None:
    assert transforms.parse_end_datetime("2026-12-31") == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert transforms.parse_end_datetime("2026-12-31T12:00:00Z") == datetime(2026, 12, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(("value", "year"), [("2019", 2019), (1974, 1974), ("mai 2019", 2019), ("2019-05-01", 2019)])
def test_years(value: object, year: int) -> None:
    assert parse_year(value) == year


def test_text_is_freed_of_html() -> None:
    assert transforms.parse_text("<p>L&eacute;gendes&nbsp;&amp; <b>contes</b></p>") == "Légendes & contes"
