"""Match the entries of the platforms' live catalogues with the films of the database: `ouvoir match`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from domain.common.enums import Verdict
from domain.common.garbage import pause_garbage_collection
from domain.common.text import format_count
from domain.db.engine import lock_tables, read_session, write_session
from domain.models.judgement import Judgement
from domain.models.review_case import ReviewCase
from domain.review.queue import list_entries_in_review
from matcher.decision import Band
from matcher.incremental.changes import Changes, Contents
from matcher.incremental.contents import read_platform_names, read_written_digests
from matcher.incremental.matching import MatchPass, compute_weights_digest, decide_changes, decide_everything
from matcher.incremental.state import BANDS, EntryTable, compute_version, get_state_path, load_state, save_state
from matcher.model import load_model
from matcher.stored_index import open_database_index
from matcher.write_links import LinkWriter

_VERDICTS = tuple(Verdict)
ReportLine = Callable[[str], None]


@dataclass(frozen=True)
class MatchCounts:
    """Count the entries of the live catalogues by verdict, those of persons included, and the decisions that changed.

    `pending_cases` counts the cases that wait for a person.
    """

    linked: int
    doubtful: int
    unlinked: int
    changed: int
    pending_cases: int

    def format_summary(self) -> str:
        """Return the counts as a French line."""
        entries = f"{self.linked} liées, {self.doubtful} à vérifier, {self.unlinked} sans film"
        return f"{entries} ; {self.changed} décisions nouvelles ; {self.pending_cases} cas attendent un agent"


def match_database(engine: Engine, progress: ReportLine, *, full: bool = False) -> MatchCounts:
    """Match the entries of the live catalogues and write what changed in one transaction.

    Only the entries that changed since the last pass, that are near a film that changed or whose decision somebody else changed
    are decided; with `full`, or without a trace of the last pass, all are. Both come to the same. A person's decision is never
    changed; a case is opened again when the entry or the films changed so that the matcher disagrees. Matching the same films
    and entries again writes nothing.
    """
    model = load_model()
    path, version = get_state_path(engine), compute_version(model)
    remembered = load_state(path, version)
    former = None if full else remembered
    with pause_garbage_collection(), _snapshot_session(engine) as session:
        contents = Contents.read(session)
        platform_names = read_platform_names(session)
        changes = Changes.compare(former, contents) if former else None
        catalogue_count = len(np.unique(contents.entries.platform_ids))
        progress(f"{len(contents.films.ids)} films ; {catalogue_count} catalogues")
        if changes is not None and changes.is_empty and not contents.stale_entry_ids:
            progress(f"{format_count(len(changes.table.ids), 'entrée')}, rien de nouveau")
            _report_platforms(changes.table, platform_names, progress)
            return _count_verdicts(changes.table, 0, len(list_entries_in_review(session)))
        index = open_database_index(session, contents.films)
    with pause_garbage_collection():
        if former is None or changes is None or former.weights_digest != compute_weights_digest(index):
            habits = remembered.decode_habits() if remembered else {}
            match_pass = decide_everything(engine, index, model, contents, version, habits, datetime.now(UTC))
        else:
            match_pass = decide_changes(engine, index, model, contents, former, changes)
    progress(match_pass.selection.counts.format_summary())
    _report_platforms(match_pass.state.entries, platform_names, progress)
    counts = _write_pass(engine, model.version, match_pass, contents)
    save_state(path, match_pass.state)
    return counts


@contextmanager
def _snapshot_session(engine: Engine) -> Iterator[Session]:
    """Open a session that sees the database as it is now, whatever is written meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with read_session(engine) as session:
        yield session


def _write_pass(engine: Engine, model_version: str, match_pass: MatchPass, contents: Contents) -> MatchCounts:
    """Write the decisions of a pass, and note in its state what the database holds of each entry."""
    table = match_pass.state.entries
    with write_session(engine) as session:
        lock_tables(session, Judgement, ReviewCase)  # an agent who answers meanwhile waits, and has the last word
        writer = LinkWriter(session, model_version, datetime.now(UTC))
        verdicts = writer.write_entries(match_pass.decisions)
        writer.withdraw_cases(contents.stale_entry_ids)
        entry_ids = np.array(sorted(verdicts), dtype=np.int64)
        written = read_written_digests(session, entry_ids)
        pending_cases = len(list_entries_in_review(session))
    table.written[:] = contents.written
    rows = np.searchsorted(table.ids, entry_ids)
    table.written[rows] = written
    table.verdicts[rows] = [_VERDICTS.index(verdicts[entry_id].verdict) for entry_id in entry_ids.tolist()]
    table.by_person[rows] = [verdicts[entry_id].by_person for entry_id in entry_ids.tolist()]
    return _count_verdicts(table, writer.changed, pending_cases)


def _count_verdicts(table: EntryTable, changed: int, pending_cases: int) -> MatchCounts:
    counts = np.bincount(table.verdicts, minlength=len(_VERDICTS)).tolist()
    linked, doubtful, unlinked = (counts[_VERDICTS.index(verdict)] for verdict in (Verdict.SAME, Verdict.UNSURE, Verdict.NONE))
    return MatchCounts(linked, doubtful, unlinked, changed, pending_cases)


def _report_platforms(table: EntryTable, names: Mapping[int, str], progress: ReportLine) -> None:
    """Report how many entries of each platform are in each band."""
    for platform_id in np.unique(table.platform_ids).tolist():
        bands = np.bincount(table.final_bands[table.platform_ids == platform_id], minlength=len(BANDS))
        counts = {band: int(bands[BANDS.index(band)]) for band in Band}
        line = f"{counts[Band.AUTO]} liées, {counts[Band.REVIEW]} à vérifier, {counts[Band.NONE]} sans film"
        progress(f"{names[platform_id]} : {line}")
