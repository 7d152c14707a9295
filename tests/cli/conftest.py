"""Give the command a database of its own for each test."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SQLite file that the command uses in this test."""
    path = tmp_path / "ouvoir.db"
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///{path}")
    return path
