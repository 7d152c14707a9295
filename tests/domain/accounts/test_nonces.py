"""Marks serve once, in every process, and are forgotten when they are good no more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.accounts.nonces import use_token_once
from domain.common.errors import UserError

TODAY, DAY = date(2026, 11, 22), timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    return tmp_path


def test_one_of_many_at_once_may_use_a_mark() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: use_token_once("aZ_-9", TODAY, TODAY), range(50))) == 1
    assert use_token_once("autre", TODAY, TODAY)


def test_marks_that_are_good_no_more_are_forgotten(tmp_path: Path) -> None:
    for age in (0, 1, 2):
        use_token_once("marque", TODAY - age * DAY, TODAY - age * DAY)
    assert not use_token_once("marque", TODAY - DAY, TODAY)
    assert sorted(day.name for day in (tmp_path / "marks").iterdir()) == ["2026-11-21", "2026-11-22"]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "marks").write_text("")
    with pytest.raises(UserError, match="marques des formulaires"):
        use_token_once("marque", TODAY, TODAY)
