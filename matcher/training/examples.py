"""Build examples to learn from: entries with their candidates, and which of these are the right film."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from domain.common.batches import iter_batches
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
    """An entry whose truth is known: the name of its set, its candidates with their comparisons, and the right films.

    No film is right when `true_film_ids` is empty. `is_matchable`: the entry's film is among the films.
    """

    source: str
    entry: Work
    films: Sequence[Work]
    vectors: Sequence[ComparisonVector]
    true_film_ids: Set[str]
    is_matchable: bool

    @property
    def fold(self) -> int:
        """Return a number from 0 to FOLD_COUNT - 1, the same for all the entries of one film, or of one title without film."""
        group = min(self.true_film_ids) if self.true_film_ids else min(self.entry.exact_keys, default=self.entry.id)
        return crc32(group.encode()) % FOLD_COUNT


def make_examples(
    source: str, entries: Sequence[Work], index: FilmIndex, true_matches: Mapping[str, Set[str]], matchable_ids: Set[str]
) -> Iterator[Example]:
    """Yield the examples of a set, in the order of its entries; an entry whose truth is unknown gives none."""
    labelled = [entry for entry in entries if entry.id in true_matches]
    for chunk in iter_batches(labelled, _CHUNK_SIZE):
        for entry, candidate_set in zip(chunk, index.find_candidates(chunk), strict=True):
            films, vectors = compare_candidates(entry, candidate_set, index)
            yield Example(source, entry, films, vectors, true_matches[entry.id], entry.id in matchable_ids)


def read_set_examples(labelled_set: LabelledSet, data: Path, indexes: dict[str, FilmIndex]) -> Iterator[Example]:
    """Yield the examples of a labelled set; `indexes` holds the indexes of the references read so far, by file name."""
    with tempfile.TemporaryDirectory() as scratch:
        if labelled_set.reference not in indexes:
            films, _ = read_reference(write_reference(Path(scratch) / "reference.csv", labelled_set, data))
            indexes[labelled_set.reference] = FilmIndex(films)
        write_entries(Path(scratch) / "entries.csv", labelled_set.entries)
        entries = read_entries(Path(scratch) / "entries.csv")
    index = indexes[labelled_set.reference]
    yield from make_examples(labelled_set.name, entries, index, labelled_set.true_matches, labelled_set.matchable_ids)


def read_examples(data: Path) -> list[Example]:
    """Return the examples of every training set of a folder. Raise UserError when a file is not valid."""
    indexes: dict[str, FilmIndex] = {}
    examples: list[Example] = []
    for labelled_set in iter_training_sets(data):
        examples += read_set_examples(labelled_set, data, indexes)
    return examples
