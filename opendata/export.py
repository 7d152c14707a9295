"""One export: every table of one state of the base, then what tells of them."""

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.errors import UserError
from domain.common.paris_time import PARIS, get_day_start, get_paris_date
from domain.common.settings import get_settings
from domain.coverage.summary import count_coverage
from domain.db.engine import read_session
from domain.db.locks import hold_lock
from domain.models.platform import Platform
from domain.offers.availability import is_demonstration
from opendata.batches import iter_film_batches
from opendata.file_writer import TableWriter, format_checksums, write_parquet, write_text
from opendata.lumiere import build_presence_table
from opendata.manifest import MANIFEST_NAME, DataSet, Manifest, list_exported_days, read_manifest
from opendata.media_actions import FEED_NAME as MEDIA_ACTIONS
from opendata.media_actions import FeedFile
from opendata.readme import render_notice
from opendata.services import COVERAGE_TABLE, SERVICES_TABLE, has_runs, iter_coverage_rows, iter_service_rows, list_shown_services
from opendata.snapshot import open_snapshot
from opendata.tables import FILM_TABLES, ExportContext, RowValues, TableSchema
from opendata.version_store import create_version

NIGHT_END_HOUR = 4
"""The hour in Paris from which a day's export is made: the collections of the night are in."""
ProgressCallback = Callable[[str], None]


def export_nightly(engine: Engine, folder: Path, now: datetime, say: ProgressCallback) -> None:
    """Exports the day's state once, after the night, if anything was ever collected. Raises Problem as `export` does."""
    local = now.astimezone(PARIS)
    if local.hour < NIGHT_END_HOUR or local.date() in list_exported_days(folder)[:1]:
        return
    with read_session(engine) as session:
        anything = has_runs(session)
    if anything:
        say(format_summary(export_open_data(engine, folder, now)))


def export_open_data(engine: Engine, folder: Path, now: datetime, day: date | None = None, site: str | None = None) -> Manifest:
    """Writes every file of the state of now, or of the end of a past day (in Paris), and makes them the day's.

    `site` is the address printed in the files, the site's own by default. The counts of coverage are those of now: a past day
    has none. Raises Problem on a day to come, where invented data would stand beside real ones, or when the disk refuses.
    """
    today = get_paris_date(now)
    told = day or today
    if told > today:
        raise UserError(f"{told} : un jour à venir ne s'exporte pas")
    at = min(now, get_day_start(told + timedelta(days=1)) - timedelta(seconds=1))
    alone = hold_lock(engine, "export", "un export est déjà en cours")
    with alone, create_version(folder, told) as made, open_snapshot(engine, made) as session:
        invented = is_demonstration(session)
        begun = Manifest(day=told, at=at, demonstration=invented, site=site or get_settings().site_url, sets=(), others=())
        _refuse_mixed_data(folder, invented)
        sets = _write_datasets(session, ExportWriter(made, begun.site, invented), at, counted_now=told == today)
        return _write_manifest(made, begun.model_copy(update={"sets": sets}))


def format_summary(manifest: Manifest) -> str:
    """What was exported, in one line."""
    rows = ", ".join(f"{one.name} {one.rows}" for one in manifest.sets)
    size = sum(file.size for file in manifest.iter_files()) / 1e6
    return f"données ouvertes du {manifest.day} : {rows} ; {size:.1f} Mo".replace(".", ",")


def _refuse_mixed_data(folder: Path, demonstration: bool) -> None:
    """A folder holds true data or invented ones, never both."""
    latest = read_manifest(folder)
    if latest and latest.demonstration != demonstration:
        there, here = ("de démonstration", "réelles") if latest.demonstration else ("réelles", "de démonstration")
        raise UserError(
            f"{folder} : contient des données {there}, celles de cette base sont {here} ; choisissez un autre dossier"
        )


def _write_datasets(session: Session, writer: "ExportWriter", at: datetime, counted_now: bool) -> tuple[DataSet, ...]:
    services = list_shown_services(session)
    context = ExportContext(at, writer.site)
    films = _write_film_tables(session, context, services, writer)
    whole = [(SERVICES_TABLE, iter_service_rows(session))]
    if counted_now:
        whole.append((COVERAGE_TABLE, iter_coverage_rows(count_coverage(session, at))))
    return (*films, *(writer.write_table(table, lines) for table, lines in whole))


def _write_film_tables(
    session: Session, context: ExportContext, services: list[Platform], writer: "ExportWriter"
) -> list[DataSet]:
    """The tables that are written together, in one reading of the base."""
    with ExitStack() as opened:
        tables = [(writer.open_table(table, opened), lines) for table, lines in (*FILM_TABLES, build_presence_table(services))]
        names = {service.slug: service.name for service in services}
        feed = opened.enter_context(FeedFile(writer.get_path(f"{MEDIA_ACTIONS}.json"), context, names))
        for stretch in iter_film_batches(session, context.at, {service.slug: service.hosts for service in services}):
            for file, lines in tables:
                file.add_rows(lines(stretch, context))
            feed.add_batch(stretch)
        return [*(writer.finish_table(file) for file, _ in tables), writer.label_demonstration(feed.finish())]


@dataclass(frozen=True)
class ExportWriter:
    """The folder of one export; what is invented says so in the name of every file and in every title."""

    folder: Path
    site: str
    demonstration: bool

    def get_path(self, name: str) -> Path:
        """Where a file stands."""
        return self.folder / (f"demonstration_{name}" if self.demonstration else name)

    def open_table(self, table: TableSchema, stack: ExitStack) -> TableWriter:
        """A table to be filled."""
        return stack.enter_context(TableWriter(table, self.get_path(f"{table.name}.csv")))

    def write_table(self, table: TableSchema, rows: Iterable[RowValues]) -> DataSet:
        """A table filled at once."""
        with ExitStack() as opened:
            file = self.open_table(table, opened)
            file.add_rows(rows)
            return self.finish_table(file)

    def finish_table(self, file: TableWriter) -> DataSet:
        """A table that is full, with its Parquet and its schema."""
        table = file.table
        told = DataSet(
            name=table.name, title=table.title, description=table.description, keywords=table.keywords, rows=file.rows, files=()
        )
        marked = self.label_demonstration(told)
        facts = table.to_descriptor(f"{self.site}/donnees") | {"title": marked.title}
        schema = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        data = (file.finish(), write_parquet(table, file.path))
        files = (*data, write_text(self.get_path(f"{table.name}.schema.json"), schema, "schema"))
        return marked.model_copy(update={"files": files})

    def label_demonstration(self, dataset: DataSet) -> DataSet:
        """The same data set, said to be invented when it is."""
        return (
            dataset.model_copy(update={"title": f"{dataset.title} (données de démonstration)"}) if self.demonstration else dataset
        )


def _write_manifest(version_folder: Path, manifest: Manifest) -> Manifest:
    """Adds what tells of the files: a notice, sums, and the manifest."""
    text = render_notice(manifest.at, manifest.site, list(manifest.sets), manifest.demonstration)
    read_me = write_text(version_folder / "LISEZMOI.txt", text, "text")
    summed = write_text(version_folder / "SHA256SUMS", format_checksums([*manifest.iter_files(), read_me]), "text")
    whole = manifest.model_copy(update={"others": (read_me, summed)})
    write_text(version_folder / MANIFEST_NAME, whole.model_dump_json(indent=2) + "\n", "json")
    return whole
