"""Locks: one that is held by another is refused."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.common.errors import UserError
from domain.db.engine import create_db_engine
from domain.db.locks import hold_lock


def test_one_sqlite_file_has_one_lock_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    direct, relative = create_db_engine(f"sqlite:///{tmp_path}/x.db"), create_db_engine("sqlite:///x.db")
    with (
        hold_lock(direct, "essai", "déjà pris"),
        pytest.raises(UserError, match="déjà pris"),
        hold_lock(relative, "essai", "déjà pris"),
    ):
        pass


def test_a_second_holder_is_refused_and_the_lock_is_freed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    with hold_lock(engine, "essai", "déjà pris"):
        with pytest.raises(UserError, match="déjà pris"), hold_lock(engine, "essai", "déjà pris"):
            pass
        with hold_lock(engine, "autre", "déjà pris"):
            pass
    with hold_lock(engine, "essai", "déjà pris"):
        pass
