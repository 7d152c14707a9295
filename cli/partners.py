"""Define `ouvoir partner`: the private addresses where partner sites read the statistics of their widget."""

from datetime import UTC, datetime

import click

from cli.console import report_progress
from cli.database import open_database
from domain.db.engine import read_session, write_session
from domain.models.partner import Partner
from domain.partners.partners import add_partner, list_partners, revoke_partner


@click.group
def partner() -> None:
    """Group the verbs of partners."""


@partner.command(help="Donne une adresse privée à un site, montrée une seule fois.")
@click.argument("origin", metavar="SITE")
def add(origin: str) -> None:
    """Give a site a private address, and print it for the only time."""
    with write_session(open_database()) as session:
        secret = add_partner(session, origin, datetime.now(UTC))
    report_progress("à transmettre au partenaire, après l'adresse de ce site ; elle ne sera plus montrée :")
    click.echo(f"/partenaires/{secret}")


@partner.command("list", help="Liste les sites connus, sans montrer leur adresse.")
def show_partners() -> None:
    """List the sites, without their addresses."""
    with read_session(open_database()) as session:
        entries = [_format_partner(site) for site in list_partners(session)]
    click.echo("\n".join(entries or ["aucun partenaire"]))


def _format_partner(site: Partner) -> str:
    state = "adresse donnée" if site.sha256 else "sans adresse"
    return f"{site.origin:<40} {site.first_seen:%Y-%m-%d}  {state}"


@partner.command(help="Met fin à l'adresse privée d'un site, aussitôt ; ses chiffres restent.")
@click.argument("origin", metavar="SITE")
def revoke(origin: str) -> None:
    """Revoke the private address of a site at once."""
    with write_session(open_database()) as session:
        revoke_partner(session, origin)
    click.echo(f"{origin} : adresse privée révoquée")
