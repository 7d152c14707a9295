"""Enrich films from Wikidata (`ouvoir enrich`), a batch at a time, each stored before the next: a stopped run goes on."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from crawlers.wikidata.endpoint import QueryTooHeavyError, Row, SparqlEndpoint
from crawlers.wikidata.items import get_item_id, read_items
from crawlers.wikidata.queries import PAGE_SIZE, PROPERTIES, build_facts_query, build_items_query, paginate_query
from domain.common.enums import LookupFinding
from domain.db.engine import read_session, write_session
from domain.db.locks import SOURCES_LOCK, hold_lock
from domain.films.enrichment import EnrichmentReport, EnrichmentResult, FilmQuery, list_films_to_enrich, store_enrichment_results
from domain.films.formats import FilmRecord

SOURCE = "wikidata"
_BATCH_SIZE = 50
_LIST_SIZE = 5000
_MAX_PAGES = 20
MAX_LISTED_ITEMS = 5
"""How many of the items that bear one film's numbers are named."""


def enrich_from_wikidata(
    engine: Engine, endpoint: SparqlEndpoint, older_than: int, progress: Callable[[str], None]
) -> EnrichmentReport:
    """Query Wikidata about every film that bears a number and was not queried for `older_than` days.

    Each batch is one transaction: whatever stops the run, the next goes on from there. Raises UserError when the endpoint is
    better left alone for now.
    """
    before = datetime.now(UTC) - timedelta(days=older_than)
    report = EnrichmentReport()
    last_film_id = 0
    with hold_lock(engine, SOURCES_LOCK, "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        while batch := _load_next_batch(engine, before, last_film_id, _BATCH_SIZE):
            last_film_id = batch[-1].film_id
            results = _query_batch(endpoint, batch, progress)
            with write_session(engine) as session:
                batch_report = store_enrichment_results(session, SOURCE, results, datetime.now(UTC))
            add_report(report, batch_report)
            for message in batch_report.messages:
                progress(message)
            progress(f"{report.findings.total()} films demandés, {report.findings[LookupFinding.FOUND]} trouvés")
    return report


def add_report(report: EnrichmentReport, batch_report: EnrichmentReport) -> None:
    """Add what a batch did to what a run did."""
    report.findings.update(batch_report.findings)
    report.merged_counts.update(batch_report.merged_counts)
    report.messages += batch_report.messages


def list_due_films(engine: Engine, before: datetime) -> Iterator[FilmQuery]:
    """Yield every film that bears a number and was not looked up since a moment, by id."""
    last_film_id = 0
    while batch := _load_next_batch(engine, before, last_film_id, _LIST_SIZE):
        yield from batch
        last_film_id = batch[-1].film_id


def _load_next_batch(engine: Engine, before: datetime, last_film_id: int, limit: int) -> list[FilmQuery]:
    with read_session(engine) as session:
        return list_films_to_enrich(session, SOURCE, PROPERTIES, before, last_film_id, limit)


def _query_batch(endpoint: SparqlEndpoint, batch: Sequence[FilmQuery], progress: Callable[[str], None]) -> list[EnrichmentResult]:
    """Return the results of a batch, cut in two as long as it is too heavy; a film that is so alone is left for another run."""
    try:
        return _build_answers(endpoint, batch)
    except QueryTooHeavyError as error:
        if len(batch) == 1:
            progress(f"film {batch[0].film_id} : {error}, à redemander une autre fois")
            return []
    middle = len(batch) // 2
    return [*_query_batch(endpoint, batch[:middle], progress), *_query_batch(endpoint, batch[middle:], progress)]


def _build_answers(endpoint: SparqlEndpoint, batch: Sequence[FilmQuery]) -> list[EnrichmentResult]:
    """Return the result of each film: the items that bear its numbers are found, then the facts of single ones are read."""
    items_by_film = _find_items(endpoint, batch)
    single_items = sorted({next(iter(items)) for items in items_by_film.values() if len(items) == 1})
    records = read_items(_fetch_all_rows(endpoint, build_facts_query(single_items))) if single_items else {}
    return [build_result(film_id, items, records.get) for film_id, items in items_by_film.items()]


def _find_items(endpoint: SparqlEndpoint, batch: Sequence[FilmQuery]) -> dict[int, set[str]]:
    """Return by film the items that bear any of its numbers."""
    pairs = sorted({pair for query in batch for pair in query.identifiers})
    bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    if pairs:
        for row in _fetch_all_rows(endpoint, build_items_query(pairs)):
            scheme = row.get("scheme")
            value = row.get("value")
            item = get_item_id(row.get("item"))
            if scheme and value and item:
                bearers[scheme.value, value.value].add(item)
    items_by_film: dict[int, set[str]] = {}
    for query in batch:
        items_by_film[query.film_id] = set().union(*map(bearers.__getitem__, query.identifiers))
    return items_by_film


def build_result(film_id: int, items: set[str], get_record: Callable[[str], FilmRecord | None]) -> EnrichmentResult:
    """Return what the items that bear a film's numbers say of it: nothing unless there is one, which has a title."""
    if not items:
        return EnrichmentResult(film_id, LookupFinding.ABSENT)
    if len(items) > 1:
        listed_items = sorted(items)[:MAX_LISTED_ITEMS]
        if len(items) > MAX_LISTED_ITEMS:
            listed_items.append("…")
        message = f"plusieurs éléments portent ses numéros ({', '.join(listed_items)})"
        return EnrichmentResult(film_id, LookupFinding.SEVERAL, message=message)
    item = next(iter(items))
    record = get_record(item)
    if record is None:
        return EnrichmentResult(film_id, LookupFinding.ABSENT, message=f"{item} n'a pas de titre")
    return EnrichmentResult(film_id, LookupFinding.FOUND, record)


def _fetch_all_rows(endpoint: SparqlEndpoint, query: str) -> list[Row]:
    """Return every page of a query's rows. Raises QueryTooHeavyError when there are too many."""
    rows: list[Row] = []
    for page in range(_MAX_PAGES):
        page_rows = endpoint.run_query(paginate_query(query, page))
        rows += page_rows
        if len(page_rows) < PAGE_SIZE:
            return rows
    raise QueryTooHeavyError("trop de pages")
