"""Signing key: created once, shared, readable by its owner only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.accounts import secret_key
from domain.accounts.secret_key import get_signing_key
from domain.common.errors import UserError


@pytest.fixture(autouse=True)
def key_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))
    return tmp_path / "var" / "signing.key"


def test_the_key_is_drawn_once_and_for_its_owner_only(key_path: Path) -> None:
    key = get_signing_key()
    assert len(key) == 32 and get_signing_key() == key == key_path.read_bytes()
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600 and list(key_path.parent.iterdir()) == [key_path]


def test_those_who_start_together_share_one_key(key_path: Path) -> None:
    key_path.parent.mkdir()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(secret_key._create_key_file, [key_path] * 20))
    assert get_signing_key() == key_path.read_bytes() and list(key_path.parent.iterdir()) == [key_path]


def test_a_damaged_key_is_told(key_path: Path) -> None:
    key_path.parent.mkdir()
    key_path.write_bytes(b"court")
    with pytest.raises(UserError, match="abîmée"):
        get_signing_key()


def test_a_folder_that_cannot_be_written_is_told(key_path: Path) -> None:
    key_path.parent.write_text("un fichier à la place du dossier")
    with pytest.raises(UserError, match="impossible"):
        get_signing_key()
