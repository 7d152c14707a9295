"""`ouvoir agent`: accounts made, listed, shut and given other passwords."""

from click.testing import Result

from tests.cli.command import run_ouvoir

PASSWORD = "douze lettres et plus"


def run_agent(*words: str, password: str | None = PASSWORD) -> Result:
    """Run `ouvoir agent`, with the password on the standard input where a verb takes one."""
    takes_password = password is not None and words[0] in ("add", "password")
    options = ["--password-stdin"] if takes_password else []
    return run_ouvoir("agent", *words, *options, stdin=f"{password}\n")


def assert_refused(result: Result, expected: str) -> None:
    """One line, and nothing else, on the error stream; status 2."""
    assert result.exit_code == 2 and len(result.stderr.strip().splitlines()) == 1, result.output
    assert result.stderr.startswith("ouvoir : ") and expected in result.stderr


def test_an_account_is_made_listed_and_shut() -> None:
    assert (
        run_agent("add", " Camille.Martin ", "--name", "Camille Martin").stdout
        == "compte camille.martin ouvert pour Camille Martin, gestionnaire\n"
    )
    listed = run_agent("list").stdout
    assert "camille.martin" in listed and "en service" in listed and "Camille Martin" in listed and "argon2" not in listed
    assert run_agent("disable", "camille.martin").stdout == "compte camille.martin désactivé\n"
    assert "désactivé le" in run_agent("list").stdout
    assert_refused(run_agent("disable", "camille.martin"), "déjà désactivé")
    assert run_agent("password", "camille.martin").stdout == "mot de passe de camille.martin changé\n"
    assert "en service" in run_agent("list").stdout


def test_roles_are_given_at_the_opening_and_later() -> None:
    opened = run_agent(
        "add", "sacha", "--name", "Sacha", "--role", "admin", "--email", "Sacha@exemple.fr", "--siret", "13002526500013"
    )
    assert opened.stdout == "compte sacha ouvert pour Sacha, administrateur\n"
    assert run_agent("role", "sacha", "reader").stdout == "compte sacha : lecteur\n"
    listed = run_agent("list").stdout
    assert "lecteur" in listed and "Sacha <sacha@exemple.fr>" in listed and "sans mot de passe" not in listed
    assert_refused(run_agent("role", "sacha", "reader"), "déjà le sien")
    assert_refused(run_agent("role", "sacha", "chef"), "reader|manager|admin")
    assert_refused(run_agent("role", "personne", "reader"), "agent inconnu")


def test_an_account_without_password_is_opened_to_an_address() -> None:
    invited = run_agent("invite", "Zoé.Martin@exemple.fr", "--name", "Zoé")
    assert_refused(invited, "sans accent")
    opened = run_agent("invite", "Zoe.Martin@exemple.fr", "--name", "Zoé", "--role", "reader").stdout
    assert opened == "compte zoe.martin ouvert pour Zoé, lecteur, à l'adresse zoe.martin@exemple.fr\n"
    namesake = run_agent("invite", "zoe.martin@autre.exemple.fr", "--name", "Une autre").stdout
    assert namesake.startswith("compte zoe.martin-2 ouvert")
    assert_refused(run_agent("invite", "ZOE.MARTIN@exemple.fr", "--name", "Zoé"), "déjà celle du compte zoe.martin")
    assert_refused(run_agent("invite", "a@exemple.fr", "--name", "A", "--siret", "12"), "quatorze chiffres")
    assert_refused(run_agent("add", "b", "--name", "B", "--siret", "13002526500013"), "--email")
    assert "sans mot de passe" in run_agent("list").stdout
    assert "zoe.martin" in run_agent("password", "zoe.martin").stdout and run_agent("list").stdout.count("sans mot de passe") == 1


def test_what_cannot_be_is_said_in_one_line() -> None:
    assert run_agent("list").stdout == "aucun agent\n"
    assert_refused(run_agent("add", "camille", "--name", "Camille", password="trop court"), "de 12 à 200 caractères")
    assert_refused(run_agent("add", "camille", "--name", " "), "un nom est attendu")
    assert_refused(run_agent("add", "camille martin", "--name", "Camille"), "identifiant")
    assert_refused(run_agent("add", "camille"), "--name")
    assert_refused(run_agent("disable", "personne"), "agent inconnu : personne")
    assert_refused(run_agent("password", "personne"), "agent inconnu : personne")
    run_agent("add", "camille", "--name", "Camille")
    assert_refused(run_agent("add", "CAMILLE", "--name", "Une autre"), "déjà pris")


def test_without_a_terminal_the_password_must_be_piped() -> None:
    assert_refused(run_agent("add", "camille", "--name", "Camille", password=None), "--password-stdin")
