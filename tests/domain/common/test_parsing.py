"""Values as sources write them: what is clear is read exactly, what is ambiguous is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common import parsing
from domain.common.paris_time import PARIS

UNITS = st.sampled_from(["", " €", "€", " euros", " EUR", " eur"])
NAMES = st.lists(st.from_regex(r"[A-Z][a-z]{2,8} [A-Z][a-z]{2,8}", fullmatch=True), unique=True, max_size=5)
TEXT_PARSERS: list[Callable[[str], object]] = [
    parsing.parse_whole_number,
    parsing.parse_year,
    parsing.parse_price_cents,
    parsing.parse_iso_duration,
    parsing.parse_clock_duration,
    parsing.parse_iso_day,
    parsing.parse_paris_datetime,
    parsing.split_people,
    parsing.split_list,
]


@pytest.mark.parametrize("parse_value", TEXT_PARSERS)
@given(text=st.text() | st.from_regex(r"P?T?[0-9:hHMSD.,€ -]+") | st.datetimes().map(str))
def test_any_text_gives_a_value_or_a_value_error(parse_value: Callable[[str], object], text: str) -> None:
    try:
        parse_value(text)
    except (ValueError, OverflowError) as error:
        assert str(error)


@given(cents=st.integers(0, 99_999_999), point=st.sampled_from(",."), unit=UNITS, grouped=st.booleans())
def test_a_price_is_read_to_the_cent(cents: int, point: str, unit: str, grouped: bool) -> None:
    euros = f"{cents // 100:,}".replace(",", " ") if grouped else str(cents // 100)
    assert parsing.parse_price_cents(f"{euros}{point}{cents % 100:02}{unit}") == cents


@given(euros=st.integers(0, 999_999), unit=UNITS)
def test_a_whole_price_and_one_decimal_are_read(euros: int, unit: str) -> None:
    assert parsing.parse_price_cents(f"{euros}{unit}") == 100 * euros
    assert parsing.parse_price_cents(f"{euros},5{unit}") == 100 * euros + 50


@pytest.mark.parametrize(
    "text", ["2,999", "2.000", "1,234.50", "1.234,50", "3 99", "dès 2,99 €", "$3.99", "-1", "£2", "3.99 USD", ""]
)
@pytest.mark.parametrize("allow_padding", [False, True])
def test_an_ambiguous_price_is_refused(text: str, allow_padding: bool) -> None:
    if text == "2.000" and allow_padding:
        assert parsing.parse_price_cents(text, allow_padding=True) == 200
        return
    with pytest.raises(ValueError, match="prix en euros attendu"):
        parsing.parse_price_cents(text, allow_padding=allow_padding)


@pytest.mark.parametrize("text", ["P1Y", "P1M", "P2W", "-PT5M", "PT1.5H", "P", "PT", "PT5", "1h45", "P00000001D"])
def test_a_duration_that_is_no_running_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="durée ISO 8601 attendue"):
        parsing.parse_iso_duration(text)


@given(hours=st.integers(0, 99), minutes=st.integers(0, 59), seconds=st.integers(0, 59))
def test_a_length_is_the_same_however_it_is_written(hours: int, minutes: int, seconds: int) -> None:
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert parsing.parse_iso_duration(f"PT{hours}H{minutes}M{seconds}S") == length
    assert parsing.parse_clock_duration(f"{hours}:{minutes:02}:{seconds:02}") == length
    assert parsing.parse_clock_duration(f"{hours} h {minutes:02}") == length - timedelta(seconds=seconds)


@given(day=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_begins_and_ends_at_midnight_in_paris(day: date) -> None:
    start, end = parsing.parse_paris_datetime(str(day)), parsing.parse_paris_datetime(str(day), include_day=True)
    assert start.astimezone(PARIS).replace(tzinfo=None) == datetime(day.year, day.month, day.day)  # noqa: DTZ001
    assert end == parsing.parse_paris_datetime(str(day + timedelta(days=1)))
    assert parsing.convert_french_date(day.strftime("%d/%m/%Y")) == str(day)


@given(moment=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_the_same_in_seconds_and_in_iso(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert parsing.parse_timestamp(whole.timestamp()) == whole
    assert parsing.parse_paris_datetime(whole.isoformat()) == whole


@given(names=NAMES, separator=st.sampled_from([" / ", " et ", ", ", " & ", ";", " | ", " and "]))
def test_people_are_parted_by_any_separator(names: list[str], separator: str) -> None:
    assert parsing.split_people(separator.join(names)) == names


def test_known_languages_come_with_the_first_unknown_word() -> None:
    with pytest.raises(parsing.UnknownWordError, match="klingon") as caught:
        parsing.parse_languages(["V.F.", "klingon", "vost fr", "elfique"])
    assert caught.value.known == ["VF", "VOSTFR"]
