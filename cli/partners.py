"""`ouvoir partner`: the private addresses where partner sites read what was counted of their block."""

from datetime import UTC, datetime

import click

from cli.console import open_database, report_progress
from domain.db.engine import read_session, write_session
from domain.partners.partners import add_partner, list_partners, revoke_partner


@click.group(help="Partenaires : l'adresse privée où chacun lit ses chiffres.")
def partner() -> None:
    """`ouvoir partner add|list|revoke`."""


@partner.command(help="Donne une adresse privée à un site, montrée une seule fois.")
@click.argument("origin", metavar="SITE")
def add(origin: str) -> None:
    """`ouvoir partner add SITE`."""
    with write_session(open_database()) as session:
        secret = add_partner(session, origin, datetime.now(UTC))
    report_progress("à transmettre au partenaire, après l'adresse de ce site ; elle ne sera plus montrée :")
    click.echo(f"/partenaires/{secret}")


@partner.command("list", help="Liste les sites connus, sans montrer leur adresse.")
def show_partners() -> None:
    """`ouvoir partner list`."""
    with read_session(open_database()) as session:
        lines = [
            f"{known.origin:<40} {known.first_seen:%Y-%m-%d}  {'adresse donnée' if known.sha256 else 'sans adresse'}"
            for known in list_partners(session)
        ]
    click.echo("\n".join(lines or ["aucun partenaire"]))


@partner.command(help="Met fin à l'adresse privée d'un site, aussitôt ; ses chiffres restent.")
@click.argument("origin", metavar="SITE")
def revoke(origin: str) -> None:
    """`ouvoir partner revoke SITE`."""
    with write_session(open_database()) as session:
        revoke_partner(session, origin)
    click.echo(f"{origin} : adresse privée révoquée")


COMMANDS = (partner,)
