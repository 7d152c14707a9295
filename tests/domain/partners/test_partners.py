"""Partner sites: which host names are accepted, what is counted of them, who may read it, and until when."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.partner import Partner, PartnerCount
from domain.partners import partners
from domain.partners.counters import CountKey, add_counts
from domain.partners.partners import (
    add_partner,
    extract_public_host,
    find_partner,
    list_partners,
    parse_public_host,
    revoke_partner,
)
from domain.partners.stats import (
    UsageCounts,
    count_by_day,
    count_by_day_and_film,
    count_by_film,
    count_by_partner,
    delete_old_counts,
    get_oldest_month,
)
from tests.domain.builders import make_film

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
SUNDAY, MONDAY, NOVEMBER = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 1)
CINEMA, LIBRARY = "cinema.example", "bibliotheque.example"


def add_films(session: Session) -> None:
    session.add_all([make_film(1, "Playtime"), make_film(2, "Parade")])
    session.flush()


def add_partner_counts(session: Session, column: str, counts: dict[tuple[str, int, date], int]) -> None:
    by_key: dict[tuple[CountKey, date], int] = {}
    for (origin, film_id, day), added in counts.items():
        by_key[(origin, film_id), day] = added
    add_counts(session, PartnerCount, by_key, column)


@pytest.mark.parametrize("name", ["cinema.example", "www.cinema.example", "CINEMA.example", "xn--cinma-dsa.example", "a.b-c.fr"])
def test_the_name_of_a_public_site_is_taken(name: str) -> None:
    assert parse_public_host(name) == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        *("", "localhost", "cinema", "127.0.0.1", "10.0.0.1", "[::1]", "::1", "a..fr", ".fr", "-a.fr", "a-.fr", "a.fr.", "a.f"),
        *("imprimante.local", "serveur.lan", "x.test", "x.invalid", "x.internal", "a b.fr", "a.fr/x", "a.fr:80", "https://a.fr"),
        *("é.fr", "a.fr\n", "a.fr\x00", "<script>.fr", f"{'a' * 64}.fr", f"{'a.' * 60}fr", "a_b.fr", "a.1", "a@b.fr"),
    ],
)
def test_anything_else_is_not(name: str) -> None:
    assert parse_public_host(name) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://cinema.example", CINEMA),
        ("http://cinema.example:8080", CINEMA),
        ("https://user:word@Cinema.example/films/un-film?visiteur=12#x", CINEMA),
        *(("null", None), ("", None), ("file:///etc", None), ("https://127.0.0.1:5000", None), ("https://[::1", None)),
        *(("android-app://com.exemple.fr", None), ("javascript:alert(1)", None), ("https://", None)),
    ],
)
def test_of_an_address_only_the_host_is_read(address: str, host: str | None) -> None:
    assert extract_public_host(address) == host


@given(st.text(max_size=120))
def test_whatever_is_claimed_is_a_name_or_nothing(text: str) -> None:
    for host in (parse_public_host(text), extract_public_host(text), extract_public_host(f"https://{text}")):
        assert host is None or (host == host.lower() and host.isascii() and "." in host and len(host) <= 100)


def test_loads_and_exits_add_up_by_partner_film_and_day(engine: Engine) -> None:
    with write_session(engine) as session:
        add_films(session)
    for _ in range(2):
        with write_session(engine) as session:
            add_partner_counts(session, "loads", {(CINEMA, 1, SUNDAY): 3, (CINEMA, 2, MONDAY): 1, (LIBRARY, 1, SUNDAY): 7})
            add_partner_counts(session, "exits", {(CINEMA, 1, SUNDAY): 1})
    with read_session(engine) as session:
        assert count_by_day(session, CINEMA, NOVEMBER) == [(MONDAY, UsageCounts(2, 0)), (SUNDAY, UsageCounts(6, 2))]
        assert [(film.id, usage) for film, usage in count_by_film(session, CINEMA, NOVEMBER, 9)] == [
            (1, UsageCounts(6, 2)),
            (2, UsageCounts(2, 0)),
        ]
        assert [(row.day, row.title) for row in count_by_day_and_film(session, CINEMA, NOVEMBER)] == [
            (SUNDAY, "Playtime"),
            (MONDAY, "Parade"),
        ]
        rows = count_by_partner(session, NOVEMBER)
        assert [(row.partner.origin, row.films, row.usage.loads) for row in rows] == [(LIBRARY, 1, 14), (CINEMA, 2, 8)]
        assert count_by_day(session, CINEMA, date(2026, 10, 1)) == count_by_day(session, CINEMA, date(2026, 12, 1)) == []


def test_an_exit_makes_nobody_a_partner(engine: Engine) -> None:
    with write_session(engine) as session:
        add_films(session)
        add_partner_counts(session, "exits", {(CINEMA, 1, SUNDAY): 9})
    with read_session(engine) as session:
        assert list_partners(session) == [] and session.exec(select(PartnerCount)).all() == []


def test_a_flood_of_invented_sites_leaves_those_that_are_known(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partners, "MAX_PARTNERS", 3)
    with write_session(engine) as session:
        add_films(session)
        add_partner_counts(session, "loads", {(CINEMA, 1, SUNDAY): 1})
    with write_session(engine) as session:
        add_partner_counts(
            session, "loads", {(f"invente-{rank}.example", 1, SUNDAY): 1 for rank in range(9)} | {(CINEMA, 1, SUNDAY): 1}
        )
        add_partner(session, LIBRARY, NOW)
    with write_session(engine) as session:
        add_partner_counts(session, "loads", {(LIBRARY, 1, SUNDAY): 1})
        assert len(list_partners(session)) == 4
        assert count_by_day(session, CINEMA, NOVEMBER) == [(SUNDAY, UsageCounts(2, 0))]
        assert count_by_day(session, LIBRARY, NOVEMBER) == [(SUNDAY, UsageCounts(1, 0))]


def test_a_secret_opens_one_partner_until_it_is_revoked(engine: Engine) -> None:
    with write_session(engine) as session:
        secret = add_partner(session, "https://Cinema.example/", NOW)
        library_secret = add_partner(session, LIBRARY, NOW)
    with write_session(engine) as session:
        partner = find_partner(session, secret)
        assert partner and partner.origin == CINEMA and secret not in (partner.sha256 or "") and library_secret != secret
        with pytest.raises(UserError, match="a déjà une adresse privée"):
            add_partner(session, CINEMA, NOW)
        revoke_partner(session, CINEMA)
    with write_session(engine) as session:
        assert find_partner(session, secret) is None and find_partner(session, "") is None
        with pytest.raises(UserError, match="aucune adresse privée"):
            revoke_partner(session, CINEMA)
        renewed = add_partner(session, CINEMA, NOW)
        assert renewed != secret and find_partner(session, secret) is None


@pytest.mark.parametrize("origin", ["", "localhost", "https://127.0.0.1", "cinéma !"])
def test_a_private_address_is_for_a_public_site(engine: Engine, origin: str) -> None:
    with write_session(engine) as session, pytest.raises(UserError, match="nom de site public attendu"):
        add_partner(session, origin, NOW)


def test_counts_are_erased_after_25_months(engine: Engine) -> None:
    retained, old = date(2024, 10, 22), date(2024, 10, 21)
    with write_session(engine) as session:
        add_films(session)
        add_partner_counts(
            session, "loads", {(CINEMA, 1, old): 9, (CINEMA, 1, retained): 8, (LIBRARY, 1, old): 7, ("ciné.example", 1, old): 1}
        )
        add_partner(session, "musee.example", NOW)
    with write_session(engine) as session:
        add_partner_counts(session, "loads", {("film.example", 1, old): 9})
        delete_old_counts(session, NOW)
    with read_session(engine) as session:
        assert [(row.origin, row.day, row.loads) for row in session.exec(select(PartnerCount))] == [(CINEMA, retained, 8)]
        assert [partner.origin for partner in list_partners(session)] == [CINEMA, "musee.example"]
    assert get_oldest_month(NOW) == date(2024, 11, 1)


def test_a_partner_met_a_month_ago_and_hardly_ever_seen_is_forgotten(engine: Engine) -> None:
    long_ago, lately = date(2026, 10, 22), date(2026, 10, 23)
    with write_session(engine) as session:
        add_films(session)
        add_partner_counts(
            session, "loads", {("invente.example", 1, long_ago): 4, (CINEMA, 1, long_ago): 4, (LIBRARY, 1, lately): 1}
        )
        add_partner_counts(session, "loads", {(CINEMA, 2, SUNDAY): 1})
        add_partner(session, "musee.example", NOW.replace(year=2025))
    with write_session(engine) as session:
        delete_old_counts(session, NOW)
    with read_session(engine) as session:
        assert [partner.origin for partner in list_partners(session)] == [LIBRARY, CINEMA, "musee.example"]
        assert {row.origin for row in session.exec(select(PartnerCount))} == {LIBRARY, CINEMA}


def test_a_film_taken_back_loses_only_its_own_counts(engine: Engine) -> None:
    with write_session(engine) as session:
        add_films(session)
        add_partner_counts(session, "loads", {(CINEMA, 1, SUNDAY): 2, (CINEMA, 9, SUNDAY): 5})
    with read_session(engine) as session:
        assert count_by_day(session, CINEMA, NOVEMBER) == [(SUNDAY, UsageCounts(2, 0))]
        assert session.get_one(Partner, CINEMA).first_seen == SUNDAY
