"""One collection of one platform, from refusal or start to a settled run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from sqlalchemy import Engine

from crawlers.courtesy import LONGEST_RUN
from crawlers.guard import is_loopback
from crawlers.platform_file import AnyFile, PlatformFile, why_not_collected
from crawlers.signature import signature
from crawlers.source_tables import Documents
from records import settings
from records.acceptance import settle
from records.catalogue import Run
from records.database import reading, writing
from records.errors import Problem
from records.locks import hold
from records.platforms import register
from records.runs import INTERRUPTED, close_held, counts_of, find_run, open_run
from records.text import clean
from records.vocabulary import LegalBasis, Outcome, PlatformStatus, RunState

Progress = Callable[[str], None]
DEADLINE = LONGEST_RUN + 300
_LOOK_EVERY = 5.0
_GRACE = 10.0


def collect(
    engine: Engine, file: AnyFile, folder: Path, origin: str | None, progress: Progress, deadline: float = DEADLINE
) -> Run:
    """Collects a platform in a child process and settles the run, accepted or held.

    `folder` holds the platform's file; `origin` (« http://127.0.0.1:9301 ») replaces the server of its source, for a
    rehearsal; `deadline` is in seconds. Raises Problem when the platform may not be collected; nothing is asked then.
    """
    if origin is not None:
        _require_server(origin)
    with hold(engine, f"crawl-{file.slug}", f"{file.slug} : une collecte de cette plateforme est déjà en cours"):
        with writing(engine) as session:
            registered = register(session, file.facts())
        platform = _require_collectable(file, origin)
        _require_ready(platform, origin)
        with writing(engine) as session:
            run_id = open_run(session, registered, datetime.now(UTC)).id
        assert run_id is not None
        log = settings.VAR / "logs" / f"{platform.slug}-{run_id}.log"
        progress(f"{platform.name} : collecte {run_id} en cours (journal : {log})")
        death: str | None = INTERRUPTED
        try:
            with _start(engine, run_id, platform, folder, origin, log) as process, ExitStack() as ending:
                ending.callback(_kill, process)
                death = _wait(engine, run_id, process, lambda kept: progress(_told(platform, kept)), monotonic() + deadline)
        finally:
            run = _end(engine, run_id, platform, death and f"{death} (journal : {log.name})")
    progress(_told(platform, counts_of(run).kept))
    return run


def _told(platform: PlatformFile, kept: int) -> str:
    return f"{platform.name} : {kept} titres lus"


def _require_server(origin: str) -> None:
    try:
        parts = urlsplit(origin)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        fit = False
    if not fit or parts.path.strip("/") or parts.query or parts.fragment:
        raise Problem(f"--origin : http://serveur:port attendu, lu « {clean(origin)} »")


def _require_collectable(file: AnyFile, origin: str | None) -> PlatformFile:
    """Told once the platform is registered: what a closed or forbidden one showed must leave the site."""
    rehearsal = origin is not None and is_loopback(urlsplit(origin).hostname or "") and settings.loopback_allowed()
    kept_out = file.legal.blocked and not rehearsal
    if kept_out or file.legal.basis is LegalBasis.FORBIDDEN or file.status is not PlatformStatus.OPEN:
        raise Problem(f"{file.slug} : {why_not_collected(file)}")
    if not isinstance(file, PlatformFile):
        raise Problem(f"{file.slug} : {why_not_collected(file)}")
    return file


def _require_ready(platform: PlatformFile, origin: str | None) -> None:
    settings.loopback_delay()
    contact = settings.robot_contact()
    if not is_loopback(urlsplit((platform.at(origin) if origin else platform).source.url).hostname or "") and not contact:
        raise Problem("OUVOIR_CONTACT : adresse où répondre du robot attendue (page ou courriel), pour collecter un vrai site")
    if contact and not contact.isascii():
        raise Problem("OUVOIR_CONTACT : adresse sans accents attendue")
    if isinstance(platform.source, Documents) and platform.source.auth:
        signature(platform.source.auth, platform.slug)


def _start(
    engine: Engine, run_id: int, platform: PlatformFile, folder: Path, origin: str | None, log: Path
) -> "subprocess.Popen[bytes]":
    order = [sys.executable, "-m", "crawlers.child", str(run_id), platform.slug, str(folder), *([origin] if origin else [])]
    paths = [str(settings.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    told = {
        "OUVOIR_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "PYTHONPATH": os.pathsep.join(paths),
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as journal:
        return subprocess.Popen(  # noqa: S603 (our own module)
            order, env=os.environ | told, stdin=subprocess.PIPE, stdout=journal, stderr=journal, start_new_session=True
        )


def _wait(
    engine: Engine, run_id: int, process: "subprocess.Popen[bytes]", tell: Callable[[int], None], until: float
) -> str | None:
    """Waits for the child, telling how far it is; why it must be counted as dead, or None when it ended by itself."""
    told = 0
    while True:
        try:
            code = process.wait(min(_LOOK_EVERY, max(0.0, until - monotonic())))
            return f"le collecteur s'est arrêté en panne, code {code}" if code else None
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                return "collecte arrêtée, elle dépassait le temps permis"
        with suppress(Problem), reading(engine) as session:  # a busy database is no reason to end a collection
            kept = counts_of(find_run(session, run_id)).kept
            if kept > told:
                tell(kept)
            told = kept


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends the child and whatever it started, if it still runs."""
    for sent, grace in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sent)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            continue


def _end(engine: Engine, run_id: int, platform: PlatformFile, death: str | None) -> Run:
    """Settles the run in one transaction; one whose child left no account of itself is held as failed."""
    now = datetime.now(UTC)
    with writing(engine) as session:
        run = find_run(session, run_id)
        if run.state is not RunState.OPEN:
            return run
        if death or run.outcome is None:
            close_held(session, run, Outcome.FAILED, death or "le collecteur n'a pas rendu compte", now)
        else:
            settle(session, run, platform.expect, run.outcome, now)
        return run
