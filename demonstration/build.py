"""The demonstration's database: films imported, invented services collected and linked by the real program."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine, func
from sqlmodel import col, select

from crawlers.collect import collect_platform
from crawlers.platform_files.loader import load_platform
from demonstration.catalogues import read_demonstration_films
from demonstration.services import FILMS, SERVICES
from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
from domain.common.settings import DATA, get_settings
from domain.db.engine import read_session
from domain.films.importing import import_films
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.runs.hold_reasons import format_verdict
from domain.runs.runs import get_run_counts
from matcher.match_database import match_database
from opendata.export import export_open_data, format_summary
from opendata.manifest import read_manifest

PLATFORMS = DATA / "demo" / "platforms"
Progress = Callable[[str], None]


def ensure_built(engine: Engine, origins: dict[str, str], progress: Progress) -> None:
    """Builds the demonstration unless the database holds it already. Raises Problem as `build` does."""
    require_no_real_data(engine)
    if not is_built(engine, origins):
        build_demonstration(engine, origins, progress)


def ensure_exported(engine: Engine, site: str, progress: Progress) -> None:
    """Exports the open data of the demonstration for a site at an address, unless today's are there; never over true data."""
    now, folder = datetime.now(UTC), get_settings().open_data
    latest = read_manifest(folder)
    if latest and latest.demonstration and (latest.site, latest.day) == (site, get_paris_date(now)):
        return
    try:
        progress(format_summary(export_open_data(engine, folder, now, site=site)))
    except UserError as problem:
        progress(str(problem))


def build_demonstration(engine: Engine, origins: dict[str, str], progress: Progress) -> None:
    """Fills the database from the services that `origins` gives: {slug: origin}.

    Raises Problem when a service cannot be collected.
    """
    import_films(engine, FILMS, "films", progress)
    with _allow_loopback():
        for number, (slug, origin) in enumerate(origins.items(), 1):
            progress(f"{number}/{len(origins)} {_collect_service(engine, slug, origin)}")
    match_database(engine, progress)


def is_built(engine: Engine, origins: dict[str, str]) -> bool:
    """Whether the database holds the whole demonstration, linked, with offers that open on these origins."""
    with read_session(engine) as session:
        links = (
            select(Platform.slug, Offer.url).select_from(Offer).join(Entry).join(Platform).where(col(Offer.closed_at).is_(None))
        )
        opened = {(slug, (url or "").startswith(f"{origins.get(slug)}/")) for slug, url in session.exec(links)}
        decided = select(Judgement.entry_id).where(live_judgement())
        pending = session.exec(select(func.count()).select_from(Entry).where(col(Entry.id).not_in(decided))).one()
    return opened == {(slug, True) for slug in origins} and pending == 0


def require_no_real_data(engine: Engine) -> None:
    """Raises Problem when the database holds a platform or a film that is not the demonstration's."""
    ours = [film.source_ref for film in read_demonstration_films(FILMS)]
    with read_session(engine) as session:
        platforms = list(session.exec(select(Platform.name).where(col(Platform.slug).not_in(SERVICES))))
        others = (col(Film.source) != "films") | col(Film.source_ref).not_in(ours)
        films = session.exec(select(func.count()).select_from(Film).where(others)).one()
    found = [*platforms, *([f"{films} films d'une autre base"] if films else [])]
    if found:
        told = ", ".join(found)
        raise UserError(f"cette base contient déjà des données réelles : {told} (OUVOIR_DATABASE_URL pour en choisir une autre)")


def _collect_service(engine: Engine, slug: str, origin: str) -> str:
    """Collects one service; says what came of it. Raises Problem when its run is not accepted."""
    started = monotonic()
    platform = load_platform(slug, PLATFORMS)
    run = collect_platform(engine, platform, PLATFORMS, origin, lambda line: None)
    if run.state is not RunState.ACCEPTED:
        raise UserError(f"{platform.name} : collecte en attente ({format_verdict(run)})")
    return f"{platform.name} : {get_run_counts(run).kept} titres acceptés en {monotonic() - started:.0f} s"


@contextmanager
def _allow_loopback() -> Iterator[None]:
    """Lets the collections of this process, and only they, ask loopback addresses without waiting."""
    wanted = {"OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": "0"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
