"""The totals of the tables against SQL written here, which shares nothing with them, on a base drawn at random."""

import random
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
from domain.db.engine import write_session
from domain.runs.observation import ObservedOffer
from tests.domain.builders import NOON, make_film
from tests.domain.coverage.scene import collect_service

FILMS, SERVICES, DAYS = 60, ("un", "deux", "trois"), 40
DAY = date(2026, 11, 22) + timedelta(days=DAYS)
# In force: the live judgement, an offer seen and not closed, whose dates hold.
OPEN = """
    FROM offer o JOIN entry e ON e.id = o.entry_id JOIN platform p ON p.id = e.platform_id
    JOIN judgement j ON j.entry_id = e.id AND j.superseded_at IS NULL AND j.verdict = 'same'
    JOIN film f ON f.id = j.film_id
    WHERE o.first_seen <= :at AND (o.closed_at IS NULL OR o.closed_at > :at)
      AND (o.starts IS NULL OR o.starts <= :at) AND (o.ends IS NULL OR o.ends > :at)
"""


def drawn_offers(chance: random.Random) -> list[ObservedOffer]:
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


def build(session: Session) -> None:
    chance = random.Random(7)
    for number in range(1, FILMS + 1):
        film = make_film(number, f"Film {number}", chance.choice((None, 1950, 1975, 2015, 2024)))
        release = chance.choice((None, date(2023, 5, 1), date(2026, 1, 7)))
        countries = chance.choice(([], ["France"], ["Etats Unis", "France"], ["Belgique"]))
        film.sqlmodel_update(
            {"release_date": release, "countries": countries, "admissions": chance.choice((None, 5_000, 2_000_000))}
        )
        session.add(film)
    session.flush()
    for day in (0, 20, DAYS):
        for slug in SERVICES:
            shown = {film: drawn_offers(chance) for film in chance.sample(range(1, FILMS + 1), 25 + day // 20)}
            collect_service(session, slug, shown, NOON + timedelta(days=day))


@pytest.fixture
def day(engine: Engine) -> Any:
    with write_session(engine) as session:
        build(session)
        yield DaySnapshot(session, get_day_end(DAY))


def asked(day: DaySnapshot, query: str) -> list[Any]:
    at = {"at": day.at} if ":at" in query else {}
    return [row[0] if len(row) == 1 else tuple(row) for row in day.session.execute(text(query), at)]


def total(day: DaySnapshot, query: str) -> Any:
    return asked(day, query)[0]


def told(day: DaySnapshot, key: str, line: str, place: int = 1) -> Any:
    return next(row[place] for row in count_table_on(day, key).body.rows if row[0] == line)


def test_totals_agree_with_sql(day: DaySnapshot) -> None:
    films = total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN}")
    assert films > 30
    for key in ("t1", "t2", "t3", "t3-pays", "t4", "t4-genres", "t5", "t6", "t7"):
        assert told(day, key, "Ensemble") == films, key
    assert told(day, "t1", "Location") == total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.access = 'rent'")
    assert told(day, "t8", "0") == FILMS - films
    by_number = f"SELECT COUNT(*) FROM (SELECT f.id {OPEN} GROUP BY f.id HAVING COUNT(DISTINCT p.id) = 2) AS pairs"
    assert told(day, "t8", "2") == total(day, by_number)
    alone = f"SELECT COUNT(*) FROM (SELECT f.id {OPEN} GROUP BY f.id HAVING COUNT(DISTINCT p.id) = 1) AS alone"
    assert told(day, "t2", "Ensemble", 3) == total(day, alone)
    assert told(day, "t3", "États-Unis") == total(
        day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND CAST(f.countries AS TEXT) LIKE '[\"Etats%'"
    )
    assert told(day, "t6", "avant 1960") == total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND f.year < 1960")
    assert told(day, "t7", "plus de 1 million") == total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND f.admissions >= 1000000")


def test_rates_gaps_and_windows_agree_with_sql(day: DaySnapshot) -> None:
    shown = f"f.id IN (SELECT f.id {OPEN})"
    of_2023 = "SELECT COUNT(*) FROM film f WHERE f.release_date BETWEEN '2023-01-01' AND '2023-12-31'"
    assert (told(day, "t9", "2023"), told(day, "t9", "2023", 2)) == (total(day, of_2023), total(day, f"{of_2023} AND {shown}"))
    heritage = f"SELECT COUNT(*) FROM film f WHERE f.year < {DAY.year - 10}"
    assert told(day, "t15", "Ensemble") == total(day, heritage)
    assert told(day, "t15", "Ensemble", 2) == total(day, f"{heritage} AND NOT {shown}")
    rented = f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.access IN ('rent', 'buy') AND f.release_date = '2026-01-07'"
    rented = f"{rented} AND (f.year IS NULL OR f.year >= 2022)"
    assert told(day, "t14", "Location et achat", 3) + told(day, "t14", "Location et achat", 5) == total(day, rented)


def test_offers_and_movements_agree_with_sql(day: DaySnapshot) -> None:
    priced = count_table_on(day, "t10").body.rows
    assert sum(cast(int, row[3]) for row in priced) == total(day, f"SELECT COUNT(*) {OPEN} AND o.access IN ('rent', 'buy')")
    assert sum(cast(int, row[4]) for row in priced) == total(
        day, f"SELECT COUNT(*) {OPEN} AND o.access IN ('rent', 'buy') AND o.price_cents IS NULL"
    )
    assert sum(cast(int, row[2]) for row in count_table_on(day, "t10-age").body.rows) == sum(cast(int, row[3]) for row in priced)
    traits = {row[1]: row[2] for row in count_table_on(day, "t11").body.rows if row[0] == "Ensemble"}
    assert traits["image HD"] == total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.quality = 'HD'")
    assert traits["audiodescription"] == total(day, f"SELECT COUNT(DISTINCT f.id) {OPEN} AND o.audio_description")
    before = day.as_of(get_day_end(date(2026, 12, 1)))
    films = f"SELECT DISTINCT f.id {OPEN} AND p.slug = 'un'"
    now, then = set(asked(day, films)), set(asked(before, films))
    for row in count_table_on(day, "t12").body.rows:
        if row[0] == "Un":
            assert row[1:5] == (len(then), len(now - then), len(then - now), len(now))
    lines = total(day, f"SELECT COUNT(DISTINCT e.id) {OPEN}")
    assert count_table_on(day, "t16").body.rows[-1][2] == lines == day.entry_counts.linked


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
            build(session)
        day = DaySnapshot(session, get_day_end(DAY - timedelta(days=back)), chosen)
        for key in TABLE_KEYS:
            body = count_table_on(day, key).body
            shares = [place for place, column in enumerate(body.columns) if column.unit is Unit.SHARE]
            assert all(len(row) == len(body.columns) for row in body.rows), key
            if key != "t17":  # there a share is a change
                assert all(row[place] is None or 0 <= cast(float, row[place]) <= 1 for row in body.rows for place in shares), key
        whole = count_table_on(DaySnapshot(session, day.at, Filters(knowledge=chosen.knowledge)), "t1").body.rows[0][1]
        assert cast(int, count_table_on(day, "t1").body.rows[0][1]) <= cast(int, whole)
