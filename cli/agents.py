"""`ouvoir agent`: the accounts of those who work at the desk, and their roles."""

import getpass
import sys
from datetime import UTC, datetime

import click

from cli.console import open_database
from domain.accounts.agents import add_agent, change_password, find_agent, list_agents
from domain.accounts.allow_list import invite_agent, set_agent_identity
from domain.accounts.roles import change_role, disable_agent
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from webapp.staff.labels import ROLES

_ROLE_CHOICE = click.Choice([role.value for role in Role])
ROLE_OPTION = click.option(
    "--role", type=_ROLE_CHOICE, default=Role.MANAGER.value, help="Son rôle ; manager (gestionnaire) par défaut."
)
SIRET_OPTION = click.option(
    "--siret", default="", help="Les quatorze chiffres de l'établissement d'où il doit venir, par ProConnect."
)
PASSWORD_OPTION = click.option("--password-stdin", "piped", is_flag=True, help="Lire le mot de passe sur l'entrée standard.")


def _ask_password(piped: bool) -> str:
    """From the standard input, or asked twice without being shown."""
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError("pas de terminal où demander le mot de passe : --password-stdin pour le lire sur l'entrée")
    first = getpass.getpass("Mot de passe : ")
    if getpass.getpass("Encore une fois : ") != first:
        raise UserError("les deux mots de passe diffèrent : rien n'est changé")
    return first


@click.group(help="Comptes des agents.")
def agent() -> None:
    """`ouvoir agent add|invite|list|role|disable|password`."""


@agent.command(help="Ouvre un compte local, avec un mot de passe.")
@click.argument("login")
@click.option("--name", required=True, help="Le nom de l'agent, tel qu'il sera montré.")
@ROLE_OPTION
@click.option("--email", default="", help="L'adresse qui ouvre aussi ce compte, par ProConnect.")
@SIRET_OPTION
@PASSWORD_OPTION
def add(login: str, name: str, role: str, email: str, siret: str, piped: bool) -> None:
    """`ouvoir agent add LOGIN --name "…" [--role ROLE] [--email … [--siret …]] [--password-stdin]`."""
    engine, password, now = open_database(), _ask_password(piped), datetime.now(UTC)
    if siret and not email:
        raise UserError("--siret : il faut aussi --email, l'adresse connue de ProConnect")
    with write_session(engine) as session:
        made = add_agent(session, login, name, password, now, Role(role))
        if email:
            set_agent_identity(session, made, email, siret, now)
    click.echo(f"compte {made.login} ouvert pour {made.name}, {ROLES[made.role]}")


@agent.command(help="Ouvre un compte sans mot de passe, où l'on entre par ProConnect seulement.")
@click.argument("email")
@click.option("--name", required=True, help="Le nom de l'agent, tel qu'il sera montré.")
@ROLE_OPTION
@SIRET_OPTION
def invite(email: str, name: str, role: str, siret: str) -> None:
    """`ouvoir agent invite EMAIL --name "…" [--role ROLE] [--siret …]`."""
    with write_session(open_database()) as session:
        made = invite_agent(session, email, name, Role(role), datetime.now(UTC), siret)
    click.echo(f"compte {made.login} ouvert pour {made.name}, {ROLES[made.role]}, à l'adresse {made.email}")


@agent.command("list", help="Liste les comptes.")
def show_agents() -> None:
    """`ouvoir agent list`."""
    with read_session(open_database()) as session:
        lines = [
            f"{known.login:<24} {known.created_at:%Y-%m-%d}  "
            f"{f'désactivé le {known.disabled_at:%Y-%m-%d}' if known.disabled_at else 'en service'}  {ROLES[known.role]:<14} "
            f"{known.name}{f' <{known.email}>' if known.email else ''}{'' if known.password_hash else '  sans mot de passe'}"
            for known in list_agents(session)
        ]
    click.echo("\n".join(lines or ["aucun agent"]))


@agent.command("role", help="Change le rôle d'un compte, et ferme ses sessions.")
@click.argument("login")
@click.argument("role", type=_ROLE_CHOICE)
def set_role(login: str, role: str) -> None:
    """`ouvoir agent role LOGIN reader|manager|admin`."""
    with write_session(open_database()) as session:
        changed = find_agent(session, login)
        change_role(session, changed, Role(role), datetime.now(UTC))
    click.echo(f"compte {changed.login} : {ROLES[changed.role]}")


@agent.command(help="Désactive un compte et ferme ses sessions, aussitôt.")
@click.argument("login")
def disable(login: str) -> None:
    """`ouvoir agent disable LOGIN`."""
    with write_session(open_database()) as session:
        shut = find_agent(session, login)
        disable_agent(session, shut, datetime.now(UTC))
    click.echo(f"compte {shut.login} désactivé")


@agent.command(help="Change le mot de passe d'un compte, ferme ses sessions, et le rouvre s'il était désactivé.")
@click.argument("login")
@PASSWORD_OPTION
def password(login: str, piped: bool) -> None:
    """`ouvoir agent password LOGIN [--password-stdin]`."""
    engine, chosen = open_database(), _ask_password(piped)
    with write_session(engine) as session:
        changed = change_password(session, login, chosen, datetime.now(UTC))
    click.echo(f"mot de passe de {changed.login} changé")


COMMANDS = (agent,)
