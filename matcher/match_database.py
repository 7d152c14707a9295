"""`ouvoir match`: the entries of the platforms' live catalogues matched against the films of the database."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from domain.common.enums import Verdict
from domain.db.engine import lock_tables, read_session, write_session
from domain.models.judgement import Judgement
from domain.models.review_case import ReviewCase
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision
from matcher.loaders.database import read_catalogues, read_films
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.write_links import LinkWriter


@dataclass(frozen=True)
class MatchCounts:
    """Entries of the live catalogues by their decision in force, persons' included, and decisions that changed.

    `asked` counts the cases that wait at the desk.
    """

    linked: int
    doubtful: int
    unlinked: int
    changed: int
    pending_cases: int

    def format_summary(self) -> str:
        """The counts, in French."""
        found = f"{self.linked} liées, {self.doubtful} à vérifier, {self.unlinked} sans film"
        return f"{found} ; {self.changed} décisions nouvelles ; {self.pending_cases} cas attendent un agent"


def match_database(engine: Engine, progress: Callable[[str], None]) -> MatchCounts:
    """Matches every entry of the live catalogues and writes what changed, in one transaction.

    A person's decision is left alone, but asked again when the entry or the base changed so that the matcher disagrees.
    The same films and entries again write nothing.
    """
    model = load_model()
    with read_session(engine) as session:
        index = FilmIndex(read_films(session))
        catalogues = read_catalogues(session)
    progress(f"{len(index.films)} films ; {len(catalogues)} catalogues")
    outcomes: dict[int, EntryDecision] = {}
    for name, entries in catalogues:
        found = link_entries(entries, index, model)
        outcomes |= {int(entry.id): outcome for entry, outcome in zip(entries, found, strict=True)}
        progress(f"{name} : {_format_band_counts(found)}")
    with write_session(engine) as session:
        lock_tables(session, Judgement, ReviewCase)  # an agent who answers meanwhile waits, and has the last word
        writer = LinkWriter(session, model.version, datetime.now(UTC))
        for entry_id, outcome in outcomes.items():
            writer.write_entry(entry_id, outcome)
        asked = writer.withdraw_stale_cases()
    verdicts = writer.verdicts
    return MatchCounts(verdicts[Verdict.SAME], verdicts[Verdict.UNSURE], verdicts[Verdict.NONE], writer.changed, asked)


def _format_band_counts(outcomes: Sequence[EntryDecision]) -> str:
    counts = Counter(outcome.band for outcome in outcomes)
    return f"{counts[Band.AUTO]} liées, {counts[Band.REVIEW]} à vérifier, {counts[Band.NONE]} sans film"
