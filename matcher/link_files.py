"""Link a CSV file of entries to a CSV file of films, without a database: `ouvoir link`."""

import csv
import gzip
import io
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from domain.common.atomic_write import write_atomically
from domain.common.errors import UserError
from domain.common.garbage import pause_garbage_collection
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision
from matcher.explanations import format_number
from matcher.file_index import open_file_index
from matcher.loaders.csv_files import read_entries
from matcher.model import DEFAULT_MODEL, load_model
from matcher.pipeline import link_entries
from matcher.work import Work

LINK_COLUMNS = ("entry_id", "film_id", "decision", "probability", "reason", "runner_up_id", "runner_up_probability")
_MAX_WORKERS = 64
_BAR_LENGTH = 20
ReportLine = Callable[[str], None]


def link_files(
    reference: Path,
    entries: Path,
    output: Path,
    workers: int | None,
    model: Path | None,
    progress: ReportLine,
    show_status: ReportLine = lambda line: None,
) -> None:
    """Write the file of links from the entries to the films of the reference, whole or not at all.

    Without a number of `workers`, a small work is done by one process, a large one by one for each processor; the links are
    the same. `progress` receives lines to print, `show_status` a line that replaces the one before. Raise UserError, one line
    naming file, line and column, when an input is not valid or the output cannot be written.
    """
    if workers is not None and not 1 <= workers <= _MAX_WORKERS:
        raise UserError(f"--workers : nombre entre 1 et {_MAX_WORKERS} attendu, lu « {workers} »")
    _require_writable(output)
    _require_distinct(output, [reference, entries, *([model] if model else [])])
    with pause_garbage_collection():
        _write_links(reference, entries, output, workers, model, progress, show_status)


def _write_links(
    reference: Path,
    entries: Path,
    output: Path,
    workers: int | None,
    model: Path | None,
    progress: ReportLine,
    show_status: ReportLine,
) -> None:
    weights = load_model(model or DEFAULT_MODEL)
    catalogue = read_entries(entries, workers)
    index = _open_index(reference, len(catalogue), workers, progress)
    decisions = link_entries(catalogue, index, weights, workers, make_progress_counter(len(catalogue), show_status))
    show_status("")
    _write_output(output, _render_links(catalogue, decisions))
    counts = Counter(decision.band for decision in decisions)
    progress(" ; ".join(f"{band} : {counts[band]}" for band in Band))


def _open_index(reference: Path, entry_count: int, workers: int | None, progress: ReportLine) -> FilmIndex:
    started = time.perf_counter()
    index, untitled_count = open_file_index(reference, workers)
    seconds = format_number(time.perf_counter() - started, 1)
    left_out = f", {untitled_count} sans titre laissés de côté" if untitled_count else ""
    progress(f"{len(index.films)} films{left_out} ; {entry_count} entrées ; index prêt en {seconds} s")
    return index


def make_progress_counter(total: int, show_status: ReportLine) -> Callable[[int], None]:
    """Return a function that shows a count so far: how many of the total, the rate, the time left."""
    started = time.perf_counter()

    def show_count(done: int) -> None:
        rate = done / (time.perf_counter() - started)
        filled = _BAR_LENGTH * done // total
        bar = "█" * filled + "░" * (_BAR_LENGTH - filled)
        show_status(f"{bar} {done} sur {total} entrées, {rate:.0f}/s, encore {(total - done) / rate:.0f} s")

    return show_count


def _require_distinct(output: Path, inputs: Sequence[Path]) -> None:
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UserError(f"{output} : c'est aussi un fichier d'entrée, choisissez un autre nom")


def _build_row(entry: Work, decision: EntryDecision) -> list[str]:
    """Return a row of the output; in the band « none », no film is decided and the most probable one is the runner-up."""
    films = [(proposal.film_id, f"{proposal.probability:.4f}") for proposal in decision.proposals]
    if decision.band is Band.NONE:
        films.insert(0, ("", "0.0000"))
    decided, runner_up = [*films, ("", "")][:2]
    return [entry.id, decided[0], decision.band, decided[1], decision.reason, *runner_up]


def _render_links(entries: Sequence[Work], decisions: Sequence[EntryDecision]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LINK_COLUMNS)
    writer.writerows(map(_build_row, entries, decisions))
    return text.getvalue()


def _require_writable(path: Path) -> None:
    try:
        if path.is_dir():
            raise UserError(f"{path} : c'est un dossier, un fichier est attendu")
        if path.exists() and not path.is_file():
            raise UserError(f"{path} : ce n'est pas un fichier ordinaire")
        if not path.parent.is_dir():
            raise UserError(f"{path} : le dossier n'existe pas")
    except OSError as error:
        raise _make_write_error(path, error) from None


def _make_write_error(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} : écriture impossible ({error.strerror})")


def _write_output(path: Path, text: str) -> None:
    """Write the output whole or not at all, compressed when its name ends in .gz."""
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise _make_write_error(path, error) from None
