"""Examples to learn from: entries with the films put forward for each, and which of them is right."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from matcher.blocking import FilmIndex
from matcher.candidates import compare_candidates
from matcher.comparisons import Clues
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.training.gold_sets import LabelledSet, training_sets, write_entries, write_reference
from matcher.work import Work

FOLDS = 5
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Example:
    """An entry whose answer is known: its set, the films put forward with their clues, those that are right (none: no film is).

    `asked` says that its film is in the base. Entries of one film are all in one fold.
    """

    source: str
    entry: Work
    films: Sequence[Work]
    clues: Sequence[Clues]
    right: Set[str]
    asked: bool

    @property
    def fold(self) -> int:
        """From 0 to FOLDS - 1, by the right film, or by the title where there is none."""
        group = min(self.right) if self.right else min(self.entry.exact, default=self.entry.id)
        return crc32(group.encode()) % FOLDS


def make_examples(
    source: str, entries: Sequence[Work], index: FilmIndex, right: Mapping[str, Set[str]], asked: Set[str]
) -> Iterator[Example]:
    """The examples of a set, in the order of its entries; an entry without a known answer gives none."""
    known = [entry for entry in entries if entry.id in right]
    for start in range(0, len(known), _CHUNK):
        some = known[start : start + _CHUNK]
        for entry, shortlist in zip(some, index.shortlists(some), strict=True):
            films, clues = compare_candidates(entry, shortlist, index)
            yield Example(source, entry, films, clues, right[entry.id], entry.id in asked)


def read_set(labelled: LabelledSet, data: Path, indexes: dict[str, FilmIndex]) -> Iterator[Example]:
    """The examples of a labelled set; the indexes of bases already read are kept in `indexes`."""
    with tempfile.TemporaryDirectory() as scratch:
        if labelled.reference not in indexes:
            films, _ = read_reference(write_reference(Path(scratch) / "reference.csv", labelled, data))
            indexes[labelled.reference] = FilmIndex(films)
        write_entries(Path(scratch) / "entries.csv", labelled.entries)
        entries = read_entries(Path(scratch) / "entries.csv")
    yield from make_examples(labelled.name, entries, indexes[labelled.reference], labelled.right, labelled.asked)


def read_examples(data: Path) -> list[Example]:
    """The examples of every training set of a folder. Raises Problem when a file cannot be used."""
    indexes: dict[str, FilmIndex] = {}
    return [example for labelled in training_sets(data) for example in read_set(labelled, data, indexes)]
