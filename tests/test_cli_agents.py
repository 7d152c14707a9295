"""`ouvoir agent`: accounts made, listed, shut and given other passwords."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main

PASSWORD = "douze lettres et plus"


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///{tmp_path / 'ouvoir.db'}")


def agent(*words: str, password: str | None = PASSWORD) -> Result:
    piped = ["--password-stdin"] if password is not None and words[0] in ("add", "password") else []
    return CliRunner().invoke(main, ["agent", *words, *piped], input=f"{password}\n")


def refused(done: Result, said: str) -> None:
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 1, done.output
    assert done.stderr.startswith("ouvoir : ") and said in done.stderr


def test_an_account_is_made_listed_and_shut() -> None:
    assert (
        agent("add", " Camille.Martin ", "--name", "Camille Martin").stdout
        == "compte camille.martin ouvert pour Camille Martin\n"
    )
    listed = agent("list").stdout
    assert "camille.martin" in listed and "en service" in listed and "Camille Martin" in listed and "argon2" not in listed
    assert agent("disable", "camille.martin").stdout == "compte camille.martin désactivé\n"
    assert "désactivé le" in agent("list").stdout
    refused(agent("disable", "camille.martin"), "déjà désactivé")
    assert agent("password", "camille.martin").stdout == "mot de passe de camille.martin changé\n"
    assert "en service" in agent("list").stdout


def test_what_cannot_be_is_said_in_one_line() -> None:
    assert agent("list").stdout == "aucun agent\n"
    refused(agent("add", "camille", "--name", "Camille", password="trop court"), "de 12 à 200 caractères")
    refused(agent("add", "camille", "--name", " "), "un nom est attendu")
    refused(agent("add", "camille martin", "--name", "Camille"), "identifiant")
    refused(agent("add", "camille"), "--name")
    refused(agent("disable", "personne"), "agent inconnu : personne")
    refused(agent("password", "personne"), "agent inconnu : personne")
    agent("add", "camille", "--name", "Camille")
    refused(agent("add", "CAMILLE", "--name", "Une autre"), "déjà pris")


def test_without_a_terminal_the_password_must_be_piped() -> None:
    refused(agent("add", "camille", "--name", "Camille", password=None), "--password-stdin")
