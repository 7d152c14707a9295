"""The `ouvoir` command: one thin function a verb."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlmodel import Session, col, select

from cli import agents, audits, links, matching, opendata, partners, sources
from cli.console import Verbs, count, open_database, say
from cli.options import FILE, NUMBER
from crawlers.collect import collect
from crawlers.platform_files.loader import PushFile, load_file
from crawlers.platform_files.register import bring_in, check_register, last_accepted_days, list_files, tell_file, tell_register
from crawlers.probe.report import render
from crawlers.probe.runner import probe as probe_site
from demonstration.run import run_demo
from domain.common.enums import Outcome, RunState
from domain.common.errors import Problem
from domain.common.settings import DATA, ROOT
from domain.common.text import counted
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held, reject_held
from domain.runs.editor_keys import create_key, list_keys, revoke_key
from domain.runs.platforms import find_platform, register
from domain.runs.run_report import describe, run_table
from domain.runs.runs import find_run, issues_by_kind, tell_run
from domain.tasks import close_task, open_tasks
from matcher.reconcile import read_matching
from scheduler import run_schedule
from webapp.serve import serve as serve_site

PLATFORMS = click.option(
    "--platforms", type=FILE, default=DATA / "platforms", show_default="data/platforms", help="Dossier des plateformes."
)


@click.group(cls=Verbs, help="OùVoir : où voir ce film, légalement, en France ?")
@click.version_option(package_name="ouvoir")
def main() -> None:
    """Entry of the command."""


for verb in (*sources.VERBS, *matching.VERBS, *agents.VERBS, *audits.VERBS, *links.VERBS, *opendata.VERBS, *partners.VERBS):
    main.add_command(verb)


@main.command(help="Collecte le catalogue d'une plateforme.")
@click.argument("slug")
@PLATFORMS
@click.option("--origin", help="Collecter à cette adresse plutôt qu'à celle du fichier : serveur de recette ou répétition.")
def crawl(slug: str, platforms: Path, origin: str | None) -> None:
    """`ouvoir crawl SLUG`; exit status 1 when the run is held."""
    run = collect(open_database(), load_file(slug, platforms), platforms, origin, say, live=count)
    count("")
    click.echo("\n".join([*run_table(run), tell_run(run)]))
    sys.exit(run.state is not RunState.ACCEPTED)


@main.command(help="Liste les collectes, la plus récente d'abord.")
@click.argument("slug", required=False)
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help="Nombre de collectes montrées.")
def runs(slug: str | None, limit: int) -> None:
    """`ouvoir runs [SLUG]`."""
    asked = select(Run, Platform).join(Platform).order_by(col(Run.id).desc()).limit(limit)
    with reading(open_database()) as session:
        if slug:
            asked = asked.where(col(Platform.id) == find_platform(session, slug).id)
        found = [(run, platform.slug, issues_by_kind(session, run.id or 0)) for run, platform in session.exec(asked)]
    for run, platform_slug, issues in found:
        click.echo(describe(run, platform_slug, issues))
    if not found:
        click.echo("aucune collecte")


@contextmanager
def _deciding(run_id: int) -> Iterator[tuple[Session, Run]]:
    """A run to decide of, while nothing else is collected, delivered or decided of its platform."""
    engine = open_database()
    with reading(engine) as session:
        slug = session.get_one(Platform, find_run(session, run_id).platform_id).slug
    with hold(engine, f"crawl-{slug}", f"{slug} : une collecte est en cours, réessayez ensuite"), writing(engine) as session:
        yield session, find_run(session, run_id)


@main.command(help="Accepte une collecte en attente, en disant pourquoi.")
@click.argument("run_id", metavar="RUN", type=NUMBER)
@click.option("--reason", required=True, help="La raison, gardée avec la collecte.")
def accept(run_id: int, reason: str) -> None:
    """`ouvoir accept RUN --reason "…"`."""
    with _deciding(run_id) as (session, run):
        accept_held(session, run, reason, datetime.now(UTC))
    partial = " (incomplète : rien n'est marqué absent)" if run.outcome is not Outcome.COMPLETE else ""
    click.echo(f"collecte {run_id} acceptée{partial} ; « ouvoir match » reliera ses nouveaux titres")


@main.command(help="Refuse une collecte en attente, en disant pourquoi : rien n'en est montré.")
@click.argument("run_id", metavar="RUN", type=NUMBER)
@click.option("--reason", required=True, help="La raison, gardée avec la collecte.")
def reject(run_id: int, reason: str) -> None:
    """`ouvoir reject RUN --reason "…"`."""
    with _deciding(run_id) as (session, run):
        reject_held(session, run, reason, datetime.now(UTC))
    click.echo(f"collecte {run_id} refusée ; « ouvoir accept » peut encore l'accepter tant qu'aucune plus récente ne l'est")


@main.command("platforms", help="Liste les plateformes du registre et leur état, ou dit tout d'une seule.")
@click.argument("slug", required=False)
@PLATFORMS
@click.option("--check", is_flag=True, help="Vérifier les fichiers au lieu de les lister.")
def list_platforms(slug: str | None, platforms: Path, check: bool) -> None:
    """`ouvoir platforms [SLUG] [--check]`; exit status 1 when a file is faulty."""
    if slug:
        click.echo("\n".join(tell_file(load_file(slug, platforms))))
        return
    if check:
        faults = check_register(platforms, ROOT / "tests" / "pages")
        click.echo("\n".join([*faults, counted(len(faults), "faute")]))
        sys.exit(bool(faults))
    with reading(open_database()) as session:
        last = last_accepted_days(session)
    found = list_files(platforms)
    click.echo("\n".join([*tell_register(found.files, last), *found.faults]))
    sys.exit(bool(found.faults))


@main.command(help="Sonde une adresse : ce que son site permet et montre, et un brouillon de fichier de plateforme.")
@click.argument("url")
@click.option("--output", type=FILE, help="Écrire le brouillon dans ce fichier.")
@click.option("--body", help="Corps à envoyer, pour une API interrogée par POST.")
@click.option("--header", "headers", multiple=True, metavar="NOM:VALEUR", help="En-tête exigé par l'API (répétable).")
def probe(url: str, output: Path | None, body: str | None, headers: tuple[str, ...]) -> None:
    """`ouvoir probe URL [--output FILE]`."""
    named = [header.partition(":") for header in headers]
    report = probe_site(url, say, body, {name.strip(): value.strip() for name, _, value in named})
    click.echo(render(report))
    if output and report.draft:
        try:
            output.write_text(report.draft, encoding="utf-8")
        except OSError as error:
            raise Problem(f"{output} : impossible à écrire ({error.strerror})") from None


@main.command(help="Liste ce qui attend un agent, ou clôt une tâche.")
@click.option("--close", "task_id", type=NUMBER, metavar="N", help="La tâche à clore.")
@click.option("--reason", help="Pourquoi elle est close.")
def tasks(task_id: int | None, reason: str | None) -> None:
    """`ouvoir tasks [--close N --reason "…"]`."""
    if reason and task_id is None:
        raise click.UsageError("--reason n'a de sens qu'avec --close")
    engine = open_database()
    if task_id is not None:
        with writing(engine) as session:
            close_task(session, task_id, reason or "", datetime.now(UTC))
        click.echo(f"tâche {task_id} close")
        return
    with reading(engine) as session:
        waiting = [f"{task.id:>5}  {task.opened:%Y-%m-%d}  {task.message}" for task in open_tasks(session)]
    click.echo("\n".join(waiting or ["aucune tâche en attente"]))


@main.group("editor-key", help="Clés des éditeurs qui nous envoient leur catalogue.")
def editor_key() -> None:
    """`ouvoir editor-key create|list|revoke`."""


@editor_key.command("create", help="Crée une clé, montrée une seule fois.")
@click.argument("slug")
@PLATFORMS
@click.option("--label", required=True, help="À qui la clé est donnée.")
@click.option("--recette", is_flag=True, help="Clé d'essai : mêmes contrôles, rien n'est changé.")
def create(slug: str, platforms: Path, label: str, recette: bool) -> None:
    """`ouvoir editor-key create SLUG --label "…" [--recette]`."""
    file = load_file(slug, platforms)
    if not isinstance(file, PushFile):
        raise Problem(f"{slug}.toml : source.kind : « push » attendu, pour un éditeur qui envoie son catalogue")
    if file.legal.blocked and not recette:
        raise Problem(f"{slug} : pas encore de clé de production ({file.legal.blocked}) ; --recette pour une clé d'essai")
    with writing(open_database()) as session:
        register(session, file.facts())
        key = create_key(session, slug, label, recette, datetime.now(UTC))
    say("clé à transmettre à l'éditeur, elle ne sera plus montrée :")
    click.echo(key)


@editor_key.command("list", help="Liste les clés, sans les montrer.")
@click.argument("slug", required=False)
def show_keys(slug: str | None) -> None:
    """`ouvoir editor-key list [SLUG]`."""
    with reading(open_database()) as session:
        lines = [
            f"{key.id:>5}  {platform.slug:<24} {'recette' if key.recette else 'production':<11} {key.created:%Y-%m-%d}  "
            f"{f'révoquée le {key.revoked:%Y-%m-%d}' if key.revoked else 'en vigueur'}  {key.label}"
            for key, platform in list_keys(session, slug)
        ]
    click.echo("\n".join(lines or ["aucune clé"]))


@editor_key.command("revoke", help="Révoque une clé, aussitôt.")
@click.argument("key_id", metavar="N", type=NUMBER)
def revoke(key_id: int) -> None:
    """`ouvoir editor-key revoke N`."""
    with writing(open_database()) as session:
        revoke_key(session, key_id, datetime.now(UTC))
    click.echo(f"clé {key_id} révoquée")


@main.command(help="Sert le site sur cette machine.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@PLATFORMS
def serve(host: str, port: int, platforms: Path) -> None:
    """`ouvoir serve`; the register of services is brought up to date first, where the database can be written."""
    engine = open_database()
    try:
        bring_in(engine, platforms, say)
    except Problem as problem:
        say(f"registre des services inchangé : {problem}")
    serve_site(engine, host, port, read_matching)


@main.command(help="Construit et sert la démonstration : films réels, services inventés.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65500))
def demo(port: int) -> None:
    """`ouvoir demo`."""
    run_demo(open_database(), port)


@main.command(help="Collecte ce qui est dû, puis relie, sans fin.")
@PLATFORMS
@click.option("--once", is_flag=True, help="Une seule passe, puis s'arrête.")
def schedule(platforms: Path, once: bool) -> None:
    """`ouvoir schedule`."""
    run_schedule(open_database(), platforms, once, say)
