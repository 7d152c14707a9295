"""Search a platform title by title, over our own films, with a budget of requests for each run."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from sqlmodel import col, select
from twisted.python.failure import Failure

from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import UNKNOWN_WORD, Issue, MappedRow, map_row
from crawlers.formats.lenient_json import parse_untrusted_json
from crawlers.items import CarriedPage, CatalogueItem, CatalogueRow, ReadPage, SpiderOutputs
from crawlers.platform_files.sources import LookupSource
from crawlers.spiders.base import RequestQueueSpider, describe_failure, describe_sign_in_redirect
from crawlers.spiders.page_history import BATCH_SIZE, PageCache
from crawlers.spiders.request_signing import redact_bytes
from domain.common.batches import iter_batches
from domain.common.errors import UserError
from domain.common.text import clean_text, format_count
from domain.common.titles import build_title_key, split_title
from domain.db.engine import read_session
from domain.models.film import Film, FilmTitle
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import PageSnapshot

NOT_FOUND = "introuvable"
OTHER_FILM = "autre film"
MAX_YEAR_GAP = 2
_MAX_TITLE_LENGTH = 150
_STOP_STATUSES = (403, 429)
RequestedFilm = tuple[set[str], int | None]
"""The title keys of a film, and its year."""


@dataclass
class LookupQuery:
    """Hold the films that an address is requested for, and the last answer remembered of it."""

    film_ids: list[int] = field(default_factory=list)
    cached_page: PageSnapshot | None = None


class LookupSpider(RequestQueueSpider):
    """Request the films that need it first: known ones not found last time, then never requested, then requested longest ago.

    The others are carried over without having been seen: their offers keep the date when they were last seen. A film that
    had an entry and is not found is requested again at the next run: two absences come from two answers. When the server says
    that it was asked enough, the rest waits for another run.
    """

    def __init__(self, crawl_run: CrawlRun, source: LookupSource) -> None:
        super().__init__(crawl_run)
        self.source = source
        self._page_cache = PageCache(crawl_run.engine, crawl_run.run_id, self.platform, source.reread_days)
        self._queries: dict[str, LookupQuery] = {}
        self._waiting_urls: dict[str, None] = {}
        self._answer_count = 0
        self._is_refused = False

    async def start(self) -> AsyncIterator[Request]:
        """Request the first titles. Raises UserError when there is no film to search for."""
        self._queries = self._load_queries()
        if not self._queries:
            raise UserError("la base de films est vide, il n'y a rien à chercher (voir « ouvoir import »)")
        for page in self._page_cache.iter_page_summaries():
            if page.url in self._queries:
                self._queries[page.url].cached_page = page
        self._waiting_urls = dict.fromkeys(self._queries)
        self.queue_requests(self._iter_requests(datetime.now(UTC)))
        for output in self.release_requests():
            if isinstance(output, Request):
                yield output
        if self.is_idle():
            for item in self._carry_over_pages():
                await self.process_item(item)

    def _load_queries(self) -> dict[str, LookupQuery]:
        """Return a query for each address, the most popular films first; films of one title share one."""
        queries: dict[str, LookupQuery] = {}
        stmt = select(Film.id, Film.title).order_by(col(Film.popularity).desc().nulls_last(), col(Film.id))
        with read_session(self.crawl_run.engine) as session:
            for film_id, title in session.exec(stmt.execution_options(yield_per=BATCH_SIZE)):
                assert film_id is not None
                words = quote(clean_text(title)[:_MAX_TITLE_LENGTH], safe="")
                query = queries.setdefault(self.source.url.replace("{title}", words), LookupQuery())
                query.film_ids.append(film_id)
        return queries

    def _iter_requests(self, now: datetime) -> Iterator[Request]:
        """Yield the requests of this run, until the server has had enough."""
        for url in self._rank_urls(now)[: self.source.budget]:
            if self._is_refused:
                break
            del self._waiting_urls[url]
            self.crawl_run.counts.listed += 1
            yield Request(
                url,
                headers=self.sign_headers(self.source.headers),
                callback=self.parse_results,
                errback=self.handle_request_error,
                dont_filter=True,
                cb_kwargs={"query_url": url},
                meta={"may_be_refused": True},
            )

    def _rank_urls(self, now: datetime) -> list[str]:
        """Return the addresses to request, by need; those answered lately under the same rules are left out."""
        oldest = now - timedelta(days=self.source.reread_days)
        ranked: list[tuple[int, float, str]] = []
        for url, query in self._queries.items():
            page = query.cached_page
            if page is None:
                ranked.append((1, 0.0, url))
            elif not page.rules_hash:
                ranked.append((0, page.read_at.timestamp(), url))
            elif page.read_at <= oldest or not self._page_cache.has_current_rules(page):
                ranked.append((2, page.read_at.timestamp(), url))
        ranked.sort(key=lambda need: need[:2])
        return [url for _, _, url in ranked]

    def parse_results(self, response: Response, query_url: str) -> SpiderOutputs:
        """Yield the rows that are the films searched for, then the next requests."""
        try:
            rows = self._extract_rows(response)
        except ValueError as error:
            self._defer_url(query_url)
            self.count_failed_request(f"{error} : {response.url}")
        else:
            self._answer_count += 1
            self.consecutive_failures = 0
            yield from self._iter_results(query_url, rows)
        yield from self._continue_crawl()

    def _extract_rows(self, response: Response) -> list[object]:
        """Return the rows of an answer. Raises ValueError, in French, when it is no answer."""
        sign_in_message = describe_sign_in_redirect(response)
        if sign_in_message is not None:
            raise ValueError(sign_in_message)
        body = redact_bytes(response.body, self.auth)
        try:
            rows = self.source.items.search(parse_untrusted_json(body.decode("utf-8-sig")))
        except ValueError:
            raise ValueError("réponse illisible, JSON attendu") from None
        if not isinstance(rows, list):
            raise ValueError("réponse sans la liste attendue")
        return rows

    def _iter_results(self, url: str, rows: list[object]) -> Iterator[CatalogueItem]:
        """Yield the rows of an answer, then the page that remembers it."""
        requested_films = self._load_requested_films(self._queries[url].film_ids)
        entries: list[dict[str, Any]] = []
        has_unknown_word = False
        for row in rows:
            mapped = map_row(self.platform, row, self.platform.site or self.source.url)
            if mapped.observation is not None and not is_requested_film(mapped.observation, requested_films):
                mapped = MappedRow(dropped=OTHER_FILM)
            has_unknown_word |= mapped.has_issue(UNKNOWN_WORD)
            if mapped.observation is not None:
                entries.append(mapped.observation.model_dump(mode="json", exclude_defaults=True))
            yield CatalogueRow(mapped, is_repeat_expected=True)
        yield self._remember_answer(url, entries, has_unknown_word)

    def _remember_answer(self, url: str, entries: list[dict[str, Any]], has_unknown_word: bool) -> ReadPage:
        """Return the page to remember; one without its rules, when an entry was lost or a word unknown, is requested again."""
        previous = self._page_cache.get_page(url)
        known_entries = previous.lines if previous is not None and previous.dropped is None else ()
        lost_refs = {entry["ref"] for entry in known_entries} - {entry["ref"] for entry in entries}
        rules_hash = "" if has_unknown_word or lost_refs else self._page_cache.rules_hash
        if entries:
            return ReadPage(PageSnapshot(url, rules_hash, datetime.now(UTC), lines=entries))
        self.crawl_run.count_dropped(NOT_FOUND)
        return ReadPage(PageSnapshot(url, rules_hash, datetime.now(UTC), dropped=NOT_FOUND, lines=known_entries))

    def _load_requested_films(self, film_ids: Sequence[int]) -> list[RequestedFilm]:
        """Return the title keys and the year of each film."""
        keys_by_film: dict[int, set[str]] = {film_id: set() for film_id in film_ids}
        titles_stmt = select(FilmTitle.film_id, FilmTitle.key).where(col(FilmTitle.film_id).in_(film_ids))
        films_stmt = select(Film.id, Film.title, Film.year).where(col(Film.id).in_(film_ids))
        films: list[RequestedFilm] = []
        with read_session(self.crawl_run.engine) as session:
            for film_id, key in session.exec(titles_stmt):
                keys_by_film[film_id].add(key)
            for id_, title, year in session.exec(films_stmt):
                assert id_ is not None
                films.append((keys_by_film[id_] | {build_title_key(title)}, year))
        return films

    def handle_request_error(self, failure: Failure) -> SpiderOutputs:
        """Stop requesting when the server said that it was asked enough, else count the failure; then go on."""
        self._defer_url(failure.request.cb_kwargs["query_url"])  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in _STOP_STATUSES and self._answer_count:
            self.crawl_run.counts.listed -= 1
            self._stop_requests(error.response.status)
        else:
            self.count_failed_request(describe_failure(failure))
        yield from self._continue_crawl()

    def _stop_requests(self, status: int) -> None:
        if not self._is_refused:
            answers = format_count(self._answer_count, "réponse")
            message = f"le serveur a dit assez après {answers} ({status}), la suite à la prochaine collecte"
            self.crawl_run.record_issue(Issue("demandes arrêtées", message))
        self._is_refused = True

    def _defer_url(self, url: str) -> None:
        self._waiting_urls[url] = None

    def _continue_crawl(self) -> SpiderOutputs:
        """Yield the next requests; after the last answer, the pages left are carried over."""
        yield from self.finish_request()
        if self.is_idle():
            yield from self._carry_over_pages()

    def _carry_over_pages(self) -> Iterator[CatalogueItem]:
        """Yield what was not requested, or not answered, as it was last known."""
        urls = [url for url in self._waiting_urls if self._queries[url].cached_page is not None]
        for batch in iter_batches(urls, BATCH_SIZE):
            for page in self._page_cache.get_pages(batch).values():
                if page.lines:
                    yield CarriedPage(page._replace(dropped=None), is_seen=False)
                else:
                    self.crawl_run.counts.carried += 1
                    self.crawl_run.count_dropped(NOT_FOUND)
                    yield ReadPage(page)
        self._waiting_urls = {}


def is_requested_film(entry: ObservedEntry, requested_films: list[RequestedFilm]) -> bool:
    """Tell whether an entry is one of the films searched for: same title, years close where both are known."""
    parts = split_title(entry.title)
    titles = [entry.title, parts.title, *parts.alternatives]
    if entry.original_title:
        titles.append(entry.original_title)
    keys = {build_title_key(title) for title in titles}
    year = entry.year or parts.year
    return any(keys & film_keys and _are_close(year, film_year) for film_keys, film_year in requested_films)


def _are_close(year: int | None, film_year: int | None) -> bool:
    return not year or not film_year or abs(year - film_year) <= MAX_YEAR_GAP
