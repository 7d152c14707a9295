"""`ouvoir agent`: accounts made, listed, shut and given other passwords."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main

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
        == "compte camille.martin ouvert pour Camille Martin, gestionnaire\n"
    )
    listed = agent("list").stdout
    assert "camille.martin" in listed and "en service" in listed and "Camille Martin" in listed and "argon2" not in listed
    assert agent("disable", "camille.martin").stdout == "compte camille.martin désactivé\n"
    assert "désactivé le" in agent("list").stdout
    refused(agent("disable", "camille.martin"), "déjà désactivé")
    assert agent("password", "camille.martin").stdout == "mot de passe de camille.martin changé\n"
    assert "en service" in agent("list").stdout


def test_roles_are_given_at_the_opening_and_later() -> None:
    opened = agent(
        "add", "sacha", "--name", "Sacha", "--role", "admin", "--email", "Sacha@exemple.fr", "--siret", "13002526500013"
    )
    assert opened.stdout == "compte sacha ouvert pour Sacha, administrateur\n"
    assert agent("role", "sacha", "reader").stdout == "compte sacha : lecteur\n"
    listed = agent("list").stdout
    assert "lecteur" in listed and "Sacha <sacha@exemple.fr>" in listed and "sans mot de passe" not in listed
    refused(agent("role", "sacha", "reader"), "déjà le sien")
    refused(agent("role", "sacha", "chef"), "reader|manager|admin")
    refused(agent("role", "personne", "reader"), "agent inconnu")


def test_an_account_without_password_is_opened_to_an_address() -> None:
    invited = agent("invite", "Zoé.Martin@exemple.fr", "--name", "Zoé")
    refused(invited, "sans accent")
    opened = agent("invite", "Zoe.Martin@exemple.fr", "--name", "Zoé", "--role", "reader").stdout
    assert opened == "compte zoe.martin ouvert pour Zoé, lecteur, à l'adresse zoe.martin@exemple.fr\n"
    assert agent("invite", "zoe.martin@autre.exemple.fr", "--name", "Une autre").stdout.startswith("compte zoe.martin-2 ouvert")
    refused(agent("invite", "ZOE.MARTIN@exemple.fr", "--name", "Zoé"), "déjà celle du compte zoe.martin")
    refused(agent("invite", "a@exemple.fr", "--name", "A", "--siret", "12"), "quatorze chiffres")
    refused(agent("add", "b", "--name", "B", "--siret", "13002526500013"), "--email")
    assert "sans mot de passe" in agent("list").stdout
    assert "zoe.martin" in agent("password", "zoe.martin").stdout and agent("list").stdout.count("sans mot de passe") == 1


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
