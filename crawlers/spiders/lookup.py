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

from crawlers.extract.mapper import UNKNOWN_WORD, Issue, Mapped, map_row
from crawlers.formats.lenient_json import read_json
from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import Lookup
from crawlers.spiders.base import AddressSpider, explain, sign_in_page
from crawlers.spiders.page_history import BATCH, PageMemory
from crawlers.spiders.request_signing import hidden
from domain.common.errors import Problem
from domain.common.text import clean, counted
from domain.common.titles import split_title, title_key
from domain.db.engine import reading
from domain.models.film import Film, FilmTitle
from domain.runs.observation import Observed
from domain.runs.page_reads import Page

NOT_FOUND = "introuvable"
OTHER_FILM = "autre film"
YEARS_APART = 2
_LONGEST_TITLE = 150
_ENOUGH = (403, 429)


@dataclass
class Question:
    """An address to ask, and the films that it is asked for; the latest that the memory says of it."""

    films: list[int] = field(default_factory=list)
    known: Page | None = None


class LookupSpider(AddressSpider):
    """Asks for the films that need it most: known ones not found last time, then never asked, then asked longest ago.

    The others are carried over without having been seen: their offers keep the date when they were last seen. A film that
    had a line and is not found is asked again at the next run: two absences come from two answers. When the server says
    that it was asked enough, the rest waits for another run.
    """

    def __init__(self, platform: PlatformFile, source: Lookup, recorder: Recorder) -> None:
        super().__init__(platform, recorder)
        self.source = source
        self.memory = PageMemory(recorder.engine, recorder.run_id, platform, source.reread_days)
        self.questions: dict[str, Question] = {}
        self.waiting: dict[str, None] = {}
        self.answers = 0
        self.refused = False

    async def start(self) -> AsyncIterator[Request]:
        """The first questions. Raises Problem when the base holds no film."""
        self.questions = self._read_base()
        if not self.questions:
            raise Problem("la base de films est vide, il n'y a rien à chercher (voir « ouvoir import »)")
        for page in self.memory.glance():
            if page.url in self.questions:
                self.questions[page.url].known = page
        self.waiting = dict.fromkeys(self.questions)
        self.plan(self._ask_in_order(datetime.now(UTC)))
        for request in self.ask_more():
            yield request
        if self.is_idle():
            self._carry_over()

    def _read_base(self) -> dict[str, Question]:
        """The questions of the whole base, the most popular films first; films of one title share one."""
        questions: dict[str, Question] = {}
        asked = select(Film.id, Film.title).order_by(col(Film.popularity).desc().nulls_last(), col(Film.id))
        with reading(self.recorder.engine) as session:
            for number, title in session.exec(asked.execution_options(yield_per=BATCH)):
                words = quote(clean(title)[:_LONGEST_TITLE], safe="")
                questions.setdefault(self.source.url.replace("{title}", words), Question()).films.append(number)
        return questions

    def _ask_in_order(self, now: datetime) -> Iterator[Request]:
        """The requests of this run, then what waits for another one, carried over."""
        for url in self._most_needed(now)[: self.source.budget]:
            if self.refused:
                break
            del self.waiting[url]
            self.recorder.counts.listed += 1
            yield Request(
                url,
                headers=self.signed(self.source.headers),
                callback=self.read_answer,
                errback=self.miss_answer,
                dont_filter=True,
                cb_kwargs={"asked": url},
                meta={"may_be_refused": True},
            )

    def _most_needed(self, now: datetime) -> list[str]:
        """The addresses to ask, by need; those asked lately with the same rules are left out."""
        oldest = now - timedelta(days=self.source.reread_days)
        ranked: list[tuple[int, float, str]] = []
        for url, question in self.questions.items():
            known = question.known
            if known is None:
                ranked.append((1, 0.0, url))
            elif not known.rules:
                ranked.append((0, known.read_at.timestamp(), url))
            elif known.read_at <= oldest or not self.memory.reads_alike(known):
                ranked.append((2, known.read_at.timestamp(), url))
        return [url for _, _, url in sorted(ranked, key=lambda need: need[:2])]

    def read_answer(self, response: Response, asked: str) -> Iterator[Request]:
        """Takes the lines that are the films asked for, then asks for the next ones."""
        try:
            rows = self._rows(response)
        except ValueError as error:
            self._keep_for_later(asked)
            self.miss(f"{error} : {response.url}")
        else:
            self.answers, self.silent = self.answers + 1, 0
            self._settle(asked, rows)
        yield from self._go_on()

    def _rows(self, response: Response) -> list[object]:
        """The lines of an answer. Raises ValueError, in French, when it is no answer."""
        if elsewhere := sign_in_page(response):
            raise ValueError(elsewhere)
        try:
            rows = self.source.items.find(read_json(hidden(response.body, self.auth).decode("utf-8-sig")))
        except ValueError:
            raise ValueError("réponse illisible, JSON attendu") from None
        if not isinstance(rows, list):
            raise ValueError("réponse sans la liste attendue")
        return rows

    def _settle(self, asked: str, rows: list[object]) -> None:
        """Counts the lines of an answer, and remembers it."""
        wanted = self._wanted(self.questions[asked].films)
        lines: list[dict[str, Any]] = []
        doubtful = False
        for row in rows:
            mapped = map_row(self.platform, row, self.platform.site or self.source.url)
            if mapped.observed is not None and not is_wanted(mapped.observed, wanted):
                mapped = Mapped(dropped=OTHER_FILM)
            doubtful |= any(issue.kind == UNKNOWN_WORD for issue in mapped.issues)
            if mapped.observed is None or not self.recorder.holds(mapped.observed.ref):
                self.recorder.take(mapped)
            if mapped.observed is not None:
                lines.append(mapped.observed.model_dump(mode="json", exclude_defaults=True))
        self._remember(asked, lines, doubtful)

    def _remember(self, asked: str, lines: list[dict[str, Any]], doubtful: bool) -> None:
        before = self.memory.recall_one(asked)
        had = {line["ref"] for line in before.lines} if before is not None and before.dropped is None else set()
        rules = "" if doubtful or had - {line["ref"] for line in lines} else self.memory.rules
        if lines:
            self.recorder.remember(Page(asked, rules, datetime.now(UTC), lines=lines))
            return
        self.recorder.drop(NOT_FOUND)
        last_known = before.lines if before is not None and had else ()
        self.recorder.remember(Page(asked, rules, datetime.now(UTC), dropped=NOT_FOUND, lines=last_known))

    def _wanted(self, films: Sequence[int]) -> list[tuple[set[str], int | None]]:
        """The title keys and the year of each film."""
        keys: dict[int, set[str]] = {number: set() for number in films}
        with reading(self.recorder.engine) as session:
            for number, key in session.exec(select(FilmTitle.film_id, FilmTitle.key).where(col(FilmTitle.film_id).in_(films))):
                keys[number].add(key)
            found = session.exec(select(Film.id, Film.title, Film.year).where(col(Film.id).in_(films)))
            return [(keys[number] | {title_key(title)}, year) for number, title, year in found]

    def miss_answer(self, failure: Failure) -> Iterator[Request]:
        """Stops asking when the server said that it was asked enough, else counts the failure; then goes on."""
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        self._keep_for_later(asked)
        if isinstance(failure.value, HttpError) and failure.value.response.status in _ENOUGH and self.answers:
            self.recorder.counts.listed -= 1
            self._stop_asking(failure.value.response.status)
        else:
            self.miss(explain(failure))
        yield from self._go_on()

    def _stop_asking(self, status: int) -> None:
        if not self.refused:
            told = f"le serveur a dit assez après {counted(self.answers, 'réponse')} ({status}), la suite à la prochaine collecte"
            self.recorder.warn(Issue("demandes arrêtées", told))
        self.refused = True

    def _keep_for_later(self, asked: str) -> None:
        self.waiting[asked] = None

    def _go_on(self) -> Iterator[Request]:
        """The next questions; after the last answer, what is left is carried over."""
        yield from self.answered()
        if self.is_idle():
            self._carry_over()

    def _carry_over(self) -> None:
        """What was not asked, or not answered, stays as it was last known."""
        urls = [url for url in self.waiting if self.questions[url].known is not None]
        for start in range(0, len(urls), BATCH):
            for page in self.memory.recall(urls[start : start + BATCH]).values():
                if page.lines:
                    self.recorder.carry(page._replace(dropped=None), seen=False)
                else:
                    self.recorder.counts.carried += 1
                    self.recorder.drop(NOT_FOUND)
                    self.recorder.remember(page)
        self.waiting = {}


def is_wanted(line: Observed, wanted: list[tuple[set[str], int | None]]) -> bool:
    """Whether a line is one of the films asked for: same title, years close where both are known."""
    parts = split_title(line.title)
    written = [line.title, parts.title, *parts.alternatives, *([line.original_title] if line.original_title else [])]
    keys = {title_key(title) for title in written}
    year = line.year or parts.year
    return any(keys & titles and (not year or not known or abs(year - known) <= YEARS_APART) for titles, known in wanted)
