"""Export every table of one state of the database, then the notice, checksums and manifest that describe them."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.errors import UserError
from domain.common.paris_time import PARIS, get_day_start, get_paris_date
from domain.common.progress import ProgressCallback
from domain.common.settings import get_settings
from domain.coverage.summary import count_coverage
from domain.db.engine import read_session
from domain.db.locks import EXPORT_LOCK, hold_lock
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


def export_nightly(engine: Engine, folder: Path, now: datetime, progress: ProgressCallback) -> None:
    """Export the day's state once, after the night, if anything was ever collected.

    Raises UserError as `export_open_data` does.
    """
    local = now.astimezone(PARIS)
    is_exported = local.date() in list_exported_days(folder)[:1]
    if local.hour < NIGHT_END_HOUR or is_exported:
        return
    with read_session(engine) as session:
        is_collected = has_runs(session)
    if is_collected:
        progress(format_summary(export_open_data(engine, folder, now)))


def export_open_data(engine: Engine, folder: Path, now: datetime, day: date | None = None, site: str | None = None) -> Manifest:
    """Write every file of the present state, or of the end of a past day (in Paris), and publish them as that day's export.

    `site` is the URL printed in the files, by default that of the settings. Coverage is counted now: a past day has none.
    Raises UserError for a day to come, when real and invented data would mix in the folder, or when the disk refuses.
    """
    today = get_paris_date(now)
    day = day or today
    if day > today:
        raise UserError(f"{day} : un jour à venir ne s'exporte pas")
    at = min(now, get_day_start(day + timedelta(days=1)) - timedelta(seconds=1))
    lock = hold_lock(engine, EXPORT_LOCK, "un export est déjà en cours")
    with lock, create_version(folder, day) as version_folder, open_snapshot(engine, version_folder) as session:
        writer = ExportWriter(version_folder, site or get_settings().site_url, is_demonstration(session))
        _refuse_mixed_data(folder, writer.demonstration)
        datasets = _write_datasets(session, writer, at, counted_now=day == today)
        manifest = Manifest(day=day, at=at, demonstration=writer.demonstration, site=writer.site, sets=tuple(datasets), others=())
        return _write_manifest(version_folder, manifest)


def format_summary(manifest: Manifest) -> str:
    """Format what was exported, in one French line."""
    rows = ", ".join(f"{dataset.name} {dataset.rows}" for dataset in manifest.sets)
    megabytes = sum(file.size for file in manifest.iter_files()) / 1e6
    size = f"{megabytes:.1f}".replace(".", ",")
    return f"données ouvertes du {manifest.day} : {rows} ; {size} Mo"


def _refuse_mixed_data(folder: Path, demonstration: bool) -> None:
    """Raise UserError when a folder holds real data and the database invented ones, or the other way round."""
    latest = read_manifest(folder)
    if latest is None or latest.demonstration == demonstration:
        return
    labels = {True: "de démonstration", False: "réelles"}
    raise UserError(
        f"{folder} : contient des données {labels[latest.demonstration]}, celles de cette base sont {labels[demonstration]} ; "
        "choisissez un autre dossier"
    )


def _write_datasets(session: Session, writer: "ExportWriter", at: datetime, counted_now: bool) -> list[DataSet]:
    context = ExportContext(at, writer.site)
    datasets = _write_film_tables(session, context, list_shown_services(session), writer)
    datasets.append(writer.write_table(SERVICES_TABLE, iter_service_rows(session)))
    if counted_now:
        datasets.append(writer.write_table(COVERAGE_TABLE, iter_coverage_rows(count_coverage(session, at))))
    return datasets


def _write_film_tables(
    session: Session, context: ExportContext, services: list[Platform], writer: "ExportWriter"
) -> list[DataSet]:
    """Write the tables and the feed that are filled together, in one reading of the films."""
    names = {service.slug: service.name for service in services}
    hosts = {service.slug: service.hosts for service in services}
    with ExitStack() as stack:
        tables = [
            (writer.open_table(table, stack), build_rows) for table, build_rows in (*FILM_TABLES, build_presence_table(services))
        ]
        feed = stack.enter_context(FeedFile(writer.get_path(f"{MEDIA_ACTIONS}.json"), context, names))
        for batch in iter_film_batches(session, context.at, hosts):
            for file, build_rows in tables:
                file.add_rows(build_rows(batch, context))
            feed.add_batch(batch)
        datasets = [writer.finish_table(file) for file, _ in tables]
        return [*datasets, writer.label_demonstration(feed.finish())]


@dataclass(frozen=True)
class ExportWriter:
    """Write the files of one export in its folder; invented data are labelled in every file name and title."""

    folder: Path
    site: str
    demonstration: bool

    def get_path(self, name: str) -> Path:
        """Return the path of a file of the export."""
        return self.folder / (f"demonstration_{name}" if self.demonstration else name)

    def open_table(self, table: TableSchema, stack: ExitStack) -> TableWriter:
        """Open a table to be filled, until a stack is closed."""
        return stack.enter_context(TableWriter(table, self.get_path(f"{table.name}.csv")))

    def write_table(self, table: TableSchema, rows: Iterable[RowValues]) -> DataSet:
        """Write a table in all its formats from its rows."""
        with ExitStack() as stack:
            file = self.open_table(table, stack)
            file.add_rows(rows)
            return self.finish_table(file)

    def finish_table(self, file: TableWriter) -> DataSet:
        """Close a filled table, and write its Parquet file and its schema."""
        table = file.table
        dataset = self.label_demonstration(
            DataSet(
                name=table.name,
                title=table.title,
                description=table.description,
                keywords=table.keywords,
                rows=file.row_count,
                files=(),
            )
        )
        descriptor = table.to_descriptor(f"{self.site}/donnees") | {"title": dataset.title}
        schema = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
        files = (
            file.finish(),
            write_parquet(table, file.path),
            write_text(self.get_path(f"{table.name}.schema.json"), schema, "schema"),
        )
        return dataset.model_copy(update={"files": files})

    def label_demonstration(self, dataset: DataSet) -> DataSet:
        """Return a data set whose title says that it is invented, when it is."""
        if not self.demonstration:
            return dataset
        return dataset.model_copy(update={"title": f"{dataset.title} (données de démonstration)"})


def _write_manifest(version_folder: Path, manifest: Manifest) -> Manifest:
    """Write the notice, the checksums and the manifest of an export; return the manifest that lists them."""
    notice = render_notice(manifest.at, manifest.site, list(manifest.sets), manifest.demonstration)
    notice_file = write_text(version_folder / "LISEZMOI.txt", notice, "text")
    checksums = format_checksums([*manifest.iter_files(), notice_file])
    checksum_file = write_text(version_folder / "SHA256SUMS", checksums, "text")
    complete = manifest.model_copy(update={"others": (notice_file, checksum_file)})
    write_text(version_folder / MANIFEST_NAME, complete.model_dump_json(indent=2) + "\n", "json")
    return complete
