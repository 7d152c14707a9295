"""`ouvoir enrich`: films asked about a batch at a time, each batch kept before the next, so that a stopped run goes on."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from crawlers.wikidata.endpoint import Endpoint, Row, TooHeavy
from crawlers.wikidata.items import item_of, read_items
from crawlers.wikidata.queries import PAGE, PROPERTIES, find_items, page_of, tell_items
from domain.common.enums import Finding
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.films.enrichment import Answer, Asked, Enriched, films_to_ask, store_answers
from domain.films.formats import FilmLine

SOURCE = "wikidata"
_BATCH = 50
_MOST_PAGES = 20
_MOST_TOLD = 5


def enrich(engine: Engine, endpoint: Endpoint, older_than: int, progress: Callable[[str], None]) -> Enriched:
    """Asks about every film that bears a number and was not asked about for `older_than` days.

    Each batch is one transaction: whatever stops the run, the next goes on from there. Raises Problem when the endpoint is
    better left alone for now.
    """
    before = datetime.now(UTC) - timedelta(days=older_than)
    done, after = Enriched(), 0
    with hold(engine, "bases", "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        while batch := _next(engine, before, after):
            after = batch[-1].film_id
            answers = _ask(endpoint, batch, progress)
            with writing(engine) as session:
                step = store_answers(session, SOURCE, answers, datetime.now(UTC))
            done.findings.update(step.findings)
            done.gained.update(step.gained)
            for told in step.told:
                progress(told)
            done.told += step.told
            progress(f"{done.findings.total()} films demandés, {done.findings[Finding.FOUND]} trouvés")
    return done


def _next(engine: Engine, before: datetime, after: int) -> list[Asked]:
    with reading(engine) as session:
        return films_to_ask(session, SOURCE, PROPERTIES, before, after, _BATCH)


def _ask(endpoint: Endpoint, batch: Sequence[Asked], progress: Callable[[str], None]) -> list[Answer]:
    """The answers about a batch, cut in two as long as it is too heavy; a film that is so alone is left for another run."""
    try:
        return _answers(endpoint, batch)
    except TooHeavy as heavy:
        if len(batch) == 1:
            progress(f"film {batch[0].film_id} : {heavy}, à redemander une autre fois")
            return []
    middle = len(batch) // 2
    return [*_ask(endpoint, batch[:middle], progress), *_ask(endpoint, batch[middle:], progress)]


def _answers(endpoint: Endpoint, batch: Sequence[Asked]) -> list[Answer]:
    pairs = sorted({pair for asked in batch for pair in asked.numbers})
    bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _all_rows(endpoint, find_items(pairs)) if pairs else ():
        scheme, value, item = row.get("scheme"), row.get("value"), item_of(row.get("item"))
        if scheme and value and item:
            bearers[scheme.value, value.value].add(item)
    found = {asked.film_id: set().union(*(bearers[pair] for pair in asked.numbers)) for asked in batch}
    single = sorted({item for items in found.values() if len(items) == 1 for item in items})
    lines = read_items(_all_rows(endpoint, tell_items(single))) if single else {}
    return [_answer(film_id, items, lines) for film_id, items in found.items()]


def _answer(film_id: int, items: set[str], lines: dict[str, FilmLine]) -> Answer:
    if len(items) > 1:
        some = ", ".join([*sorted(items)[:_MOST_TOLD], *["…"] * (len(items) > _MOST_TOLD)])
        return Answer(film_id, Finding.SEVERAL, told=f"plusieurs éléments portent ses numéros ({some})")
    item = next(iter(items), None)
    if item is None:
        return Answer(film_id, Finding.ABSENT)
    line = lines.get(item)
    return Answer(film_id, Finding.FOUND, line) if line else Answer(film_id, Finding.ABSENT, told=f"{item} n'a pas de titre")


def _all_rows(endpoint: Endpoint, query: str) -> list[Row]:
    """Every page of a query's rows."""
    rows: list[Row] = []
    for page in range(_MOST_PAGES):
        got = endpoint.ask(page_of(query, page))
        rows += got
        if len(got) < PAGE:
            return rows
    raise TooHeavy("trop de pages")
