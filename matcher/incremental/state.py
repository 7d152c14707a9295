"""Remember the last pass in a file that can be lost without harm: without it, every entry is decided again."""

import io
import sys
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, get_type_hints

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from domain.common.atomic_write import write_atomically
from domain.common.environment import ROOT
from domain.common.settings import get_settings
from matcher.habits import CatalogueHabits
from matcher.incremental.ragged import RaggedArray, Rows
from matcher.incremental.work_keys import WorkKeys
from matcher.index_store import compute_digest
from matcher.loaders.film_contents import Digests, FilmContents
from matcher.model import Model

BANDS = ("auto", "review", "none")
"""The bands by their number in a column: those of `matcher.decision`, which is slow to import."""
_LOADING_ERRORS = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
NOBODY = -1
"""Stands for no film or no entry in a column of ids."""


@dataclass(frozen=True)
class EntryTable:
    """Represent what was decided of each entry on its own, one row an entry, by id, ascending.

    `digests` are those of their facts, `contexts` those of their candidates, `habits` those of their catalogue, `floors` their
    similarity floors. `bands` and `film_ids` (the most probable film) are the decision before each film is given to one entry,
    `final_bands` after it, and `outcomes` the digests of the whole decision then. `written` are those of what the database holds
    of each, `verdicts` and `by_person` their live judgement.
    """

    ids: Rows
    platform_ids: Rows
    digests: Digests
    contexts: Digests
    floors: npt.NDArray[np.float32]
    bands: npt.NDArray[np.uint8]
    final_bands: npt.NDArray[np.uint8]
    film_ids: Rows
    outcomes: Digests
    habits: Digests
    written: Digests
    verdicts: npt.NDArray[np.uint8]
    by_person: npt.NDArray[np.bool_]

    @classmethod
    def create(cls, ids: Rows, platform_ids: Rows, digests: Digests) -> Self:
        """Return the table of entries of which nothing was decided yet."""
        count = len(ids)
        zeros = np.zeros(count, dtype=np.uint8)
        return cls(
            ids=ids,
            platform_ids=platform_ids,
            digests=digests,
            contexts=np.zeros(count, dtype=np.uint64),
            floors=np.zeros(count, dtype=np.float32),
            bands=zeros,
            final_bands=zeros.copy(),
            film_ids=np.full(count, NOBODY, dtype=np.int64),
            outcomes=np.zeros(count, dtype=np.uint64),
            habits=np.zeros(count, dtype=np.uint64),
            written=np.zeros(count, dtype=np.uint64),
            verdicts=zeros.copy(),
            by_person=np.zeros(count, dtype=bool),
        )

    def select(self, rows: Rows) -> Self:
        """Return some of the rows."""
        return type(self)(**{name: column[rows] for name, column in vars(self).items()})

    def carry(self, former: Self, rows: Rows, former_rows: Rows) -> None:
        """Take over what rows of a former table say of the same entries, but their digests."""
        for name in vars(self).keys() - {"ids", "platform_ids", "digests"}:
            getattr(self, name)[rows] = getattr(former, name)[former_rows]


@dataclass(frozen=True)
class MatchState:
    """Represent what the last pass read and decided.

    `version` is that of the model and the code, `full_at` the moment of the last full pass, in seconds since 1970;
    `weights_digest` tells the weights of trigrams. The rows of `film_keys` are those of `films`; the rows of `entry_keys`, and
    of `evidence` (what each entry tells of the habits of its catalogue), are those of `entries`; `platform_habits` has what
    these habits are, as JSON, a row a platform of `platform_ids`.
    """

    version: str
    full_at: float
    weights_digest: int
    films: FilmContents
    film_keys: WorkKeys
    entries: EntryTable
    entry_keys: WorkKeys
    evidence: RaggedArray
    platform_ids: Rows
    platform_habits: RaggedArray

    def decode_habits(self) -> dict[int, CatalogueHabits]:
        """Return the habits of the catalogues by which their entries were decided, by the number of their platform."""
        contents = self.platform_habits.list_bytes()
        decoded = (msgspec.json.decode(content, type=CatalogueHabits) for content in contents)
        return dict(zip(self.platform_ids.tolist(), decoded, strict=True))


def encode_habits(habits: CatalogueHabits) -> bytes:
    """Return the habits of a catalogue as JSON, always the same for the same habits."""
    return msgspec.json.encode(habits, order="deterministic")


def get_state_path(engine: Engine) -> Path:
    """Return the file of the last pass over a database."""
    address = engine.url.render_as_string(hide_password=True)
    return get_settings().var / "match" / f"decisions-{compute_digest(address.encode())}.npz"


def compute_version(model: Model) -> str:
    """Return a text that tells models and versions of the matcher's code apart."""
    paths = [path for path in (ROOT / "matcher").rglob("*.*") if path.suffix in (".py", ".json")]
    paths += (ROOT / "domain" / "common").glob("*.py")
    code = (path.read_bytes() for path in sorted(paths) if "training" not in path.parts)
    return compute_digest(model.model_dump_json().encode(), sys.version.encode(), *code)


def load_state(path: Path, version: str) -> MatchState | None:
    """Return the state of a file; None when there is none, it is damaged, or another version wrote it."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if str(arrays["version"]) != version:
                return None
            return MatchState(
                version,
                float(arrays["full_at"]),
                int(arrays["weights_digest"]),
                _restore(FilmContents, arrays, "films"),
                _restore(WorkKeys, arrays, "film_keys"),
                _restore(EntryTable, arrays, "entries"),
                _restore(WorkKeys, arrays, "entry_keys"),
                _restore(RaggedArray, arrays, "evidence"),
                arrays["platform_ids"],
                _restore(RaggedArray, arrays, "platform_habits"),
            )
    except _LOADING_ERRORS:
        return None


def get_last_full_pass(engine: Engine) -> datetime | None:
    """Return when every entry was decided last; None when no trace of it is left."""
    try:
        with get_state_path(engine).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return datetime.fromtimestamp(float(arrays["full_at"]), UTC)
    except _LOADING_ERRORS:
        return None


def save_state(path: Path, state: MatchState) -> None:
    """Store a state; a disk that cannot be written only costs the next pass its time."""
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **flatten_state(state))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content.getvalue())


def flatten_state(state: MatchState) -> dict[str, Any]:
    """Return the arrays of a state, by dotted name."""
    arrays = {name: np.array(getattr(state, name)) for name in ("version", "full_at", "weights_digest")}
    for name in ("films", "film_keys", "entries", "entry_keys", "evidence", "platform_ids", "platform_habits"):
        arrays |= _flatten(name, getattr(state, name))
    return arrays


def _flatten(name: str, value: Any) -> dict[str, Any]:
    """Return the arrays of nested tuples or tables, by dotted name."""
    if isinstance(value, np.ndarray):
        return {name: value}
    arrays: dict[str, Any] = {}
    for field in get_type_hints(type(value)):
        arrays |= _flatten(f"{name}.{field}", getattr(value, field))
    return arrays


def _restore(kind: Any, arrays: Mapping[str, Any], name: str) -> Any:
    """Return the tuple or table that `_flatten` named. Raise KeyError when an array is missing."""
    values = {}
    for field, hint in get_type_hints(kind).items():
        path = f"{name}.{field}"
        values[field] = _restore(hint, arrays, path) if hint is RaggedArray else arrays[path]
    return kind(**values)
