"""Match the entries of the platforms' live catalogues with the films of the database: `ouvoir match`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from domain.common.enums import Verdict
from domain.db.engine import lock_tables, read_session, write_session
from domain.models.judgement import Judgement
from domain.models.review_case import ReviewCase
from matcher.decision import Band, EntryDecision
from matcher.loaders.database import read_catalogues
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.stored_index import open_database_index
from matcher.write_links import LinkWriter


@dataclass(frozen=True)
class MatchCounts:
    """Count the entries of the live catalogues by verdict, those of persons included, and the decisions that changed.

    `pending_cases` counts the cases that wait for a person.
    """

    linked: int
    doubtful: int
    unlinked: int
    changed: int
    pending_cases: int

    def format_summary(self) -> str:
        """Return the counts as a French line."""
        entries = f"{self.linked} liées, {self.doubtful} à vérifier, {self.unlinked} sans film"
        return f"{entries} ; {self.changed} décisions nouvelles ; {self.pending_cases} cas attendent un agent"


def match_database(engine: Engine, progress: Callable[[str], None]) -> MatchCounts:
    """Match every entry of the live catalogues and write what changed in one transaction.

    A person's decision is never changed; a case is opened again when the entry or the films changed so that the matcher
    disagrees. Matching the same films and entries again writes nothing.
    """
    model = load_model()
    with read_session(engine) as session:
        index = open_database_index(session)
        catalogues = read_catalogues(session)
    progress(f"{len(index.films)} films ; {len(catalogues)} catalogues")
    decisions_by_entry: dict[int, EntryDecision] = {}
    for platform_name, entries in catalogues:
        decisions = link_entries(entries, index, model)
        for entry, decision in zip(entries, decisions, strict=True):
            decisions_by_entry[int(entry.id)] = decision
        progress(f"{platform_name} : {_format_band_counts(decisions)}")
    return _write_decisions(engine, model.version, decisions_by_entry)


def _write_decisions(engine: Engine, model_version: str, decisions_by_entry: Mapping[int, EntryDecision]) -> MatchCounts:
    with write_session(engine) as session:
        lock_tables(session, Judgement, ReviewCase)  # an agent who answers meanwhile waits, and has the last word
        writer = LinkWriter(session, model_version, datetime.now(UTC))
        for entry_id, decision in decisions_by_entry.items():
            writer.write_entry(entry_id, decision)
        pending_cases = writer.withdraw_stale_cases()
    return MatchCounts(
        linked=writer.verdicts[Verdict.SAME],
        doubtful=writer.verdicts[Verdict.UNSURE],
        unlinked=writer.verdicts[Verdict.NONE],
        changed=writer.changed,
        pending_cases=pending_cases,
    )


def _format_band_counts(decisions: Sequence[EntryDecision]) -> str:
    counts = Counter(decision.band for decision in decisions)
    return f"{counts[Band.AUTO]} liées, {counts[Band.REVIEW]} à vérifier, {counts[Band.NONE]} sans film"
