"""The item pipelines of a run: counts, issues of every kind, pages, and how it ended."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.misc import load_object
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import Issue
from crawlers.issue_log import MAX_LINES_PER_KIND, IssueLog
from crawlers.items import CarriedPage, CatalogueItem, RawRow, UnreadableRow
from crawlers.pipelines.storage import finish_run
from crawlers.platform_files.loader import PlatformFile
from crawlers.politeness import ITEM_PIPELINES
from crawlers.run_issues import MAX_ISSUES_PER_KIND
from domain.common.enums import IssueLevel, Outcome
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.db.engine import write_session
from domain.models.page_read import PageRead
from domain.models.run import Observation, Run, RunIssue
from domain.runs.page_reads import PageSnapshot
from domain.runs.platforms import register_platform
from domain.runs.run_issues import format_issue
from domain.runs.runs import open_run
from tests.crawlers.conftest import FEED, WriteFile

PRICED = {'["price", "cents"]': '["price", "cents"]\nquality = {path = "hd", words = {yes = "HD"}}'}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def platform(write_file: WriteFile) -> PlatformFile:
    return write_file(FEED, PRICED)


@dataclass
class Collection:
    """Process items through the pipelines of the settings, as Scrapy does."""

    run: CrawlRun
    pipelines: list[Any]

    def process(self, item: CatalogueItem) -> None:
        processed: Any = item
        try:
            for pipeline in self.pipelines:
                processed = pipeline.process_item(processed)
        except DropItem:
            pass

    def finish(self) -> None:
        self.pipelines[-1].close_spider()
        finish_run(self.run, None)


@pytest.fixture
def collection(sqlite_engine: Engine, platform: PlatformFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Collection:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    with write_session(sqlite_engine) as session:
        run = open_run(session, register_platform(session, platform.build_platform_facts()), NOW)
    assert run.id is not None
    crawl_run = CrawlRun(sqlite_engine, run.id, platform)
    paths = sorted(ITEM_PIPELINES, key=ITEM_PIPELINES.__getitem__)
    return Collection(crawl_run, [load_object(path)(crawl_run) for path in paths])


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "title": f"Film {number}", "price": "2,99"} | more


def logged(collection: Collection) -> list[dict[str, Any]]:
    path = get_settings().var / "logs" / f"essai-{collection.run.run_id}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_lines_with_an_unknown_word_or_a_strange_price_are_counted_once(collection: Collection) -> None:
    for line in (row(1), row(2, hd="peut-être"), row(3, price="45,00"), row(4, hd="yes"), row(4)):
        collection.process(RawRow(line, None))
    collection.finish()
    counts = collection.run.counts
    assert (counts.rows, counts.kept, counts.duplicates, counts.unknown_words, counts.strange_prices) == (4, 4, 1, 1, 1)
    strange = next(issue for issue in logged(collection) if issue.get("kind") == "prix inhabituel")
    assert (strange["level"], strange["ref"], strange["message"]) == ("warning", "3", "rent à 45,00 EUR : Film 3")


def test_every_issue_is_in_the_log_and_the_first_of_each_kind_in_the_database(collection: Collection) -> None:
    for number in range(MAX_ISSUES_PER_KIND + 50):
        collection.process(UnreadableRow(f"ligne {number}"))
    collection.run.gaps.append("plafond atteint")
    collection.finish()
    with Session(collection.run.engine) as session:
        messages = [format_issue(issue) for issue in session.exec(select(RunIssue).order_by(col(RunIssue.id)))]
    assert len(messages) == MAX_ISSUES_PER_KIND + 1 and messages[-1] == "et 50 autres"
    *issues, end = logged(collection)
    assert len(issues) == MAX_ISSUES_PER_KIND + 50
    assert set(issues[0]) == {"at", "level", "kind", "ref", "message"} and issues[0]["level"] == "error"
    assert (end["outcome"], end["verdict"], end["counts"]["unmapped"]) == ("partial", "plafond atteint", 250)


def test_a_carried_page_counts_as_received_and_is_remembered(collection: Collection) -> None:
    seen, unseen, again = (
        PageSnapshot(f"u{n}", "r", NOW, lines=[{"ref": str(ref), "title": "X"}]) for n, ref in enumerate((1, 2, 1))
    )
    collection.process(CarriedPage(seen, is_seen=True))
    collection.process(CarriedPage(unseen, is_seen=False))
    collection.process(CarriedPage(again, is_seen=True))
    collection.process(CarriedPage(PageSnapshot("u3", "r", NOW, dropped="hors film"), is_seen=True))
    collection.finish()
    counts = collection.run.counts
    assert (counts.carried, counts.rows, counts.kept, counts.duplicates, counts.dropped) == (4, 3, 2, 1, {"hors film": 1})
    with Session(collection.run.engine) as session:
        assert session.exec(select(Observation.ref)).all() == ["1"]
        assert session.exec(select(PageRead.url).order_by(PageRead.url)).all() == ["u0", "u1", "u2", "u3"]
        assert session.exec(select(Run.outcome)).one() is Outcome.COMPLETE


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    log = IssueLog(tmp_path / "logs" / "essai-1.jsonl")
    assert log._file is not None
    log._file.close()
    log._file = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 (the log closes it)
    with pytest.raises(UserError, match=r"journal .*essai-1\.jsonl : impossible à écrire \(disque plein\)"):
        for _ in range(1000):
            log.write_issue(IssueLevel.WARNING, Issue("essai", "x" * 100))
    log.write_issue(IssueLevel.WARNING, Issue("essai", "said once"))
    log.close({})


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(UserError, match="impossible à écrire"):
        IssueLog(tmp_path / "logs" / "essai-1.jsonl")


def test_the_log_leaves_out_what_comes_past_ten_thousand_of_a_kind(tmp_path: Path) -> None:
    log = IssueLog(tmp_path / "x.jsonl")
    for _ in range(MAX_LINES_PER_KIND + 7):
        log.write_issue(IssueLevel.WARNING, Issue("doublon", "ligne reçue deux fois"))
    log.write_issue(IssueLevel.ERROR, Issue("autre", "X"))
    log.close({"verdict": ""})
    logged_lines = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    assert len(logged_lines) == MAX_LINES_PER_KIND + 3
    assert [line.get("message") for line in logged_lines[-3:]] == ["X", "et 7 autres", None]


def test_a_run_that_cannot_be_stored_is_tried_once(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def refuse(session: Session, run_id: int, entries: list[Any]) -> None:
        attempts.append(len(entries))
        raise UserError("base de données : impossible à écrire")

    monkeypatch.setattr("crawlers.pipelines.storage.BATCH_SIZE", 1)
    monkeypatch.setattr("crawlers.pipelines.storage.store_observations", refuse)
    with pytest.raises(UserError, match="impossible à écrire"):
        collection.process(RawRow(row(1), None))
    collection.process(RawRow(row(2), None))
    collection.pipelines[-1].close_spider()
    collection.run.issues.close({})
    assert attempts == [1] and collection.run.counts.kept == 2
