"""One at a time, across processes."""

import pytest
from sqlalchemy import Engine

from records.errors import Problem
from records.locks import hold


def test_a_second_holder_is_refused_and_the_lock_is_freed(engine: Engine) -> None:
    with hold(engine, "essai", "déjà pris"):
        with pytest.raises(Problem, match="déjà pris"), hold(engine, "essai", "déjà pris"):
            pass
        with hold(engine, "autre", "déjà pris"):
            pass
    with hold(engine, "essai", "déjà pris"):
        pass
