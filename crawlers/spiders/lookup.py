"""The spider that searches a platform title by title, over our own base of films, with so many requests a run."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from sqlmodel import col, select
from twisted.python.failure import Failure

from crawlers.extract.mapper import UNKNOWN_WORD, Issue, MappedRow, map_row
from crawlers.formats.lenient_json import parse_untrusted_json
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import LookupSource
from crawlers.spiders.base import RequestQueueSpider, describe_failure, describe_sign_in_redirect
from crawlers.spiders.page_history import BATCH_SIZE, PageCache
from crawlers.spiders.request_signing import redact_bytes
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


@dataclass
class LookupQuery:
    """An address to ask, and the films that it is asked for; the latest that the memory says of it."""

    film_ids: list[int] = field(default_factory=list)
    cached_page: PageSnapshot | None = None


class LookupSpider(RequestQueueSpider):
    """Asks for the films that need it most: known ones not found last time, then never asked, then asked longest ago.

    The others are carried over without having been seen: their offers keep the date when they were last seen. A film that
    had a line and is not found is asked again at the next run: two absences come from two answers. When the server says
    that it was asked enough, the rest waits for another run.
    """

    def __init__(self, platform: PlatformFile, source: LookupSource, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.memory = PageCache(recorder.engine, recorder.run_id, platform, source.reread_days)
        self.questions: dict[str, LookupQuery] = {}
        self.waiting: dict[str, None] = {}
        self.answers = 0
        self.refused = False

    async def start(self) -> AsyncIterator[Request]:
        """The first questions. Raises Problem when the base holds no film."""
        self.questions = self._load_queries()
        if not self.questions:
            raise UserError("la base de films est vide, il n'y a rien à chercher (voir « ouvoir import »)")
        for page in self.memory.iter_page_summaries():
            if page.url in self.questions:
                self.questions[page.url].cached_page = page
        self.waiting = dict.fromkeys(self.questions)
        self.queue_requests(self._iter_requests(datetime.now(UTC)))
        for request in self.release_requests():
            yield request
        if self.is_idle():
            self._carry_over_pages()

    def _load_queries(self) -> dict[str, LookupQuery]:
        """The questions of the whole base, the most popular films first; films of one title share one."""
        questions: dict[str, LookupQuery] = {}
        asked = select(Film.id, Film.title).order_by(col(Film.popularity).desc().nulls_last(), col(Film.id))
        with read_session(self.recorder.engine) as session:
            for number, title in session.exec(asked.execution_options(yield_per=BATCH_SIZE)):
                words = quote(clean_text(title)[:_MAX_TITLE_LENGTH], safe="")
                questions.setdefault(self.source.url.replace("{title}", words), LookupQuery()).film_ids.append(number)
        return questions

    def _iter_requests(self, now: datetime) -> Iterator[Request]:
        """The requests of this run, then what waits for another one, carried over."""
        for url in self._rank_urls(now)[: self.source.budget]:
            if self.refused:
                break
            del self.waiting[url]
            self.recorder.counts.listed += 1
            yield Request(
                url,
                headers=self.sign_headers(self.source.headers),
                callback=self.parse_results,
                errback=self.handle_request_error,
                dont_filter=True,
                cb_kwargs={"asked": url},
                meta={"may_be_refused": True},
            )

    def _rank_urls(self, now: datetime) -> list[str]:
        """The addresses to ask, by need; those asked lately with the same rules are left out."""
        oldest = now - timedelta(days=self.source.reread_days)
        ranked: list[tuple[int, float, str]] = []
        for url, question in self.questions.items():
            known = question.cached_page
            if known is None:
                ranked.append((1, 0.0, url))
            elif not known.rules_hash:
                ranked.append((0, known.read_at.timestamp(), url))
            elif known.read_at <= oldest or not self.memory.has_current_rules(known):
                ranked.append((2, known.read_at.timestamp(), url))
        return [url for _, _, url in sorted(ranked, key=lambda need: need[:2])]

    def parse_results(self, response: Response, asked: str) -> Iterator[Request]:
        """Takes the lines that are the films asked for, then asks for the next ones."""
        try:
            rows = self._extract_rows(response)
        except ValueError as error:
            self._defer_url(asked)
            self.count_failed_request(f"{error} : {response.url}")
        else:
            self.answers, self.silent = self.answers + 1, 0
            self._record_results(asked, rows)
        yield from self._continue_crawl()

    def _extract_rows(self, response: Response) -> list[object]:
        """The lines of an answer. Raises ValueError, in French, when it is no answer."""
        if elsewhere := describe_sign_in_redirect(response):
            raise ValueError(elsewhere)
        try:
            rows = self.source.items.search(parse_untrusted_json(redact_bytes(response.body, self.auth).decode("utf-8-sig")))
        except ValueError:
            raise ValueError("réponse illisible, JSON attendu") from None
        if not isinstance(rows, list):
            raise ValueError("réponse sans la liste attendue")
        return rows

    def _record_results(self, url: str, rows: list[object]) -> None:
        """Counts the lines of an answer, and remembers it."""
        wanted = self._load_requested_films(self.questions[url].film_ids)
        lines: list[dict[str, Any]] = []
        doubtful = False
        for row in rows:
            mapped = map_row(self.platform, row, self.platform.site or self.source.url)
            if mapped.observation is not None and not is_requested_film(mapped.observation, wanted):
                mapped = MappedRow(dropped=OTHER_FILM)
            doubtful |= any(issue.kind == UNKNOWN_WORD for issue in mapped.issues)
            if mapped.observation is None or not self.recorder.has_ref(mapped.observation.ref):
                self.recorder.process_mapped_row(mapped)
            if mapped.observation is not None:
                lines.append(mapped.observation.model_dump(mode="json", exclude_defaults=True))
        self._save_page(url, lines, doubtful)

    def _save_page(self, url: str, lines: list[dict[str, Any]], doubtful: bool) -> None:
        before = self.memory.get_page(url)
        had = {line["ref"] for line in before.lines} if before is not None and before.dropped is None else set()
        rules = "" if doubtful or had - {line["ref"] for line in lines} else self.memory.rules
        if lines:
            self.recorder.save_page(PageSnapshot(url, rules, datetime.now(UTC), lines=lines))
            return
        self.recorder.count_dropped(NOT_FOUND)
        last_known = before.lines if before is not None and had else ()
        self.recorder.save_page(PageSnapshot(url, rules, datetime.now(UTC), dropped=NOT_FOUND, lines=last_known))

    def _load_requested_films(self, film_ids: Sequence[int]) -> list[tuple[set[str], int | None]]:
        """The title keys and the year of each film."""
        keys: dict[int, set[str]] = {number: set() for number in film_ids}
        with read_session(self.recorder.engine) as session:
            for number, key in session.exec(select(FilmTitle.film_id, FilmTitle.key).where(col(FilmTitle.film_id).in_(film_ids))):
                keys[number].add(key)
            found = session.exec(select(Film.id, Film.title, Film.year).where(col(Film.id).in_(film_ids)))
            return [(keys[number] | {build_title_key(title)}, year) for number, title, year in found]

    def handle_request_error(self, failure: Failure) -> Iterator[Request]:
        """Stops asking when the server said that it was asked enough, else counts the failure; then goes on."""
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        self._defer_url(asked)
        if isinstance(failure.value, HttpError) and failure.value.response.status in _STOP_STATUSES and self.answers:
            self.recorder.counts.listed -= 1
            self._stop_requests(failure.value.response.status)
        else:
            self.count_failed_request(describe_failure(failure))
        yield from self._continue_crawl()

    def _stop_requests(self, status: int) -> None:
        if not self.refused:
            answers = format_count(self.answers, "réponse")
            told = f"le serveur a dit assez après {answers} ({status}), la suite à la prochaine collecte"
            self.recorder.record_issue(Issue("demandes arrêtées", told))
        self.refused = True

    def _defer_url(self, url: str) -> None:
        self.waiting[url] = None

    def _continue_crawl(self) -> Iterator[Request]:
        """The next questions; after the last answer, what is left is carried over."""
        yield from self.finish_request()
        if self.is_idle():
            self._carry_over_pages()

    def _carry_over_pages(self) -> None:
        """What was not asked, or not answered, stays as it was last known."""
        urls = [url for url in self.waiting if self.questions[url].cached_page is not None]
        for start in range(0, len(urls), BATCH_SIZE):
            for page in self.memory.get_pages(urls[start : start + BATCH_SIZE]).values():
                if page.lines:
                    self.recorder.carry_over_page(page._replace(dropped=None), seen=False)
                else:
                    self.recorder.counts.carried += 1
                    self.recorder.count_dropped(NOT_FOUND)
                    self.recorder.save_page(page)
        self.waiting = {}


def is_requested_film(line: ObservedEntry, requested_films: list[tuple[set[str], int | None]]) -> bool:
    """Whether a line is one of the films asked for: same title, years close where both are known."""
    parts = split_title(line.title)
    written = [line.title, parts.title, *parts.alternatives, *([line.original_title] if line.original_title else [])]
    keys = {build_title_key(title) for title in written}
    year = line.year or parts.year
    return any(
        keys & titles and (not year or not known or abs(year - known) <= MAX_YEAR_GAP) for titles, known in requested_films
    )
