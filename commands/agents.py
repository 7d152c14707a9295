"""`ouvoir agent`: the accounts of those who settle doubts."""

import getpass
import sys
from datetime import UTC, datetime

import click

from console import open_database
from records.agents import add_agent, change_password, disable_agent, list_agents
from records.database import reading, writing
from records.errors import Problem

PASSWORD = click.option("--password-stdin", "piped", is_flag=True, help="Lire le mot de passe sur l'entrée standard.")


def _ask_password(piped: bool) -> str:
    """From the standard input, or asked twice without being shown."""
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Problem("pas de terminal où demander le mot de passe : --password-stdin pour le lire sur l'entrée")
    first = getpass.getpass("Mot de passe : ")
    if getpass.getpass("Encore une fois : ") != first:
        raise Problem("les deux mots de passe diffèrent : rien n'est changé")
    return first


@click.group(help="Comptes des agents qui tranchent les doutes.")
def agent() -> None:
    """`ouvoir agent add|list|disable|password`."""


@agent.command(help="Ouvre un compte.")
@click.argument("login")
@click.option("--name", required=True, help="Le nom de l'agent, tel qu'il sera montré.")
@PASSWORD
def add(login: str, name: str, piped: bool) -> None:
    """`ouvoir agent add LOGIN --name "…" [--password-stdin]`."""
    engine, password = open_database(), _ask_password(piped)
    with writing(engine) as session:
        made = add_agent(session, login, name, password, datetime.now(UTC))
    click.echo(f"compte {made.login} ouvert pour {made.name}")


@agent.command("list", help="Liste les comptes.")
def show() -> None:
    """`ouvoir agent list`."""
    with reading(open_database()) as session:
        lines = [
            f"{known.login:<24} {known.created:%Y-%m-%d}  "
            f"{f'désactivé le {known.disabled:%Y-%m-%d}' if known.disabled else 'en service'}  {known.name}"
            for known in list_agents(session)
        ]
    click.echo("\n".join(lines or ["aucun agent"]))


@agent.command(help="Désactive un compte et ferme ses sessions, aussitôt.")
@click.argument("login")
def disable(login: str) -> None:
    """`ouvoir agent disable LOGIN`."""
    with writing(open_database()) as session:
        shut = disable_agent(session, login, datetime.now(UTC))
    click.echo(f"compte {shut.login} désactivé")


@agent.command(help="Change le mot de passe d'un compte, ferme ses sessions, et le rouvre s'il était désactivé.")
@click.argument("login")
@PASSWORD
def password(login: str, piped: bool) -> None:
    """`ouvoir agent password LOGIN [--password-stdin]`."""
    engine, chosen = open_database(), _ask_password(piped)
    with writing(engine) as session:
        changed = change_password(session, login, chosen, datetime.now(UTC))
    click.echo(f"mot de passe de {changed.login} changé")


VERBS = (agent,)
