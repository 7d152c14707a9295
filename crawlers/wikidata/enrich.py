"""`ouvoir enrich`: films asked about a batch at a time, each batch kept before the next, so that a stopped run goes on."""

from collections import defaultdict
from collections.abc import Callable, Sequence
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
_MAX_PAGES = 20
_MAX_LISTED_ITEMS = 5


def enrich_from_wikidata(
    engine: Engine, endpoint: SparqlEndpoint, older_than: int, progress: Callable[[str], None]
) -> EnrichmentReport:
    """Asks about every film that bears a number and was not asked about for `older_than` days.

    Each batch is one transaction: whatever stops the run, the next goes on from there. Raises Problem when the endpoint is
    better left alone for now.
    """
    before = datetime.now(UTC) - timedelta(days=older_than)
    done, after = EnrichmentReport(), 0
    with hold_lock(engine, SOURCES_LOCK, "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        while batch := _load_next_batch(engine, before, after):
            after = batch[-1].film_id
            answers = _query_batch(endpoint, batch, progress)
            with write_session(engine) as session:
                step = store_enrichment_results(session, SOURCE, answers, datetime.now(UTC))
            done.findings.update(step.findings)
            done.merged_counts.update(step.merged_counts)
            for told in step.messages:
                progress(told)
            done.messages += step.messages
            progress(f"{done.findings.total()} films demandés, {done.findings[LookupFinding.FOUND]} trouvés")
    return done


def _load_next_batch(engine: Engine, before: datetime, after: int) -> list[FilmQuery]:
    with read_session(engine) as session:
        return list_films_to_enrich(session, SOURCE, PROPERTIES, before, after, _BATCH_SIZE)


def _query_batch(endpoint: SparqlEndpoint, batch: Sequence[FilmQuery], progress: Callable[[str], None]) -> list[EnrichmentResult]:
    """The answers about a batch, cut in two as long as it is too heavy; a film that is so alone is left for another run."""
    try:
        return _build_answers(endpoint, batch)
    except QueryTooHeavyError as heavy:
        if len(batch) == 1:
            progress(f"film {batch[0].film_id} : {heavy}, à redemander une autre fois")
            return []
    middle = len(batch) // 2
    return [*_query_batch(endpoint, batch[:middle], progress), *_query_batch(endpoint, batch[middle:], progress)]


def _build_answers(endpoint: SparqlEndpoint, batch: Sequence[FilmQuery]) -> list[EnrichmentResult]:
    pairs = sorted({pair for asked in batch for pair in asked.identifiers})
    bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _fetch_all_rows(endpoint, build_items_query(pairs)) if pairs else ():
        scheme, value, item = row.get("scheme"), row.get("value"), get_item_id(row.get("item"))
        if scheme and value and item:
            bearers[scheme.value, value.value].add(item)
    found = {asked.film_id: set().union(*(bearers[pair] for pair in asked.identifiers)) for asked in batch}
    single = sorted({item for items in found.values() if len(items) == 1 for item in items})
    lines = read_items(_fetch_all_rows(endpoint, build_facts_query(single))) if single else {}
    return [_build_answer(film_id, items, lines) for film_id, items in found.items()]


def _build_answer(film_id: int, items: set[str], lines: dict[str, FilmRecord]) -> EnrichmentResult:
    if len(items) > 1:
        some = ", ".join([*sorted(items)[:_MAX_LISTED_ITEMS], *["…"] * (len(items) > _MAX_LISTED_ITEMS)])
        return EnrichmentResult(film_id, LookupFinding.SEVERAL, message=f"plusieurs éléments portent ses numéros ({some})")
    item = next(iter(items), None)
    if item is None:
        return EnrichmentResult(film_id, LookupFinding.ABSENT)
    line = lines.get(item)
    return (
        EnrichmentResult(film_id, LookupFinding.FOUND, line)
        if line
        else EnrichmentResult(film_id, LookupFinding.ABSENT, message=f"{item} n'a pas de titre")
    )


def _fetch_all_rows(endpoint: SparqlEndpoint, query: str) -> list[Row]:
    """Every page of a query's rows."""
    rows: list[Row] = []
    for page in range(_MAX_PAGES):
        got = endpoint.run_query(paginate_query(query, page))
        rows += got
        if len(got) < PAGE_SIZE:
            return rows
    raise QueryTooHeavyError("trop de pages")
