"""Enrich films from a JSON dump of Wikidata (`ouvoir enrich --dump`): the file is read, then what it says is stored by batches.

Only what concerns films of the base is held: the items that bear their numbers in a file of the time of the run, and which
films these are in memory.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from crawlers.wikidata.dump_reader import ReadingReport, iter_entity_lines
from crawlers.wikidata.enrich import MAX_LISTED_ITEMS, SOURCE, add_report, build_result, list_due_films
from crawlers.wikidata.entities import DamagedLineError, Entity, may_be_item, needs_parsing, parse_entity
from crawlers.wikidata.items import build_record
from crawlers.wikidata.queries import PROPERTIES
from crawlers.wikidata.statements import Facts, Statement, make_facts
from domain.common.batches import iter_batches
from domain.common.enums import LookupFinding
from domain.common.errors import UserError
from domain.common.text import format_count
from domain.db.engine import write_session
from domain.db.locks import SOURCES_LOCK, hold_lock
from domain.films.attribute_merge import IdentifierPair
from domain.films.enrichment import EnrichmentReport, list_film_queries, store_enrichment_results
from domain.films.formats import FilmRecord

_BATCH_SIZE = 200
_PROGRESS_LINES = 1_000_000


@dataclass
class DumpReport(EnrichmentReport):
    """Count what films gained from a dump, and what was read of it."""

    reading: ReadingReport = field(default_factory=ReadingReport)


class _FoundItems:
    """Hold the items that bear numbers of films: their facts in a file, and which films they may be in memory."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._offsets: dict[str, int] = {}
        self.items_by_film: defaultdict[int, set[str]] = defaultdict(set)
        self.pairs_by_film: defaultdict[int, set[IdentifierPair]] = defaultdict(set)
        self.people: set[str] = set()
        self.names: dict[str, list[Statement]] = {}

    def add_entity(self, entity: Entity, films_by_pair: Mapping[IdentifierPair, int]) -> None:
        """Note the films of which an item bears a number; of an item told twice, the first facts count."""
        for pair in entity.identifiers & films_by_pair.keys():
            items = self.items_by_film[films_by_pair[pair]]
            if len(items) > MAX_LISTED_ITEMS:
                continue
            items.add(entity.item)
            self.pairs_by_film[films_by_pair[pair]].add(pair)
            if entity.item not in self._offsets:
                self._offsets[entity.item] = self._spool.tell()
                self._spool.write(json.dumps(entity.facts).encode() + b"\n")
                self.people.update(statement.about for statement in entity.facts["director"] if statement.about)

    def build_record(self, item: str) -> FilmRecord | None:
        """Return what an item says, its directors under their names."""
        self._spool.seek(self._offsets[item])
        facts: Facts = make_facts()
        for fact, statements in json.loads(self._spool.readline()).items():
            facts[fact] = [Statement(*statement) for statement in statements]
        facts["director"] = [
            name._replace(about=statement.about)
            for statement in facts["director"]
            for name in self.names.get(statement.about or "", ())
        ]
        return build_record(item, facts)


def enrich_from_dump(engine: Engine, path: Path, older_than: int, progress: Callable[[str], None]) -> DumpReport:
    """Complete the films that bear a number and were not looked up for `older_than` days by what a dump says of them.

    A film that the dump does not hold is left as it is, and may be looked up elsewhere. Each batch is one transaction:
    whatever stops the run, the next one does not do again what is done. Raises UserError naming file and line when the file
    cannot be read to its end: nothing of it is stored then.
    """
    before = datetime.now(UTC) - timedelta(days=older_than)
    films_by_pair = _index_films(engine, before)
    report = DumpReport()
    with tempfile.TemporaryFile() as spool:
        items = _FoundItems(spool)
        _collect_items(path, items, films_by_pair, report.reading, progress)
        _read_names(path, items, progress)
        with hold_lock(engine, SOURCES_LOCK, "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
            for batch in iter_batches(sorted(items.items_by_film), _BATCH_SIZE):
                _store_batch(engine, batch, items, report, progress)
    report.findings[LookupFinding.ABSENT] += len(set(films_by_pair.values())) - len(items.items_by_film)
    return report


def _index_films(engine: Engine, before: datetime) -> dict[IdentifierPair, int]:
    """Return the films to look up, by the numbers that others than Wikidata gave them."""
    films_by_pair: dict[IdentifierPair, int] = {}
    for query in list_due_films(engine, before):
        films_by_pair |= dict.fromkeys(query.identifiers, query.film_id)
    return films_by_pair


def _collect_items(
    path: Path,
    items: _FoundItems,
    films_by_pair: Mapping[IdentifierPair, int],
    report: ReadingReport,
    progress: Callable[[str], None],
) -> None:
    """Read the file and keep the items that bear numbers of films. Raises UserError when it is no dump, or the disk is full."""
    for entity in _iter_entities(path, report, progress):
        try:
            items.add_entity(entity, films_by_pair)
        except OSError as error:
            raise UserError(f"fichier de travail impossible à écrire ({error.strerror}) : rien n'est enregistré") from None
    _require_entities(path, report)


def _iter_entities(path: Path, report: ReadingReport, progress: Callable[[str], None]) -> Iterator[Entity]:
    """Yield the items that may bear a number of a film; a damaged line is counted and skipped.

    The first entity is parsed whatever it is: it tells whether the file is a dump.
    """
    for line, text in iter_entity_lines(path, report):
        if line % _PROGRESS_LINES == 0:
            progress(f"{line} lignes lues")
        if report.parsed_count and not needs_parsing(text):
            continue
        try:
            entity = parse_entity(text)
            report.parsed_count += 1
        except DamagedLineError as error:
            report.add_damaged_line(line, str(error))
            continue
        if entity is not None:
            yield entity


def _require_entities(path: Path, report: ReadingReport) -> None:
    """Raise UserError for a file that holds no entity that can be read, and tell what is wrong with its first line."""
    if report.parsed_count:
        return
    line, reason = report.damaged_lines[0] if report.damaged_lines else (1, "aucune entité")
    raise UserError(f"{path.name}, ligne {line} : {reason} ; un dump JSON de Wikidata est attendu, une entité par ligne")


def _read_names(path: Path, items: _FoundItems, progress: Callable[[str], None]) -> None:
    """Read the file again for the names of directors, whom the items of films give by their ids only."""
    if not items.people:
        return
    progress(f"{format_count(len(items.items_by_film), 'film trouvé')}, lecture des noms de leurs réalisateurs")
    for _, text in iter_entity_lines(path, ReadingReport()):
        if not may_be_item(text, items.people):
            continue
        try:
            entity = parse_entity(text)
        except DamagedLineError:  # counted when the file was first read, or about nobody that we know
            continue
        if entity is not None and entity.item in items.people:
            items.names.setdefault(entity.item, entity.facts["label"])


def _store_batch(
    engine: Engine, film_ids: Sequence[int], items: _FoundItems, report: DumpReport, progress: Callable[[str], None]
) -> None:
    results = [build_result(film_id, items.items_by_film[film_id], items.build_record) for film_id in film_ids]
    with write_session(engine) as session:
        queries = list_film_queries(session, SOURCE, PROPERTIES, film_ids)
        current_ids = {query.film_id for query in queries if items.pairs_by_film[query.film_id].intersection(query.identifiers)}
        current = [result for result in results if result.film_id in current_ids]
        batch_report = store_enrichment_results(session, SOURCE, current, datetime.now(UTC))
    add_report(report, batch_report)
    for message in batch_report.messages:
        progress(message)
    completed = report.findings[LookupFinding.FOUND]
    progress(f"{format_count(report.findings.total(), 'film trouvé')} dans le fichier, {format_count(completed, 'rattaché')}")
