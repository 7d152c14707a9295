"""One at a time: a lock that another holds is refused."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from records.errors import Problem
from records.locks import hold


def test_a_second_holder_is_refused_and_the_lock_is_freed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.locks.VAR", tmp_path)
    with hold(engine, "essai", "déjà pris"):
        with pytest.raises(Problem, match="déjà pris"), hold(engine, "essai", "déjà pris"):
            pass
        with hold(engine, "autre", "déjà pris"):
            pass
    with hold(engine, "essai", "déjà pris"):
        pass
