"""The totals of the tables against SQL written here, which shares nothing with them, on a database drawn at random."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from domain.common.enums import Access, Quality
from domain.coverage.as_of import get_day_end
from domain.coverage.dataset import DaySnapshot
from domain.coverage.registry import TABLE_KEYS, count_table_on
from domain.coverage.schema import CountryRule, Filters, Knowledge, LanguageRule, Unit
from domain.db.engine import read_session, write_session
from domain.runs.observation import ObservedOffer
from tests.domain.builders import NOON, make_film
from tests.domain.coverage.scene import collect_service

FILMS, SERVICES, DAYS = 60, ("un", "deux", "trois"), 40
DAY = date(2026, 11, 22) + timedelta(days=DAYS)
# Linked by the live judgement, seen and not closed, within its dates.
OPEN = """
    FROM offer o JOIN entry e ON e.id = o.entry_id JOIN platform p ON p.id = e.platform_id
    JOIN judgement j ON j.entry_id = e.id AND j.superseded_at IS NULL AND j.verdict = 'same'
    JOIN film f ON f.id = j.film_id
    WHERE o.first_seen <= :at AND (o.closed_at IS NULL OR o.closed_at > :at)
      AND (o.starts IS NULL OR o.starts <= :at) AND (o.ends IS NULL OR o.ends > :at)
"""


def draw_offers(chance: random.Random) -> list[ObservedOffer]:
    return [
        ObservedOffer(
            access=access,
            price_cents=chance.choice((None, 199, 299, 399)) if access in (Access.RENT, Access.BUY) else None,
            quality=chance.choice((None, *Quality)),
            audio_description=chance.choice((None, True, False)),
            languages=chance.choice(((), ("VF",), ("VOF",), ("VOSTFR",))),
        )
        for access in chance.sample(list(Access), chance.randint(1, 3))
    ]


def fill_database(session: Session) -> None:
    chance = random.Random(7)
    for film_id in range(1, FILMS + 1):
        film = make_film(film_id, f"Film {film_id}", chance.choice((None, 1950, 1975, 2015, 2024)))
        release = chance.choice((None, date(2023, 5, 1), date(2026, 1, 7)))
        countries = chance.choice(([], ["France"], ["Etats Unis", "France"], ["Belgique"]))
        film.sqlmodel_update(
            {"release_date": release, "countries": countries, "admissions": chance.choice((None, 5_000, 2_000_000))}
        )
        session.add(film)
    session.flush()
    for day in (0, 20, DAYS):
        for slug in SERVICES:
            film_ids = chance.sample(range(1, FILMS + 1), 25 + day // 20)
            films = {film_id: draw_offers(chance) for film_id in film_ids}
            collect_service(session, slug, films, NOON + timedelta(days=day))


@pytest.fixture(scope="module")
def filled_engine(module_engine: Engine) -> Engine:
    with write_session(module_engine) as session:
        fill_database(session)
    return module_engine


@pytest.fixture
def day(filled_engine: Engine) -> Iterator[DaySnapshot]:
    with read_session(filled_engine) as session:
        yield DaySnapshot(session, get_day_end(DAY))


def query_rows(day: DaySnapshot, query: str) -> list[Any]:
    params = {"at": day.at} if ":at" in query else {}
    return [row[0] if len(row) == 1 else tuple(row) for row in day.session.execute(text(query), params)]


def query_value(day: DaySnapshot, query: str) -> Any:
    return query_rows(day, query)[0]


def get_cell(day: DaySnapshot, key: str, label: str, position: int = 1) -> Any:
    return next(row[position] for row in count_table_on(day, key).body.rows if row[0] == label)


def test_totals_agree_with_sql(day: DaySnapshot) -> None:
    films = query_value(day, f"SELECT COUNT(DISTINCT f.id) {OPEN}")
    assert films > 30
    for key in ("t1", "t2", "t3", "t3-pays", "t4", "t4-genres", "t5", "t6", "t7"):
        assert get_cell(day, key, "Ensemble") == films, key
    assert get_cell(day, "t1", "Location") == query_value(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.access = 'rent'")
    assert get_cell(day, "t8", "0") == FILMS - films
    by_number = f"SELECT COUNT(*) FROM (SELECT f.id {OPEN} GROUP BY f.id HAVING COUNT(DISTINCT p.id) = 2) AS pairs"
    assert get_cell(day, "t8", "2") == query_value(day, by_number)
    alone = f"SELECT COUNT(*) FROM (SELECT f.id {OPEN} GROUP BY f.id HAVING COUNT(DISTINCT p.id) = 1) AS alone"
    assert get_cell(day, "t2", "Ensemble", 3) == query_value(day, alone)
    assert get_cell(day, "t3", "États-Unis") == query_value(
        day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND CAST(f.countries AS TEXT) LIKE '[\"Etats%'"
    )
    assert get_cell(day, "t6", "avant 1960") == query_value(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND f.year < 1960")
    assert get_cell(day, "t7", "plus de 1 million") == query_value(
        day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND f.admissions >= 1000000"
    )


def test_rates_gaps_and_windows_agree_with_sql(day: DaySnapshot) -> None:
    is_available = f"f.id IN (SELECT f.id {OPEN})"
    of_2023 = "SELECT COUNT(*) FROM film f WHERE f.release_date BETWEEN '2023-01-01' AND '2023-12-31'"
    assert (get_cell(day, "t9", "2023"), get_cell(day, "t9", "2023", 2)) == (
        query_value(day, of_2023),
        query_value(day, f"{of_2023} AND {is_available}"),
    )
    heritage = f"SELECT COUNT(*) FROM film f WHERE f.year < {DAY.year - 10}"
    assert get_cell(day, "t15", "Ensemble") == query_value(day, heritage)
    assert get_cell(day, "t15", "Ensemble", 2) == query_value(day, f"{heritage} AND NOT {is_available}")
    rented = f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.access IN ('rent', 'buy') AND f.release_date = '2026-01-07'"
    rented = f"{rented} AND (f.year IS NULL OR f.year >= 2022)"
    assert get_cell(day, "t14", "Location et achat", 3) + get_cell(day, "t14", "Location et achat", 5) == query_value(day, rented)


def test_offers_and_movements_agree_with_sql(day: DaySnapshot) -> None:
    priced = count_table_on(day, "t10").body.rows
    assert sum(cast(int, row[3]) for row in priced) == query_value(day, f"SELECT COUNT(*) {OPEN} AND o.access IN ('rent', 'buy')")
    assert sum(cast(int, row[4]) for row in priced) == query_value(
        day, f"SELECT COUNT(*) {OPEN} AND o.access IN ('rent', 'buy') AND o.price_cents IS NULL"
    )
    assert sum(cast(int, row[2]) for row in count_table_on(day, "t10-age").body.rows) == sum(cast(int, row[3]) for row in priced)
    traits = {row[1]: row[2] for row in count_table_on(day, "t11").body.rows if row[0] == "Ensemble"}
    assert traits["image HD"] == query_value(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.quality = 'HD'")
    assert traits["audiodescription"] == query_value(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.audio_description")
    before = day.as_of(get_day_end(date(2026, 12, 1)))
    films = f"SELECT DISTINCT f.id {OPEN} AND p.slug = 'un'"
    now, then = set(query_rows(day, films)), set(query_rows(before, films))
    for row in count_table_on(day, "t12").body.rows:
        if row[0] == "Un":
            assert row[1:5] == (len(then), len(now - then), len(then - now), len(now))
    entries = query_value(day, f"SELECT COUNT(DISTINCT e.id) {OPEN}")
    assert count_table_on(day, "t16").body.rows[-1][2] == entries == day.entry_counts.linked


filters = st.builds(
    Filters,
    services=st.lists(st.sampled_from([*SERVICES, "personne"]), unique=True).map(tuple),
    accesses=st.lists(st.sampled_from(list(Access)), unique=True).map(tuple),
    country=st.sampled_from(CountryRule),
    language=st.sampled_from(LanguageRule),
    knowledge=st.sampled_from(Knowledge),
)


@settings(max_examples=12)
@given(chosen=filters, back=st.integers(0, DAYS + 1))
def test_under_any_filters_tables_are_whole_and_shares_are_shares(chosen: Filters, back: int, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        if not session.execute(text("SELECT COUNT(*) FROM film")).scalar_one():
            fill_database(session)
        day = DaySnapshot(session, get_day_end(DAY - timedelta(days=back)), chosen)
        for key in TABLE_KEYS:
            body = count_table_on(day, key).body
            positions = [position for position, column in enumerate(body.columns) if column.unit is Unit.SHARE]
            assert all(len(row) == len(body.columns) for row in body.rows), key
            if key != "t17":  # its share is a change
                shares = [row[position] for row in body.rows for position in positions]
                assert all(share is None or 0 <= cast(float, share) <= 1 for share in shares), key
        unfiltered = count_table_on(DaySnapshot(session, day.at, Filters(knowledge=chosen.knowledge)), "t1").body.rows[0][1]
        assert cast(int, count_table_on(day, "t1").body.rows[0][1]) <= cast(int, unfiltered)
