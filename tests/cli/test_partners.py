"""`ouvoir partner`: private addresses given once, listed without being shown, revoked."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///{tmp_path / 'ouvoir.db'}")


def partner(*words: str) -> Result:
    return CliRunner().invoke(main, ["partner", *words])


def test_an_address_is_given_once_listed_without_it_and_revoked() -> None:
    assert partner("list").stdout == "aucun partenaire\n"
    given = partner("add", "cinema.example").stdout.strip()
    assert given.startswith("/partenaires/") and len(given) > 50
    listed = partner("list").stdout
    assert "cinema.example" in listed and "adresse donnée" in listed and given.rpartition("/")[2] not in listed
    assert "révoquée" in partner("revoke", "cinema.example").stdout
    assert "sans adresse" in partner("list").stdout


@pytest.mark.parametrize("words", [("add", "localhost"), ("revoke", "cinema.example")])
def test_what_cannot_be_is_said_in_one_line(words: tuple[str, ...]) -> None:
    done = partner(*words)
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith("ouvoir : ")
