"""Define `ouvoir agent`: the accounts of the agents, and their roles."""

import getpass
import sys
from datetime import UTC, datetime

import click

from cli.database import open_database
from domain.accounts.agents import add_agent, change_password, find_agent, list_agents
from domain.accounts.allow_list import invite_agent, set_agent_identity
from domain.accounts.roles import change_role, disable_agent
from domain.common.enums import Role
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.agent import Agent
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
    """Read a password from the standard input, or ask for it twice without showing it."""
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError("pas de terminal où demander le mot de passe : --password-stdin pour le lire sur l'entrée")
    first = getpass.getpass("Mot de passe : ")
    if getpass.getpass("Encore une fois : ") != first:
        raise UserError("les deux mots de passe diffèrent : rien n'est changé")
    return first


@click.group
def agent() -> None:
    """Group the verbs of agents' accounts."""


@agent.command(help="Ouvre un compte local, avec un mot de passe.")
@click.argument("login")
@click.option("--name", required=True, help="Le nom de l'agent, tel qu'il sera montré.")
@ROLE_OPTION
@click.option("--email", default="", help="L'adresse qui ouvre aussi ce compte, par ProConnect.")
@SIRET_OPTION
@PASSWORD_OPTION
def add(login: str, name: str, role: str, email: str, siret: str, piped: bool) -> None:
    """Open a local account, with a password."""
    engine = open_database()
    password = _ask_password(piped)
    now = datetime.now(UTC)
    if siret and not email:
        raise UserError("--siret : il faut aussi --email, l'adresse connue de ProConnect")
    with write_session(engine) as session:
        account = add_agent(session, login, name, password, now, Role(role))
        if email:
            set_agent_identity(session, account, email, siret, now)
    click.echo(f"compte {account.login} ouvert pour {account.name}, {ROLES[account.role]}")


@agent.command(help="Ouvre un compte sans mot de passe, où l'on entre par ProConnect seulement.")
@click.argument("email")
@click.option("--name", required=True, help="Le nom de l'agent, tel qu'il sera montré.")
@ROLE_OPTION
@SIRET_OPTION
def invite(email: str, name: str, role: str, siret: str) -> None:
    """Open an account without a password, for sign-in by ProConnect."""
    with write_session(open_database()) as session:
        account = invite_agent(session, email, name, Role(role), datetime.now(UTC), siret)
    click.echo(f"compte {account.login} ouvert pour {account.name}, {ROLES[account.role]}, à l'adresse {account.email}")


@agent.command("list", help="Liste les comptes.")
def show_agents() -> None:
    """List the accounts."""
    with read_session(open_database()) as session:
        entries = [_format_account(account) for account in list_agents(session)]
    click.echo("\n".join(entries or ["aucun agent"]))


def _format_account(account: Agent) -> str:
    state = f"désactivé le {account.disabled_at:%Y-%m-%d}" if account.disabled_at else "en service"
    email = f" <{account.email}>" if account.email else ""
    password = "" if account.password_hash else "  sans mot de passe"
    start = f"{account.login:<24} {account.created_at:%Y-%m-%d}  {state}  {ROLES[account.role]:<14} "
    return f"{start}{account.name}{email}{password}"


@agent.command("role", help="Change le rôle d'un compte, et ferme ses sessions.")
@click.argument("login")
@click.argument("role", type=_ROLE_CHOICE)
def set_role(login: str, role: str) -> None:
    """Change the role of an account, and close its sessions."""
    with write_session(open_database()) as session:
        account = find_agent(session, login)
        change_role(session, account, Role(role), datetime.now(UTC))
    click.echo(f"compte {account.login} : {ROLES[account.role]}")


@agent.command(help="Désactive un compte et ferme ses sessions, aussitôt.")
@click.argument("login")
def disable(login: str) -> None:
    """Disable an account and close its sessions, at once."""
    with write_session(open_database()) as session:
        account = find_agent(session, login)
        disable_agent(session, account, datetime.now(UTC))
    click.echo(f"compte {account.login} désactivé")


@agent.command(help="Change le mot de passe d'un compte, ferme ses sessions, et le rouvre s'il était désactivé.")
@click.argument("login")
@PASSWORD_OPTION
def password(login: str, piped: bool) -> None:
    """Change a password, close the sessions, and open the account again if it was disabled."""
    engine = open_database()
    new_password = _ask_password(piped)
    with write_session(engine) as session:
        account = change_password(session, login, new_password, datetime.now(UTC))
    click.echo(f"mot de passe de {account.login} changé")
