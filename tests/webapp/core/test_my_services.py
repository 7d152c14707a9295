"""A reader's services, read from the address."""

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.common.enums import PlatformStatus
from domain.db.engine import read_session, write_session
from domain.models.platform import Platform
from tests.domain.builders import collect_run, make_platform, make_rental
from tests.domain.builders import make_observation as line
from webapp.core.context import ENGINE_KEY, RequestError
from webapp.core.my_services import MAX_SERVICES, parse_services


def read(app: Flask, *values: str) -> tuple[str, ...]:
    with read_session(app.extensions[ENGINE_KEY]) as session:
        return parse_services(session, values).slugs


def test_commas_and_a_form_say_the_same(app: Flask) -> None:
    assert read(app, "kiosque,cine") == read(app, "cine", "kiosque", "cine", "") == ("cine", "kiosque")
    assert read(app) == read(app, "") == ()


def test_an_address_carries_the_choice_over(app: Flask) -> None:
    with read_session(app.extensions[ENGINE_KEY]) as session:
        assert parse_services(session, ["kiosque,cine"]).query_params == {"services": "cine,kiosque"}
        assert parse_services(session, []).query_params == {}


def test_services_to_choose_from_are_in_alphabetical_order(app: Flask) -> None:
    with read_session(app.extensions[ENGINE_KEY]) as session:
        mine = parse_services(session, ["cine"])
    assert [choice.name for choice in mine.choices] == [
        *("Abonné Exemple", "Antenne Exemple", "Boîtier Exemple", "Ciné Exemple", "Kiosque Exemple")
    ]
    assert [choice.slug for choice in mine.choices if choice.chosen] == ["cine"]


def test_one_does_not_choose_a_service_never_collected_but_one_that_closed_stays_understood(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        make_platform(session, "muet")
        closed = make_platform(session, "clos")
        collect_run(session, closed, [line("1", "Un film", make_rental())])
        closed.status = PlatformStatus.CLOSED
    with read_session(sqlite_engine) as session:
        assert parse_services(session, []).choices == ()
        mine = parse_services(session, ["clos"])
        assert mine.platform_ids == (session.get_one(Platform, 2).id,) and [choice.slug for choice in mine.choices] == ["clos"]


def test_an_unknown_service_is_named(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(RequestError, match="« netflixx »"):
        read(app, "cine,netflixx")


@pytest.mark.parametrize("slug", ["\x00", "\udcff", "ciné", "a" * 70_000])
def test_slugs_that_a_database_would_not_read_are_unknown(postgresql_engine: Engine, app: Flask, slug: str) -> None:
    with (
        app.test_request_context(),
        read_session(postgresql_engine) as session,
        pytest.raises(RequestError, match="Service inconnu"),
    ):
        parse_services(session, [slug])


def test_too_many_services_are_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(RequestError, match=str(MAX_SERVICES)):
        read(app, ",".join(f"s{index}" for index in range(MAX_SERVICES + 1)))


@given(st.lists(st.text(max_size=200), max_size=70))
@settings(max_examples=60)
def test_whatever_is_sent_is_a_choice_or_one_sentence(app: Flask, values: list[str]) -> None:
    with app.test_request_context():
        try:
            assert set(read(app, *values)) <= {"cine", "kiosque", "abonne", "antenne", "boitier"}
        except RequestError as refusal:
            assert refusal.description and "\n" not in refusal.description
