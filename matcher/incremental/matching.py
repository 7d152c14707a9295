"""Decide what changed since the last pass, or everything, and tell what the next pass must know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zlib import crc32

import numpy as np
from sqlalchemy import Engine

from matcher.blocking import FilmIndex
from matcher.decision import EntryDecision
from matcher.habits import CatalogueHabits
from matcher.incremental.changes import Changes, Contents
from matcher.incremental.deciding import EntryDecider, compute_outcome
from matcher.incremental.key_building import build_entry_keys, build_film_keys
from matcher.incremental.nearness import FilmChanges, find_near_entries
from matcher.incremental.ragged import RaggedArray, Rows
from matcher.incremental.selection import Selection
from matcher.incremental.state import EntryTable, MatchState, encode_habits
from matcher.incremental.work_keys import WorkKeys
from matcher.model import Model

_Lists = TypeVar("_Lists", WorkKeys, RaggedArray)


@dataclass(frozen=True)
class MatchPass:
    """Represent a pass: the decisions to write, by entry id, what was selected, and the state to keep once they are written."""

    decisions: Mapping[int, EntryDecision]
    selection: Selection
    state: MatchState


def compute_weights_digest(index: FilmIndex) -> int:
    """Return a number that tells the weights of trigrams of an index."""
    return crc32(index.columns.trigrams.weights.tobytes())


class _IndexedFilms:
    """Find the films of an index by their rows in a table sorted by number."""

    def __init__(self, index: FilmIndex, film_ids: Rows) -> None:
        self._films = index.films
        self.positions = np.empty(len(film_ids), dtype=np.int64)
        self.positions[np.argsort(film_ids.astype(str))] = np.arange(len(film_ids))  # the index sorts ids as texts

    def build_keys(self, rows: Rows) -> WorkKeys:
        """Return the keys of some films."""
        return build_film_keys([self._films[position] for position in self.positions[rows].tolist()])


def decide_everything(
    engine: Engine,
    index: FilmIndex,
    model: Model,
    contents: Contents,
    version: str,
    habits: Mapping[int, CatalogueHabits],
    now: datetime,
) -> MatchPass:
    """Decide every entry; `habits` are those of the last pass, if any is remembered."""
    table = EntryTable.create(*contents.entries)
    rows = np.arange(len(table.ids))
    decider = EntryDecider(engine, index, model, contents.films, table, habits)
    evidence = decider.collect_evidence(rows)
    decider.learn_habits(evidence)
    decider.update_contexts(rows)
    decider.decide(rows)
    decisions = decider.assign(table)
    state = MatchState(
        version,
        now.timestamp(),
        compute_weights_digest(index),
        contents.films,
        _IndexedFilms(index, contents.films.ids).build_keys(np.arange(len(contents.films.ids))),
        table,
        build_entry_keys(decider.translate(rows)),
        evidence,
        *_list_habits(decider.habits),
    )
    return MatchPass(_select_new_outcomes(decisions, table, rows), Selection.select_all(len(rows)), state)


def decide_changes(
    engine: Engine, index: FilmIndex, model: Model, contents: Contents, former: MatchState, changes: Changes
) -> MatchPass:
    """Decide the entries that changed, that somebody else wrote about, or that are near a film that changed."""
    table, is_new = changes.table, changes.has_new_facts
    films = _IndexedFilms(index, contents.films.ids)
    film_changes = FilmChanges(
        before=former.film_keys.select(changes.films.before),
        after=films.build_keys(changes.films.after),
        all_before=former.film_keys,
    )
    decider = EntryDecider(engine, index, model, contents.films, table, former.decode_habits())
    same = np.flatnonzero(~is_new)
    former_keys = former.entry_keys.select(changes.former_rows[same])
    near = same[find_near_entries(former_keys, table.floors[same], film_changes, index.columns.trigrams.weights)]
    evidence_rows = np.union1d(np.flatnonzero(is_new), near)
    evidence = _merge_lists(former.evidence, changes.former_rows, decider.collect_evidence(evidence_rows), evidence_rows)
    of_changed_habits = decider.learn_habits(evidence)
    selection = Selection.select_changed(changes, of_changed_habits)
    certain_rows = selection.rows
    decider.update_contexts(certain_rows)
    selection = selection.add_near(decider.select_moved(np.setdiff1d(near, certain_rows)))
    decider.decide(selection.rows)
    decisions = decider.assign(former.entries.select(changes.gone_rows))
    key_rows = np.union1d(np.flatnonzero(is_new), of_changed_habits)
    added_keys = build_entry_keys(decider.translate(key_rows))
    platform_ids, platform_habits = _list_habits(decider.habits)
    state = replace(
        former,
        films=contents.films,
        film_keys=_merge_lists(former.film_keys, changes.films.former_rows, film_changes.after, changes.films.after),
        entries=table,
        entry_keys=_merge_lists(former.entry_keys, changes.former_rows, added_keys, key_rows),
        evidence=evidence,
        platform_ids=platform_ids,
        platform_habits=platform_habits,
    )
    return MatchPass(_select_new_outcomes(decisions, table, certain_rows), selection, state)


def _select_new_outcomes(
    decisions: Mapping[int, EntryDecision], table: EntryTable, certain_rows: Rows
) -> dict[int, EntryDecision]:
    """Return, by entry id, the decisions that are not those of the last pass, and those of certain rows; note them all."""
    certain = set(certain_rows.tolist())
    selected: dict[int, EntryDecision] = {}
    for row, decision in decisions.items():
        outcome = compute_outcome(decision)
        if row in certain or outcome != int(table.outcomes[row]):
            selected[int(table.ids[row])] = decision
        table.outcomes[row] = outcome
    return selected


def _list_habits(habits: Mapping[int, CatalogueHabits]) -> tuple[Rows, RaggedArray]:
    """Return the numbers of platforms, ascending, and the habits of each as JSON."""
    platform_ids = sorted(habits)
    contents = RaggedArray.build((encode_habits(habits[platform_id]) for platform_id in platform_ids), np.uint8)
    return np.array(platform_ids, dtype=np.int64), contents


def _merge_lists(former: _Lists, former_rows: Rows, added: _Lists, added_rows: Rows) -> _Lists:
    """Return lists by row: those added at their rows, and at the others the former ones."""
    sources = former_rows.copy()
    sources[added_rows] = former.count_rows() + np.arange(len(added_rows))
    return former.concatenate(former, added).select(sources)
