"""A reader's services, read from the address."""

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.common.enums import PlatformStatus
from domain.db.engine import reading, writing
from domain.models.platform import Platform
from tests.domain.builders import a_line as line
from tests.domain.builders import a_platform, collected, rent
from webapp.core.context import ENGINE, Refusal
from webapp.core.my_services import MOST, read_services


def read(app: Flask, *values: str) -> tuple[str, ...]:
    with reading(app.extensions[ENGINE]) as session:
        return read_services(session, values).slugs


def test_commas_and_a_form_say_the_same(app: Flask) -> None:
    assert read(app, "kiosque,cine") == read(app, "cine", "kiosque", "cine", "") == ("cine", "kiosque")
    assert read(app) == read(app, "") == ()


def test_an_address_carries_the_choice_over(app: Flask) -> None:
    with reading(app.extensions[ENGINE]) as session:
        assert read_services(session, ["kiosque,cine"]).kept == {"services": "cine,kiosque"}
        assert read_services(session, []).kept == {}


def test_services_to_choose_from_are_in_alphabetical_order(app: Flask) -> None:
    with reading(app.extensions[ENGINE]) as session:
        mine = read_services(session, ["cine"])
    assert [choice.name for choice in mine.choices] == [
        *("Abonné Exemple", "Antenne Exemple", "Boîtier Exemple", "Ciné Exemple", "Kiosque Exemple")
    ]
    assert [choice.slug for choice in mine.choices if choice.chosen] == ["cine"]


def test_one_does_not_choose_a_service_never_collected_but_one_that_closed_stays_understood(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        a_platform(session, "muet")
        closed = a_platform(session, "clos")
        collected(session, closed, [line("1", "Un film", rent())])
        closed.status = PlatformStatus.CLOSED
    with reading(sqlite_engine) as session:
        assert read_services(session, []).choices == ()
        mine = read_services(session, ["clos"])
        assert mine.platform_ids == (session.get_one(Platform, 2).id,) and [choice.slug for choice in mine.choices] == ["clos"]


def test_an_unknown_service_is_named(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Refusal, match="« netflixx »"):
        read(app, "cine,netflixx")


@pytest.mark.parametrize("slug", ["\x00", "\udcff", "ciné", "a" * 70_000])
def test_slugs_that_a_database_would_not_read_are_unknown(postgresql_engine: Engine, app: Flask, slug: str) -> None:
    with app.test_request_context(), reading(postgresql_engine) as session, pytest.raises(Refusal, match="Service inconnu"):
        read_services(session, [slug])


def test_too_many_services_are_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Refusal, match=str(MOST)):
        read(app, ",".join(f"s{number}" for number in range(MOST + 1)))


@given(st.lists(st.text(max_size=200), max_size=70))
@settings(max_examples=60)
def test_whatever_is_sent_is_a_choice_or_one_sentence(app: Flask, values: list[str]) -> None:
    with app.test_request_context():
        try:
            assert set(read(app, *values)) <= {"cine", "kiosque", "abonne", "antenne", "boitier"}
        except Refusal as refusal:
            assert refusal.description and "\n" not in refusal.description
