"""One at a time: a lock that another holds is refused."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.common.errors import Problem
from domain.db.engine import connect
from domain.db.locks import hold


def test_one_sqlite_file_has_one_lock_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.db.locks.VAR", tmp_path)
    monkeypatch.chdir(tmp_path)
    direct, relative = connect(f"sqlite:///{tmp_path}/x.db"), connect("sqlite:///x.db")
    with hold(direct, "essai", "déjà pris"), pytest.raises(Problem, match="déjà pris"), hold(relative, "essai", "déjà pris"):
        pass


def test_a_second_holder_is_refused_and_the_lock_is_freed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.db.locks.VAR", tmp_path)
    with hold(engine, "essai", "déjà pris"):
        with pytest.raises(Problem, match="déjà pris"), hold(engine, "essai", "déjà pris"):
            pass
        with hold(engine, "autre", "déjà pris"):
            pass
    with hold(engine, "essai", "déjà pris"):
        pass
