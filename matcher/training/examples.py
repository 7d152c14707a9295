"""Build examples to learn from: entries with their candidates, and which of these are the right film."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from zlib import crc32

from domain.common.batches import iter_batches
from matcher.blocking import FilmIndex
from matcher.candidates import compare_candidates
from matcher.comparisons.identifiers import translate_identifiers
from matcher.comparisons.pair import ComparisonVector
from matcher.habits import NO_HABITS, CatalogueHabits, count_year_shares, find_anchors, learn_habits
from matcher.loaders.csv_files import read_entries, read_reference
from matcher.training.gold_sets import LabelledSet, iter_training_sets, read_french_titles_set, write_entries, write_reference
from matcher.training.variants import VARIANT_COUNT, VARIANT_WEIGHT, make_variants
from matcher.work import Work

FOLD_COUNT = 5
_CHUNK_SIZE = 500


@dataclass(frozen=True, slots=True)
class Example:
    """An entry whose truth is known: the name of its set, its candidates with their comparisons, and the right films.

    No film is right when `true_film_ids` is empty. `is_matchable`: the entry's film is among the films. `habits` are those of
    its catalogue. `weight` is what it counts in a fit; a poorer copy of an entry counts less than 1.
    """

    source: str
    entry: Work
    films: Sequence[Work]
    vectors: Sequence[ComparisonVector]
    true_film_ids: Set[str]
    is_matchable: bool
    habits: CatalogueHabits = NO_HABITS
    weight: float = 1.0

    @property
    def fold(self) -> int:
        """Return a number from 0 to FOLD_COUNT - 1, the same for all the entries of one film, or of one title without film."""
        group = min(self.true_film_ids) if self.true_film_ids else min(self.entry.exact_keys, default=self.entry.id)
        return crc32(group.encode()) % FOLD_COUNT


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The examples to learn from and to measure on, poorer copies to learn from, and the habit of all years.

    `apart` are examples that are measured on their own: their entries are made from the films themselves, without any that
    has no film, and only poorer copies of them are learnt from. `year_shares` are the shares of the levels of years among the
    anchors of all sets, each set counting as much.
    """

    examples: Sequence[Example]
    variants: Sequence[Example] = ()
    apart: Sequence[Example] = ()
    year_shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexedSet:
    """A labelled set, its entries as works, and the index of its films."""

    labelled: LabelledSet
    entries: Sequence[Work]
    index: FilmIndex


def make_examples(
    source: str,
    entries: Sequence[Work],
    index: FilmIndex,
    true_matches: Mapping[str, Set[str]],
    matchable_ids: Set[str],
    habits: CatalogueHabits = NO_HABITS,
    weight: float = 1.0,
) -> Iterator[Example]:
    """Yield the examples of a set, in the order of its entries; an entry whose truth is unknown gives none."""
    labelled = [translate_identifiers(entry, habits.readings) for entry in entries if entry.id in true_matches]
    for chunk in iter_batches(labelled, _CHUNK_SIZE):
        for entry, candidate_set in zip(chunk, index.find_candidates(chunk), strict=True):
            films, vectors = compare_candidates(entry, candidate_set, index)
            true_film_ids = true_matches[entry.id]
            yield Example(source, entry, films, vectors, true_film_ids, entry.id in matchable_ids, habits, weight)


def read_training_data(data: Path) -> TrainingData:
    """Return the examples of every training set of a folder. Raise UserError when a file is not valid."""
    sets = read_indexed_sets(iter_training_sets(data), data)
    year_shares = _average_year_shares([count_year_shares(find_anchors(item.entries, item.index)) for item in sets])
    examples: list[Example] = []
    variants: list[Example] = []
    for item in sets:
        examples += make_set_examples(item, learn_habits(item.entries, item.index, year_shares))
        variants += _make_variant_examples(item)
    (french_titles,) = read_indexed_sets([read_french_titles_set(data)], data)
    variants += _make_variant_examples(french_titles)
    apart = list(make_set_examples(french_titles, learn_habits(french_titles.entries, french_titles.index, year_shares)))
    return TrainingData(examples, variants, apart, year_shares)


def _make_variant_examples(item: IndexedSet) -> Iterator[Example]:
    for copy in range(VARIANT_COUNT):
        copies = replace(item, entries=make_variants(item.entries, copy))
        yield from make_set_examples(copies, NO_HABITS, VARIANT_WEIGHT)


def make_set_examples(item: IndexedSet, habits: CatalogueHabits, weight: float = 1.0) -> Iterator[Example]:
    """Yield the examples of a labelled set."""
    labelled = item.labelled
    return make_examples(labelled.name, item.entries, item.index, labelled.true_matches, labelled.matchable_ids, habits, weight)


def read_indexed_sets(labelled_sets: Iterable[LabelledSet], data: Path) -> list[IndexedSet]:
    """Return labelled sets with their entries read and their films indexed, each file of films once."""
    indexes: dict[tuple[str, tuple[str, ...]], FilmIndex] = {}
    items = []
    for labelled in labelled_sets:
        key = (labelled.reference, labelled.blanked_columns)
        with tempfile.TemporaryDirectory() as scratch:
            if key not in indexes:
                films, _ = read_reference(write_reference(Path(scratch) / "reference.csv", labelled, data))
                indexes[key] = FilmIndex(films)
            write_entries(Path(scratch) / "entries.csv", labelled.entries)
            entries = read_entries(Path(scratch) / "entries.csv")
        items.append(IndexedSet(labelled, entries, indexes[key]))
    return items


def _average_year_shares(shares_by_set: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean share of each level over the sets that give years, to four decimals."""
    known = [shares for shares in shares_by_set if shares]
    levels = sorted({level for shares in known for level in shares})
    return {level: round(sum(shares.get(level, 0.0) for shares in known) / len(known), 4) for level in levels}
