"""Define `ouvoir platforms`: the register of services, and the check of its files."""

import sys
from pathlib import Path

import click

from cli.database import open_database
from cli.options import PLATFORMS_OPTION
from crawlers.platform_files.loader import load_any_platform_file
from crawlers.platform_files.register import (
    check_register,
    format_platform_file,
    format_register,
    get_last_accepted_days,
    list_platform_files,
)
from domain.common.environment import ROOT
from domain.common.text import format_count
from domain.db.engine import read_session

_SAVED_ANSWERS = ROOT / "tests" / "pages"


@click.command
@click.argument("slug", required=False)
@PLATFORMS_OPTION
@click.option("--check", is_flag=True, help="Vérifier les fichiers au lieu de les lister.")
def list_platforms(slug: str | None, platforms: Path, check: bool) -> None:
    """List the register, tell all of one service, or check the files; exit with status 1 when a file is faulty."""
    if slug:
        click.echo("\n".join(format_platform_file(load_any_platform_file(slug, platforms))))
        return
    if check:
        faults = check_register(platforms, _SAVED_ANSWERS)
        click.echo("\n".join([*faults, format_count(len(faults), "faute")]))
        sys.exit(bool(faults))
    with read_session(open_database()) as session:
        last_days = get_last_accepted_days(session)
    register = list_platform_files(platforms)
    click.echo("\n".join([*format_register(register.files, last_days), *register.faults]))
    sys.exit(bool(register.faults))
