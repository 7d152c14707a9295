"""Keys of editors: shown once, kept as a hash, ended at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import LegalBasis
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.models.delivery import EditorKey
from domain.runs.editor_keys import create_key, find_key, is_last_use_stale, is_well_formed_key, list_keys, revoke_key, touch_key
from tests.domain.builders import NOON, make_platform


def test_a_key_is_kept_as_a_hash_only(engine: Engine) -> None:
    with write_session(engine) as session:
        make_platform(session)
        key = create_key(session, "cine-exemple", "Exemple SA", False, NOON)
        stored = session.exec(select(EditorKey)).one()
        assert re.fullmatch("ouvoir_prod_[0-9A-Za-z]{49}", key) and key not in str(stored.model_dump())
        row = find_key(session, key)
        assert row is not None and (row[0].label, row[0].recette, row[1].slug) == ("Exemple SA", False, "cine-exemple")


def test_two_keys_are_never_the_same_and_say_what_they_are_for(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        make_platform(session)
        keys = {create_key(session, "cine-exemple", "Exemple SA", True, NOON) for _ in range(20)}
        assert len(keys) == 20 and all(key.startswith("ouvoir_recette_") and is_well_formed_key(key) for key in keys)
        assert len(list_keys(session, "cine-exemple")) == 20 == len(list_keys(session))


def test_a_slip_of_the_hand_shows_without_asking_the_register(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        make_platform(session)
        key = create_key(session, "cine-exemple", "Exemple SA", False, NOON)
    slips = [key[:-1], key + "a", key.swapcase(), key.replace("_prod_", "_recette_"), key[:20] + key[21] + key[20] + key[22:]]
    assert [slip for slip in [*slips, "", "ouvoir_prod_", "é" * 61, "\ud800"] if slip != key and is_well_formed_key(slip)] == []


def test_a_revoked_key_opens_nothing(engine: Engine) -> None:
    with write_session(engine) as session:
        make_platform(session)
        key = create_key(session, "cine-exemple", "Exemple SA", False, NOON)
        ((stored, _),) = list_keys(session)
        assert stored.id is not None and revoke_key(session, stored.id, NOON).revoked_at == NOON
        assert find_key(session, key) is None
        with pytest.raises(UserError, match="déjà révoquée"):
            revoke_key(session, stored.id, NOON)
        with pytest.raises(UserError, match="clé inconnue"):
            revoke_key(session, 99, NOON)


def test_the_last_use_is_kept_to_ten_minutes(engine: Engine) -> None:
    with write_session(engine) as session:
        make_platform(session)
        create_key(session, "cine-exemple", "Exemple SA", False, NOON)
        ((key, _),) = list_keys(session)
        assert is_last_use_stale(key, NOON)
        touch_key(session, get_id(key), NOON)
        assert not is_last_use_stale(key, NOON + timedelta(minutes=9)) and is_last_use_stale(key, NOON + timedelta(minutes=11))


def test_a_key_needs_a_service_that_may_deliver_and_a_label(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        make_platform(session)
        make_platform(session, "interdit", LegalBasis.FORBIDDEN)
        for slug, label, words in (("rien", "x", "inconnue"), ("interdit", "x", "interdite"), ("cine-exemple", " ", "libellé")):
            with pytest.raises(UserError, match=words):
                create_key(session, slug, label, False, NOON)
