"""Define `ouvoir editor-key`: the keys of the editors who post their catalogue."""

from datetime import UTC, datetime
from pathlib import Path

import click

from cli.console import report_progress
from cli.database import open_database
from cli.options import PLATFORMS_OPTION, ROW_ID
from crawlers.platform_files.loader import PushPlatformFile, load_any_platform_file
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.delivery import EditorKey
from domain.runs.editor_keys import create_key, list_keys, revoke_key
from domain.runs.platforms import register_platform


@click.group
def editor_key() -> None:
    """Group the verbs of editors' keys."""


@editor_key.command("create", help="Crée une clé, montrée une seule fois.")
@click.argument("slug")
@PLATFORMS_OPTION
@click.option("--label", required=True, help="À qui la clé est donnée.")
@click.option("--recette", is_flag=True, help="Clé d'essai : mêmes contrôles, rien n'est changé.")
def create_editor_key(slug: str, platforms: Path, label: str, recette: bool) -> None:
    """Create a key and print it, for the only time."""
    file = _load_push_file(slug, platforms, recette)
    with write_session(open_database()) as session:
        register_platform(session, file.build_platform_facts())
        key = create_key(session, slug, label, recette, datetime.now(UTC))
    report_progress("clé à transmettre à l'éditeur, elle ne sera plus montrée :")
    click.echo(key)


def _load_push_file(slug: str, platforms: Path, recette: bool) -> PushPlatformFile:
    """Return the file of an editor who may have the key. Raises UserError for another kind of source, or without agreement."""
    file = load_any_platform_file(slug, platforms)
    if not isinstance(file, PushPlatformFile):
        raise UserError(f"{slug}.toml : source.kind : « push » attendu, pour un éditeur qui envoie son catalogue")
    if file.legal.blocked and not recette:
        raise UserError(f"{slug} : pas encore de clé de production ({file.legal.blocked}) ; --recette pour une clé d'essai")
    return file


@editor_key.command("list", help="Liste les clés, sans les montrer.")
@click.argument("slug", required=False)
def list_editor_keys(slug: str | None) -> None:
    """List the keys of one editor or of all, without showing them."""
    with read_session(open_database()) as session:
        entries = [_format_key(key, platform.slug) for key, platform in list_keys(session, slug)]
    click.echo("\n".join(entries or ["aucune clé"]))


def _format_key(key: EditorKey, slug: str) -> str:
    kind = "recette" if key.recette else "production"
    state = f"révoquée le {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "en vigueur"
    return f"{key.id:>5}  {slug:<24} {kind:<11} {key.created_at:%Y-%m-%d}  {state}  {key.label}"


@editor_key.command("revoke", help="Révoque une clé, aussitôt.")
@click.argument("key_id", metavar="N", type=ROW_ID)
def revoke_editor_key(key_id: int) -> None:
    """Revoke a key at once."""
    with write_session(open_database()) as session:
        revoke_key(session, key_id, datetime.now(UTC))
    click.echo(f"clé {key_id} révoquée")
