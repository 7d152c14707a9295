"""Examples to learn from: entries with the films put forward for each, and which of them is right."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from matcher.blocking import FilmIndex
from matcher.candidates import compare_candidates
from matcher.comparisons.pair import ComparisonVector
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.training.gold_sets import LabelledSet, iter_training_sets, write_entries, write_reference
from matcher.work import Work

FOLD_COUNT = 5
_CHUNK_SIZE = 500


@dataclass(frozen=True, slots=True)
class Example:
    """An entry whose answer is known: its set, the films put forward with their clues, those that are right (none: no film is).

    `asked` says that its film is in the base. Entries of one film are all in one fold.
    """

    source: str
    entry: Work
    films: Sequence[Work]
    vectors: Sequence[ComparisonVector]
    true_film_ids: Set[str]
    is_matchable: bool

    @property
    def fold(self) -> int:
        """From 0 to FOLDS - 1, by the right film, or by the title where there is none."""
        group = min(self.true_film_ids) if self.true_film_ids else min(self.entry.exact_keys, default=self.entry.id)
        return crc32(group.encode()) % FOLD_COUNT


def make_examples(
    source: str, entries: Sequence[Work], index: FilmIndex, true_matches: Mapping[str, Set[str]], matchable_ids: Set[str]
) -> Iterator[Example]:
    """The examples of a set, in the order of its entries; an entry without a known answer gives none."""
    known = [entry for entry in entries if entry.id in true_matches]
    for start in range(0, len(known), _CHUNK_SIZE):
        some = known[start : start + _CHUNK_SIZE]
        for entry, shortlist in zip(some, index.find_candidates(some), strict=True):
            films, clues = compare_candidates(entry, shortlist, index)
            yield Example(source, entry, films, clues, true_matches[entry.id], entry.id in matchable_ids)


def read_set_examples(labelled_set: LabelledSet, data: Path, indexes: dict[str, FilmIndex]) -> Iterator[Example]:
    """The examples of a labelled set; the indexes of bases already read are kept in `indexes`."""
    with tempfile.TemporaryDirectory() as scratch:
        if labelled_set.reference not in indexes:
            films, _ = read_reference(write_reference(Path(scratch) / "reference.csv", labelled_set, data))
            indexes[labelled_set.reference] = FilmIndex(films)
        write_entries(Path(scratch) / "entries.csv", labelled_set.entries)
        entries = read_entries(Path(scratch) / "entries.csv")
    yield from make_examples(
        labelled_set.name, entries, indexes[labelled_set.reference], labelled_set.true_matches, labelled_set.matchable_ids
    )


def read_examples(data: Path) -> list[Example]:
    """The examples of every training set of a folder. Raises Problem when a file cannot be used."""
    indexes: dict[str, FilmIndex] = {}
    return [example for labelled in iter_training_sets(data) for example in read_set_examples(labelled, data, indexes)]
