"""Select the entries to decide again, and say why."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from domain.common.text import format_count
from matcher.incremental.changes import Changes
from matcher.incremental.ragged import Rows


@dataclass(frozen=True)
class SelectionCounts:
    """Count the entries to decide by their first cause: a full pass, their own facts, what was written since, habits, films."""

    total: int
    everything: int = 0
    new_facts: int = 0
    contradicted: int = 0
    new_habits: int = 0
    near_films: int = 0

    def format_summary(self) -> str:
        """Return the counts as a French line."""
        entries = format_count(self.total, "entrée")
        if self.everything:
            return f"{entries}, toutes à décider"
        causes = {
            "nouvelles ou changées": self.new_facts,
            "dont la décision en place a changé": self.contradicted,
            "d'un catalogue dont les habitudes ont changé": self.new_habits,
            "proches d'un film qui a changé": self.near_films,
        }
        parts = [f"{count} {cause}" for cause, count in causes.items() if count]
        details = f" ({', '.join(parts)})" if parts else ""
        return f"{entries}, {sum(causes.values())} à décider{details}"


@dataclass(frozen=True)
class Selection:
    """Represent the rows of the entries to decide whatever their candidates, ascending, and why."""

    rows: Rows
    counts: SelectionCounts

    @classmethod
    def select_all(cls, total: int) -> Self:
        """Select every entry."""
        return cls(np.arange(total), SelectionCounts(total, everything=total))

    @classmethod
    def select_changed(cls, changes: Changes, of_changed_habits: Rows) -> Self:
        """Select the entries that changed, whose decision was changed by somebody else, or whose catalogue has other habits."""
        is_selected = changes.has_new_facts | changes.is_contradicted
        has_new_habits = np.zeros(len(is_selected), dtype=bool)
        has_new_habits[of_changed_habits] = True
        has_new_habits &= ~is_selected
        is_selected |= has_new_habits
        newer_film = changes.has_newer_film & ~is_selected
        counts = SelectionCounts(
            total=len(changes.table.ids),
            new_facts=int(changes.has_new_facts.sum()),
            contradicted=int(changes.is_contradicted.sum()),
            new_habits=int(has_new_habits.sum()),
            near_films=int(newer_film.sum()),
        )
        return cls(np.flatnonzero(is_selected | newer_film), counts)

    def add_near(self, rows: Rows) -> Self:
        """Return the selection with other entries, near a film that changed."""
        added = np.setdiff1d(rows, self.rows)
        counts = replace(self.counts, near_films=self.counts.near_films + len(added))
        return replace(self, rows=np.union1d(self.rows, added), counts=counts)
