"""One export: every table of one state of the base, then what tells of them."""

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.errors import Problem
from domain.common.paris_time import PARIS, day_in_paris, start_of
from domain.common.settings import site_address
from domain.coverage.summary import count_coverage
from domain.db.engine import reading
from domain.db.locks import hold
from domain.models.platform import Platform
from domain.offers.availability import is_demonstration
from opendata.batches import stretches
from opendata.file_writer import TableFile, sums, write_parquet, write_text
from opendata.lumiere import presences
from opendata.manifest import MANIFEST, DataSet, Manifest, exported_days, read_manifest
from opendata.media_actions import NAME as MEDIA_ACTIONS
from opendata.media_actions import FeedFile
from opendata.readme import notice
from opendata.services import COVERAGE, SERVICES, coverage_lines, has_runs, service_lines, shown_services
from opendata.snapshot import snapshot
from opendata.tables import FILM_TABLES, Context, Line, Table
from opendata.version_store import new_export

NIGHT_ENDS = 4
"""The hour in Paris from which a day's export is made: the collections of the night are in."""
Say = Callable[[str], None]


def export_nightly(engine: Engine, folder: Path, now: datetime, say: Say) -> None:
    """Exports the day's state once, after the night, if anything was ever collected. Raises Problem as `export` does."""
    local = now.astimezone(PARIS)
    if local.hour < NIGHT_ENDS or local.date() in exported_days(folder)[:1]:
        return
    with reading(engine) as session:
        anything = has_runs(session)
    if anything:
        say(tell(export(engine, folder, now)))


def export(engine: Engine, folder: Path, now: datetime, day: date | None = None, site: str | None = None) -> Manifest:
    """Writes every file of the state of now, or of the end of a past day (in Paris), and makes them the day's.

    `site` is the address printed in the files, the site's own by default. The counts of coverage are those of now: a past day
    has none. Raises Problem on a day to come, where invented data would stand beside real ones, or when the disk refuses.
    """
    today = day_in_paris(now)
    told = day or today
    if told > today:
        raise Problem(f"{told} : un jour à venir ne s'exporte pas")
    at = min(now, start_of(told + timedelta(days=1)) - timedelta(seconds=1))
    alone = hold(engine, "export", "un export est déjà en cours")
    with alone, new_export(folder, told) as made, snapshot(engine, made) as session:
        invented = is_demonstration(session)
        begun = Manifest(day=told, at=at, demonstration=invented, site=site or site_address(), sets=(), others=())
        _refuse_mixing(folder, invented)
        sets = _write_sets(session, Shelf(made, begun.site, invented), at, counted_now=told == today)
        return _tell_sets(made, begun.model_copy(update={"sets": sets}))


def tell(manifest: Manifest) -> str:
    """What was exported, in one line."""
    rows = ", ".join(f"{one.name} {one.rows}" for one in manifest.sets)
    size = sum(file.size for file in manifest.files()) / 1e6
    return f"données ouvertes du {manifest.day} : {rows} ; {size:.1f} Mo".replace(".", ",")


def _refuse_mixing(folder: Path, invented: bool) -> None:
    """A folder holds true data or invented ones, never both."""
    latest = read_manifest(folder)
    if latest and latest.demonstration != invented:
        there, here = ("de démonstration", "réelles") if latest.demonstration else ("réelles", "de démonstration")
        raise Problem(f"{folder} : contient des données {there}, celles de cette base sont {here} ; choisissez un autre dossier")


def _write_sets(session: Session, shelf: "Shelf", at: datetime, counted_now: bool) -> tuple[DataSet, ...]:
    services = shown_services(session)
    context = Context(at, shelf.site)
    films = _write_films(session, context, services, shelf)
    whole = [(SERVICES, service_lines(session))]
    if counted_now:
        whole.append((COVERAGE, coverage_lines(count_coverage(session, at))))
    return (*films, *(shelf.table(table, lines) for table, lines in whole))


def _write_films(session: Session, context: Context, services: list[Platform], shelf: "Shelf") -> list[DataSet]:
    """The tables that are written together, in one reading of the base."""
    with ExitStack() as opened:
        tables = [(shelf.open(table, opened), lines) for table, lines in (*FILM_TABLES, presences(services))]
        names = {service.slug: service.name for service in services}
        feed = opened.enter_context(FeedFile(shelf.path(f"{MEDIA_ACTIONS}.json"), context, names))
        for stretch in stretches(session, context.at, {service.slug: service.hosts for service in services}):
            for file, lines in tables:
                file.add(lines(stretch, context))
            feed.add(stretch)
        return [*(shelf.finish(file) for file, _ in tables), shelf.marked(feed.done())]


@dataclass(frozen=True)
class Shelf:
    """The folder of one export; what is invented says so in the name of every file and in every title."""

    folder: Path
    site: str
    invented: bool

    def path(self, name: str) -> Path:
        """Where a file stands."""
        return self.folder / (f"demonstration_{name}" if self.invented else name)

    def open(self, table: Table, opened: ExitStack) -> TableFile:
        """A table to be filled."""
        return opened.enter_context(TableFile(table, self.path(f"{table.name}.csv")))

    def table(self, table: Table, lines: Iterable[Line]) -> DataSet:
        """A table filled at once."""
        with ExitStack() as opened:
            file = self.open(table, opened)
            file.add(lines)
            return self.finish(file)

    def finish(self, file: TableFile) -> DataSet:
        """A table that is full, with its Parquet and its schema."""
        table = file.table
        told = DataSet(
            name=table.name, title=table.title, description=table.description, keywords=table.keywords, rows=file.rows, files=()
        )
        marked = self.marked(told)
        facts = table.schema(f"{self.site}/donnees") | {"title": marked.title}
        schema = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        data = (file.done(), write_parquet(table, file.path))
        files = (*data, write_text(self.path(f"{table.name}.schema.json"), schema, "schema"))
        return marked.model_copy(update={"files": files})

    def marked(self, told: DataSet) -> DataSet:
        """The same data set, said to be invented when it is."""
        return told.model_copy(update={"title": f"{told.title} (données de démonstration)"}) if self.invented else told


def _tell_sets(made: Path, manifest: Manifest) -> Manifest:
    """Adds what tells of the files: a notice, sums, and the manifest."""
    text = notice(manifest.at, manifest.site, list(manifest.sets), manifest.demonstration)
    read_me = write_text(made / "LISEZMOI.txt", text, "text")
    summed = write_text(made / "SHA256SUMS", sums([*manifest.files(), read_me]), "text")
    whole = manifest.model_copy(update={"others": (read_me, summed)})
    write_text(made / MANIFEST, whole.model_dump_json(indent=2) + "\n", "json")
    return whole
