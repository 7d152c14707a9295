"""`ouvoir link`: one list of films matched against another, files only."""

import csv
import gzip
import io
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from domain.common.atomic_write import write_atomically
from domain.common.errors import UserError
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision
from matcher.explanations import format_number
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.model import DEFAULT_MODEL, load_model
from matcher.pipeline import link_entries
from matcher.work import Work

LINK_COLUMNS = ("entry_id", "film_id", "decision", "probability", "reason", "runner_up_id", "runner_up_probability")
_MAX_WORKERS = 64


def link_files(
    reference: Path,
    entries: Path,
    output: Path,
    workers: int,
    model: Path | None,
    progress: Callable[[str], None],
    show_status: Callable[[str], None] = lambda line: None,
) -> None:
    """Writes the LINKS file of the entries against the reference, whole or not at all; `live` is told a line that counts.

    Raises Problem, one line naming file, line and column, when an input cannot be used or the output cannot be written.
    """
    if not 1 <= workers <= _MAX_WORKERS:
        raise UserError(f"--workers : nombre entre 1 et {_MAX_WORKERS} attendu, lu « {workers} »")
    _require_writable(output)
    _require_distinct(output, [reference, entries, *([model] if model else [])])
    weights = load_model(model or DEFAULT_MODEL)
    catalogue = read_entries(entries)
    started = time.perf_counter()
    films, untitled = read_reference(reference)
    index = FilmIndex(films)
    left_out = f", {untitled} sans titre laissés de côté" if untitled else ""
    ready = format_number(time.perf_counter() - started, 1)
    progress(f"{len(films)} films{left_out} ; {len(catalogue)} entrées ; index prêt en {ready} s")
    outcomes = link_entries(catalogue, index, weights, workers, make_progress_counter(len(catalogue), show_status))
    show_status("")
    _write_atomically(output, _render_links(catalogue, outcomes))
    counts = Counter(outcome.band for outcome in outcomes)
    progress(" ; ".join(f"{band} : {counts[band]}" for band in Band))


def make_progress_counter(total: int, show_status: Callable[[str], None]) -> Callable[[int], None]:
    """What turns a count so far into a line: how many of the total, the rate, the time left."""
    started = time.perf_counter()

    def advance(done: int) -> None:
        rate = done / (time.perf_counter() - started)
        bar = "█" * (20 * done // total) + "░" * (20 - 20 * done // total)
        show_status(f"{bar} {done} sur {total} entrées, {rate:.0f}/s, encore {(total - done) / rate:.0f} s")

    return advance


def _require_distinct(output: Path, inputs: Sequence[Path]) -> None:
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UserError(f"{output} : c'est aussi un fichier d'entrée, choisissez un autre nom")


def _build_row(entry: Work, outcome: EntryDecision) -> list[str]:
    """Under « none », no film is right, and the most probable one is the runner-up."""
    found = [(film.film_id, f"{film.probability:.4f}") for film in outcome.proposals]
    if outcome.band is Band.NONE:
        found.insert(0, ("", "0.0000"))
    decided, runner_up = [*found, ("", "")][:2]
    return [entry.id, decided[0], outcome.band, decided[1], outcome.reason, *runner_up]


def _render_links(entries: Sequence[Work], outcomes: Sequence[EntryDecision]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LINK_COLUMNS)
    writer.writerows(map(_build_row, entries, outcomes))
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


def _write_atomically(path: Path, text: str) -> None:
    """Write the output whole or not at all, compressed when its name ends in .gz."""
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise _make_write_error(path, error) from None
