"""Build the demonstration's database: films imported, invented services collected and linked by the real program."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from crawlers.collect import collect_platform
from crawlers.platform_files.loader import load_platform
from demonstration.catalogues import read_demonstration_films
from demonstration.services import FILMS, SERVICES
from domain.common.enums import RunState
from domain.common.environment import DATA
from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
from domain.common.progress import ProgressCallback, ignore_progress
from domain.common.settings import get_settings
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


def ensure_built(engine: Engine, origins: dict[str, str], progress: ProgressCallback) -> None:
    """Build the demonstration unless the database holds it already. Raises UserError as `build_demonstration` does."""
    require_no_real_data(engine)
    if not is_built(engine, origins):
        build_demonstration(engine, origins, progress)


def ensure_exported(engine: Engine, site: str, progress: ProgressCallback) -> None:
    """Export the demonstration's open data for a site at an address, unless today's are there; never over real data."""
    now = datetime.now(UTC)
    folder = get_settings().open_data
    latest = read_manifest(folder)
    if latest and latest.demonstration and (latest.site, latest.day) == (site, get_paris_date(now)):
        return
    try:
        progress(format_summary(export_open_data(engine, folder, now, site=site)))
    except UserError as error:
        progress(str(error))


def build_demonstration(engine: Engine, origins: dict[str, str], progress: ProgressCallback) -> None:
    """Fill the database from the services that `origins` gives: {slug: origin}.

    Raises UserError when a service cannot be collected.
    """
    import_films(engine, FILMS, "films", progress)
    with _allow_loopback():
        for rank, (slug, origin) in enumerate(origins.items(), 1):
            progress(f"{rank}/{len(origins)} {_collect_service(engine, slug, origin)}")
    match_database(engine, progress)


def is_built(engine: Engine, origins: dict[str, str]) -> bool:
    """Tell whether the database holds the whole demonstration, linked, with offers that lead to these origins."""
    with read_session(engine) as session:
        return _offers_lead_to(session, origins) and not _has_undecided_entries(session)


def _offers_lead_to(session: Session, origins: dict[str, str]) -> bool:
    """Tell whether each of these services, and no other, has open offers, all on its origin."""
    stmt = select(Platform.slug, Offer.url).select_from(Offer).join(Entry).join(Platform).where(col(Offer.closed_at).is_(None))
    slugs = set()
    for slug, url in session.exec(stmt):
        if url is None or not url.startswith(f"{origins.get(slug)}/"):
            return False
        slugs.add(slug)
    return slugs == origins.keys()


def _has_undecided_entries(session: Session) -> bool:
    decided = select(Judgement.entry_id).where(live_judgement())
    stmt = select(Entry.id).where(col(Entry.id).not_in(decided)).limit(1)
    return session.exec(stmt).first() is not None


def require_no_real_data(engine: Engine) -> None:
    """Raise UserError when the database holds a platform or a film that is not the demonstration's."""
    own_refs = [film.source_ref for film in read_demonstration_films(FILMS)]
    with read_session(engine) as session:
        strangers = list(session.exec(select(Platform.name).where(col(Platform.slug).not_in(SERVICES))))
        is_foreign = (col(Film.source) != "films") | col(Film.source_ref).not_in(own_refs)
        film_count = session.exec(select(func.count()).select_from(Film).where(is_foreign)).one()
    if film_count:
        strangers.append(f"{film_count} films d'une autre base")
    if strangers:
        names = ", ".join(strangers)
        raise UserError(f"cette base contient déjà des données réelles : {names} (OUVOIR_DATABASE_URL pour en choisir une autre)")


def _collect_service(engine: Engine, slug: str, origin: str) -> str:
    """Collect one service and return a French line about its run. Raises UserError when the run is not accepted."""
    started_at = monotonic()
    platform = load_platform(slug, PLATFORMS)
    run = collect_platform(engine, platform, PLATFORMS, origin, ignore_progress)
    if run.state is not RunState.ACCEPTED:
        raise UserError(f"{platform.name} : collecte en attente ({format_verdict(run)})")
    return f"{platform.name} : {get_run_counts(run).kept} titres acceptés en {monotonic() - started_at:.0f} s"


@contextmanager
def _allow_loopback() -> Iterator[None]:
    """Let the collections of this process, and only they, read loopback addresses without waiting."""
    variables = {"OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": "0"}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
