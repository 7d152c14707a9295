"""Decide some entries of the live catalogues, and give each film to one of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from domain.common.batches import iter_batches
from domain.db.engine import read_session
from matcher.assignment.entries import assign_one_to_one
from matcher.blocking import CandidateSet, FilmIndex
from matcher.comparisons.identifiers import translate_identifiers
from matcher.decision import Band, EntryDecision
from matcher.habits import (
    CatalogueHabits,
    Evidence,
    collect_evidence,
    iter_anchors,
    keep_habits,
    learn_from_evidence,
    select_sample,
)
from matcher.incremental.ragged import RaggedArray, Rows
from matcher.incremental.state import BANDS, NOBODY, EntryTable, encode_habits
from matcher.loaders.database import read_entries
from matcher.loaders.film_contents import Digests, FilmContents, compute_row_digest
from matcher.model import Model
from matcher.pipeline import decide_independently
from matcher.work import Work

_CHUNK_SIZE = 5_000
_AUTO = BANDS.index(Band.AUTO)
_FILM_BITS = 32


class _RememberingIndex(FilmIndex):
    """Find the candidates of each entry once: they are needed to tell whether to decide it, then to decide it."""

    @cached_property
    def _candidate_sets(self) -> dict[Work, CandidateSet]:
        return {}

    def find_candidates(self, entries: Sequence[Work]) -> list[CandidateSet]:
        """Return the candidates of each entry."""
        missing = [entry for entry in entries if entry not in self._candidate_sets]
        self._candidate_sets.update(zip(missing, super().find_candidates(missing), strict=True))
        return [self._candidate_sets[entry] for entry in entries]


class EntryDecider:
    """Decide entries by their rows in a table, which keeps what comes out; `decisions` are those made so far.

    `habits` are those of the catalogues, by the number of their platform: first those of the last pass.
    """

    def __init__(
        self,
        engine: Engine,
        index: FilmIndex,
        model: Model,
        films: FilmContents,
        table: EntryTable,
        habits: Mapping[int, CatalogueHabits],
    ) -> None:
        self.decisions: dict[int, EntryDecision] = {}
        self.works: dict[int, Work] = {}
        self.habits = dict(habits)
        self._engine = engine
        self._index = _RememberingIndex.restore(index.films, index.columns)
        self._model = model
        self._film_digests = films.digests[np.argsort(films.ids.astype(str))]  # in the order of the index
        self._table = table
        self._former = (table.bands.copy(), table.film_ids.copy())

    def read_works(self, rows: Iterable[int]) -> None:
        """Read the facts of entries that were not read yet."""
        missing = [row for row in rows if row not in self.works]
        with read_session(self._engine) as session:
            works = read_entries(session, self._table.ids[missing].tolist())
        self.works |= {row: works[int(self._table.ids[row])] for row in missing if int(self._table.ids[row]) in works}

    def collect_evidence(self, rows: Rows) -> RaggedArray:
        """Return what each of these entries tells of the habits of its catalogue, as bytes of JSON."""
        evidence: dict[str, bytes] = {}
        self.read_works(rows.tolist())
        for chunk in iter_batches([self.works[row] for row in rows.tolist() if row in self.works], _CHUNK_SIZE):
            for anchor in iter_anchors(chunk, self._index.find_candidates(chunk), self._index):
                evidence[anchor.entry.id] = json.dumps(collect_evidence(anchor)).encode()
        ids = self._table.ids[rows].astype(str).tolist()
        return RaggedArray.build((evidence.get(entry_id, b"") for entry_id in ids), np.uint8)

    def learn_habits(self, evidence: RaggedArray) -> Rows:
        """Learn the habits of each catalogue from what its entries tell; return the rows of those whose habits changed."""
        changed: list[Rows] = [np.empty(0, dtype=np.int64)]
        for platform_id in np.unique(self._table.platform_ids).tolist():
            rows = np.flatnonzero(self._table.platform_ids == platform_id)
            sample = rows[select_sample(self._table.ids[rows].astype(str).tolist())]
            sample_evidence = [Evidence(*json.loads(content)) for content in evidence.select(sample).list_bytes() if content]
            learnt = learn_from_evidence(sample_evidence, self._model.year_shares)
            self.habits[platform_id] = keep_habits(self.habits.get(platform_id, learnt), learnt, self._model.year_shares)
            digest = np.uint64(compute_row_digest(encode_habits(self.habits[platform_id])))
            changed.append(rows[self._table.habits[rows] != digest])
            self._table.habits[rows] = digest
        return np.concatenate(changed)

    def translate(self, rows: Rows) -> list[Work]:
        """Return entries with the identifiers that the columns of their catalogues really hold."""
        self.read_works(rows.tolist())
        return [self._translate(row) for row in rows.tolist()]

    def _translate(self, row: int) -> Work:
        return translate_identifiers(self.works[row], self.habits[int(self._table.platform_ids[row])].readings)

    def select_moved(self, rows: Rows) -> Rows:
        """Return the rows whose candidates or term frequencies are not those that their decision was made on."""
        former = self._table.contexts[rows]
        self.update_contexts(rows)
        return np.asarray(rows[former != self._table.contexts[rows]], dtype=np.int64)

    def update_contexts(self, rows: Rows) -> None:
        """Find the candidates of entries, and keep what they depend on."""
        self.read_works(rows.tolist())
        for chunk in iter_batches([row for row in rows.tolist() if row in self.works], _CHUNK_SIZE):
            candidate_sets = self._index.find_candidates([self._translate(row) for row in chunk])
            for row, candidate_set in zip(chunk, candidate_sets, strict=True):
                self._table.contexts[row] = _compute_context(candidate_set, self._film_digests)
                self._table.floors[row] = candidate_set.similarity_floor

    def decide(self, rows: Rows) -> None:
        """Decide entries, each on its own, by the habits of their catalogues."""
        self.read_works(rows.tolist())
        for platform_id, platform_rows in self._group_by_platform(row for row in rows.tolist() if row in self.works).items():
            entries = [self.works[row] for row in platform_rows]
            decisions = decide_independently(entries, self._index, self._model, habits=self.habits[platform_id])
            for row, decision in zip(platform_rows, decisions, strict=True):
                self.decisions[row] = decision
                self._table.bands[row] = BANDS.index(decision.band)
                self._table.film_ids[row] = int(decision.best.film_id) if decision.best else NOBODY

    def assign(self, gone: EntryTable) -> Mapping[int, EntryDecision]:
        """Give each film to one entry of a platform, and return the final decisions, by row.

        Where an entry that was or is linked to a film was decided, or is `gone`, all the entries linked to that film on its
        platform are decided with it: what they become depends on each other only.
        """
        rows = np.array(sorted(self.decisions), dtype=np.int64)
        former_bands, former_film_ids = self._former
        touched = [
            _pack_links(gone.platform_ids, gone.bands, gone.film_ids),
            _pack_links(self._table.platform_ids[rows], former_bands[rows], former_film_ids[rows]),
            _pack_links(self._table.platform_ids[rows], self._table.bands[rows], self._table.film_ids[rows]),
        ]
        is_auto = np.flatnonzero(self._table.bands == _AUTO)
        links = _pack_links(self._table.platform_ids[is_auto], self._table.bands[is_auto], self._table.film_ids[is_auto])
        rivals = is_auto[np.isin(links, np.concatenate(touched))]
        self.decide(np.setdiff1d(rivals, rows))
        final_decisions: dict[int, EntryDecision] = {}
        for platform_rows in self._group_by_platform(sorted(self.decisions)).values():
            entries = [self.works[row] for row in platform_rows]
            assigned = assign_one_to_one(entries, [self.decisions[row] for row in platform_rows])
            for row, decision in zip(platform_rows, assigned, strict=True):
                self._table.final_bands[row] = BANDS.index(decision.band)
                final_decisions[row] = decision
        return final_decisions

    def _group_by_platform(self, rows: Iterable[int]) -> dict[int, list[int]]:
        rows_by_platform: defaultdict[int, list[int]] = defaultdict(list)
        for row in rows:
            rows_by_platform[int(self._table.platform_ids[row])].append(row)
        return rows_by_platform


def compute_outcome(decision: EntryDecision) -> int:
    """Return a number that tells decisions apart, by all that is written of them."""
    proposals = [(proposal.film_id, proposal.probability, proposal.weights_by_level) for proposal in decision.proposals]
    return compute_row_digest(decision.band, decision.reasons, decision.doubt, decision.weights_by_level, proposals)


def _pack_links(platform_ids: Rows, bands: npt.NDArray[np.uint8], film_ids: Rows) -> Rows:
    """Return a number for each automatic link: its platform and its film."""
    is_auto = bands == _AUTO
    return np.asarray((platform_ids[is_auto] << _FILM_BITS) | film_ids[is_auto], dtype=np.int64)


def _compute_context(candidate_set: CandidateSet, film_digests: Digests) -> int:
    """Return a number that tells the candidates of an entry and its term frequencies apart."""
    digest = blake2b(film_digests[list(candidate_set.positions)].tobytes(), digest_size=8)
    for value in candidate_set.frequencies:
        digest.update(repr(sorted(value) if isinstance(value, frozenset) else value).encode())
    return int.from_bytes(digest.digest(), "big")
