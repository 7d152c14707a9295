"""The `ouvoir` command: one thin function a verb."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlmodel import Session, col, select

from cli import agents, audits, links, matching, opendata, partners, sources
from cli.console import CommandGroup, open_database, report_count, report_progress
from cli.options import FILE_PATH, ROW_ID
from crawlers.collect import collect_platform
from crawlers.platform_files.loader import PushPlatformFile, load_any_platform_file
from crawlers.platform_files.register import (
    check_register,
    format_platform_file,
    format_register,
    get_last_accepted_days,
    list_platform_files,
    sync_platforms,
)
from crawlers.probe.report import render_report
from crawlers.probe.runner import run_probe as probe_site
from demonstration.run import run_demo
from domain.common.enums import Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import DATA, ROOT
from domain.common.text import format_count
from domain.db.engine import read_session, write_session
from domain.db.locks import hold_lock
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, reject_held_run
from domain.runs.editor_keys import create_key, list_keys, revoke_key
from domain.runs.platforms import get_platform, register_platform
from domain.runs.run_report import describe_run, format_run_table
from domain.runs.runs import format_run, get_run, group_issues_by_kind
from domain.tasks import close_task, list_open_tasks
from matcher.reconcile import build_row_matcher
from scheduler import run_schedule
from webapp.serve import run_server as serve_site

PLATFORMS_OPTION = click.option(
    "--platforms", type=FILE_PATH, default=DATA / "platforms", show_default="data/platforms", help="Dossier des plateformes."
)


@click.group(cls=CommandGroup, help="OùVoir : où voir ce film, légalement, en France ?")
@click.version_option(package_name="ouvoir")
def main() -> None:
    """Entry of the command."""


for verb in (
    *sources.COMMANDS,
    *matching.COMMANDS,
    *agents.COMMANDS,
    *audits.COMMANDS,
    *links.COMMANDS,
    *opendata.COMMANDS,
    *partners.COMMANDS,
):
    main.add_command(verb)


@main.command(help="Collecte le catalogue d'une plateforme.")
@click.argument("slug")
@PLATFORMS_OPTION
@click.option("--origin", help="Collecter à cette adresse plutôt qu'à celle du fichier : serveur de recette ou répétition.")
def crawl(slug: str, platforms: Path, origin: str | None) -> None:
    """`ouvoir crawl SLUG`; exit status 1 when the run is held."""
    run = collect_platform(
        open_database(), load_any_platform_file(slug, platforms), platforms, origin, report_progress, live=report_count
    )
    report_count("")
    click.echo("\n".join([*format_run_table(run), format_run(run)]))
    sys.exit(run.state is not RunState.ACCEPTED)


@main.command(help="Liste les collectes, la plus récente d'abord.")
@click.argument("slug", required=False)
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help="Nombre de collectes montrées.")
def runs(slug: str | None, limit: int) -> None:
    """`ouvoir runs [SLUG]`."""
    asked = select(Run, Platform).join(Platform).order_by(col(Run.id).desc()).limit(limit)
    with read_session(open_database()) as session:
        if slug:
            asked = asked.where(col(Platform.id) == get_platform(session, slug).id)
        found = [(run, platform.slug, group_issues_by_kind(session, run.id or 0)) for run, platform in session.exec(asked)]
    for run, platform_slug, issues in found:
        click.echo(describe_run(run, platform_slug, issues))
    if not found:
        click.echo("aucune collecte")


@contextmanager
def _lock_run(run_id: int) -> Iterator[tuple[Session, Run]]:
    """A run to decide of, while nothing else is collected, delivered or decided of its platform."""
    engine = open_database()
    with read_session(engine) as session:
        slug = session.get_one(Platform, get_run(session, run_id).platform_id).slug
    with (
        hold_lock(engine, f"crawl-{slug}", f"{slug} : une collecte est en cours, réessayez ensuite"),
        write_session(engine) as session,
    ):
        yield session, get_run(session, run_id)


@main.command(help="Accepte une collecte en attente, en disant pourquoi.")
@click.argument("run_id", metavar="RUN", type=ROW_ID)
@click.option("--reason", required=True, help="La raison, gardée avec la collecte.")
def accept(run_id: int, reason: str) -> None:
    """`ouvoir accept RUN --reason "…"`."""
    with _lock_run(run_id) as (session, run):
        accept_held_run(session, run, reason, datetime.now(UTC))
    partial = " (incomplète : rien n'est marqué absent)" if run.outcome is not Outcome.COMPLETE else ""
    click.echo(f"collecte {run_id} acceptée{partial} ; « ouvoir match » reliera ses nouveaux titres")


@main.command(help="Refuse une collecte en attente, en disant pourquoi : rien n'en est montré.")
@click.argument("run_id", metavar="RUN", type=ROW_ID)
@click.option("--reason", required=True, help="La raison, gardée avec la collecte.")
def reject(run_id: int, reason: str) -> None:
    """`ouvoir reject RUN --reason "…"`."""
    with _lock_run(run_id) as (session, run):
        reject_held_run(session, run, reason, datetime.now(UTC))
    click.echo(f"collecte {run_id} refusée ; « ouvoir accept » peut encore l'accepter tant qu'aucune plus récente ne l'est")


@main.command("platforms", help="Liste les plateformes du registre et leur état, ou dit tout d'une seule.")
@click.argument("slug", required=False)
@PLATFORMS_OPTION
@click.option("--check", is_flag=True, help="Vérifier les fichiers au lieu de les lister.")
def list_platforms(slug: str | None, platforms: Path, check: bool) -> None:
    """`ouvoir platforms [SLUG] [--check]`; exit status 1 when a file is faulty."""
    if slug:
        click.echo("\n".join(format_platform_file(load_any_platform_file(slug, platforms))))
        return
    if check:
        faults = check_register(platforms, ROOT / "tests" / "pages")
        click.echo("\n".join([*faults, format_count(len(faults), "faute")]))
        sys.exit(bool(faults))
    with read_session(open_database()) as session:
        last = get_last_accepted_days(session)
    found = list_platform_files(platforms)
    click.echo("\n".join([*format_register(found.files, last), *found.faults]))
    sys.exit(bool(found.faults))


@main.command(help="Sonde une adresse : ce que son site permet et montre, et un brouillon de fichier de plateforme.")
@click.argument("url")
@click.option("--output", type=FILE_PATH, help="Écrire le brouillon dans ce fichier.")
@click.option("--body", help="Corps à envoyer, pour une API interrogée par POST.")
@click.option("--header", "headers", multiple=True, metavar="NOM:VALEUR", help="En-tête exigé par l'API (répétable).")
def probe(url: str, output: Path | None, body: str | None, headers: tuple[str, ...]) -> None:
    """`ouvoir probe URL [--output FILE]`."""
    named = [header.partition(":") for header in headers]
    report = probe_site(url, report_progress, body, {name.strip(): value.strip() for name, _, value in named})
    click.echo(render_report(report))
    if output and report.draft:
        try:
            output.write_text(report.draft, encoding="utf-8")
        except OSError as error:
            raise UserError(f"{output} : impossible à écrire ({error.strerror})") from None


@main.command(help="Liste ce qui attend un agent, ou clôt une tâche.")
@click.option("--close", "task_id", type=ROW_ID, metavar="N", help="La tâche à clore.")
@click.option("--reason", help="Pourquoi elle est close.")
def tasks(task_id: int | None, reason: str | None) -> None:
    """`ouvoir tasks [--close N --reason "…"]`."""
    if reason and task_id is None:
        raise click.UsageError("--reason n'a de sens qu'avec --close")
    engine = open_database()
    if task_id is not None:
        with write_session(engine) as session:
            close_task(session, task_id, reason or "", datetime.now(UTC))
        click.echo(f"tâche {task_id} close")
        return
    with read_session(engine) as session:
        waiting = [f"{task.id:>5}  {task.opened_at:%Y-%m-%d}  {task.message}" for task in list_open_tasks(session)]
    click.echo("\n".join(waiting or ["aucune tâche en attente"]))


@main.group("editor-key", help="Clés des éditeurs qui nous envoient leur catalogue.")
def editor_key() -> None:
    """`ouvoir editor-key create|list|revoke`."""


@editor_key.command("create", help="Crée une clé, montrée une seule fois.")
@click.argument("slug")
@PLATFORMS_OPTION
@click.option("--label", required=True, help="À qui la clé est donnée.")
@click.option("--recette", is_flag=True, help="Clé d'essai : mêmes contrôles, rien n'est changé.")
def create_editor_key(slug: str, platforms: Path, label: str, recette: bool) -> None:
    """`ouvoir editor-key create SLUG --label "…" [--recette]`."""
    file = load_any_platform_file(slug, platforms)
    if not isinstance(file, PushPlatformFile):
        raise UserError(f"{slug}.toml : source.kind : « push » attendu, pour un éditeur qui envoie son catalogue")
    if file.legal.blocked and not recette:
        raise UserError(f"{slug} : pas encore de clé de production ({file.legal.blocked}) ; --recette pour une clé d'essai")
    with write_session(open_database()) as session:
        register_platform(session, file.build_platform_facts())
        key = create_key(session, slug, label, recette, datetime.now(UTC))
    report_progress("clé à transmettre à l'éditeur, elle ne sera plus montrée :")
    click.echo(key)


@editor_key.command("list", help="Liste les clés, sans les montrer.")
@click.argument("slug", required=False)
def list_editor_keys(slug: str | None) -> None:
    """`ouvoir editor-key list [SLUG]`."""
    with read_session(open_database()) as session:
        lines = [
            f"{key.id:>5}  {platform.slug:<24} {'recette' if key.recette else 'production':<11} {key.created_at:%Y-%m-%d}  "
            f"{f'révoquée le {key.revoked_at:%Y-%m-%d}' if key.revoked_at else 'en vigueur'}  {key.label}"
            for key, platform in list_keys(session, slug)
        ]
    click.echo("\n".join(lines or ["aucune clé"]))


@editor_key.command("revoke", help="Révoque une clé, aussitôt.")
@click.argument("key_id", metavar="N", type=ROW_ID)
def revoke_editor_key(key_id: int) -> None:
    """`ouvoir editor-key revoke N`."""
    with write_session(open_database()) as session:
        revoke_key(session, key_id, datetime.now(UTC))
    click.echo(f"clé {key_id} révoquée")


@main.command(help="Sert le site sur cette machine.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@PLATFORMS_OPTION
def serve(host: str, port: int, platforms: Path) -> None:
    """`ouvoir serve`; the register of services is brought up to date first, where the database can be written."""
    engine = open_database()
    try:
        sync_platforms(engine, platforms, report_progress)
    except UserError as problem:
        report_progress(f"registre des services inchangé : {problem}")
    serve_site(engine, host, port, build_row_matcher)


@main.command(help="Construit et sert la démonstration : films réels, services inventés.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65500))
def demo(port: int) -> None:
    """`ouvoir demo`."""
    run_demo(open_database(), port)


@main.command(help="Collecte ce qui est dû, puis relie, sans fin.")
@PLATFORMS_OPTION
@click.option("--once", is_flag=True, help="Une seule passe, puis s'arrête.")
def schedule(platforms: Path, once: bool) -> None:
    """`ouvoir schedule`."""
    run_schedule(open_database(), platforms, once, report_progress)
