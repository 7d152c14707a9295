"""The key of the forms: drawn once, shared, kept for its owner only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.accounts import secret_key
from domain.accounts.secret_key import get_signing_key
from domain.common.errors import UserError


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))
    return tmp_path / "var" / "signing.key"


def test_the_key_is_drawn_once_and_for_its_owner_only(place: Path) -> None:
    key = get_signing_key()
    assert len(key) == 32 and get_signing_key() == key == place.read_bytes()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600 and list(place.parent.iterdir()) == [place]


def test_those_who_start_together_share_one_key(place: Path) -> None:
    place.parent.mkdir()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(secret_key._create_key_file, [place] * 20))
    assert get_signing_key() == place.read_bytes() and list(place.parent.iterdir()) == [place]


def test_a_damaged_key_is_told(place: Path) -> None:
    place.parent.mkdir()
    place.write_bytes(b"court")
    with pytest.raises(UserError, match="abîmée"):
        get_signing_key()


def test_a_folder_that_cannot_be_written_is_told(place: Path) -> None:
    place.parent.write_text("un fichier à la place du dossier")
    with pytest.raises(UserError, match="impossible"):
        get_signing_key()
