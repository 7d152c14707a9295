"""A search narrowed: what one and the same offer must be, and what the film must be."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from werkzeug.datastructures import MultiDict

from domain.db.engine import read_session
from search.filters import Filters
from tests.scene import DUNE_2021, LA_FEMME, VADROUILLE
from tests.search.conftest import COUPS, ORWELL, SAMURAI, STALKER, Find, get_film_ids
from webapp.core.context import RequestError
from webapp.core.search_params import parse_filters


def chosen(engine: Engine, **params: str | list[str]) -> Filters:
    with read_session(engine) as session:
        return parse_filters(session, MultiDict(params))


@pytest.mark.parametrize(
    ("params", "films"),
    [
        ({"disponible": "1"}, {VADROUILLE, DUNE_2021, LA_FEMME, COUPS}),
        ({"acces": "gratuit"}, {VADROUILLE}),
        ({"acces": "mediatheque"}, {COUPS}),
        ({"acces": "mediatheque,abonnement"}, {COUPS, VADROUILLE}),
        ({"acces": ["mediatheque", "abonnement"]}, {COUPS, VADROUILLE}),
        ({"version": "vost"}, {COUPS, VADROUILLE}),
        ({"version": "vf", "acces": "location"}, {VADROUILLE, DUNE_2021}),
        ({"audiodescription": "1"}, {VADROUILLE, DUNE_2021}),
        ({"sme": "1"}, {COUPS}),
        ({"sme": "1", "acces": "achat"}, set()),
        ({"qualite": "4k"}, {COUPS, VADROUILLE}),
        ({"services": "kiosque"}, {VADROUILLE, LA_FEMME}),
        ({"services": "rare", "qualite": "hd"}, {COUPS}),
        ({"disponible": "1", "decennie": "1960"}, {VADROUILLE, LA_FEMME}),
        ({"decennie": "1950"}, {COUPS}),
        ({"pays": "royaume uni"}, {VADROUILLE}),
    ],
)
def test_without_words_the_films_on_offer_are_narrowed(
    find: Find, read_only_engine: Engine, params: dict[str, str | list[str]], films: set[int]
) -> None:
    results = find("", filters=chosen(read_only_engine, **params))
    assert set(get_film_ids(results)) == films and results.total == len(films)


def test_words_and_choices_narrow_together(find: Find, read_only_engine: Engine) -> None:
    assert get_film_ids(find("dune", filters=chosen(read_only_engine, disponible="1"))) == [DUNE_2021]
    assert get_film_ids(find("samourais", filters=chosen(read_only_engine, disponible="1"))) == []
    japanese_fifties = chosen(read_only_engine, pays="Japon", decennie="1950", genre="film")
    assert get_film_ids(find("samourais", filters=japanese_fifties)) == [SAMURAI]
    assert get_film_ids(find("1984", filters=chosen(read_only_engine, pays="Grande-Bretagne"))) == [ORWELL]
    assert get_film_ids(find("stalker", filters=chosen(read_only_engine, genre="serie"))) == []
    assert get_film_ids(find("stalker", filters=chosen(read_only_engine, decennie="1970"))) == [STALKER]


@pytest.mark.parametrize(
    "params", [{"acces": "vol"}, {"version": "vo"}, {"decennie": "1965"}, {"pays": "Syldavie"}, {"services": "x"}]
)
def test_a_value_that_is_none_of_those_expected_is_named(read_only_engine: Engine, params: dict[str, str]) -> None:
    (name, value), *_ = params.items()
    with pytest.raises(RequestError) as refused:
        chosen(read_only_engine, **params)
    assert f"« {name} »" in str(refused.value.description) and value in str(refused.value.description)


def test_choices_are_carried_by_the_address(read_only_engine: Engine) -> None:
    params = {
        "disponible": "1",
        "acces": "location,achat",
        "sme": "1",
        "qualite": "hd",
        "pays": "France",
        "services": "cine,rare",
    }
    assert chosen(read_only_engine, **params).query_params == params and chosen(read_only_engine).query_params == {}


NAMES = ["disponible", "acces", "version", "audiodescription", "sme", "qualite", "decennie", "pays", "genre", "services"]


@settings(max_examples=60)
@given(params=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30), max_size=3))
def test_any_value_is_read_or_refused(read_only_engine: Engine, moment: datetime, params: dict[str, str]) -> None:
    try:
        assert set(chosen(read_only_engine, **params).query_params) <= set(params)
    except RequestError as refusal:
        assert refusal.code == 400
