"""Documents collected for real, over HTTP and from the drop folder, by the child process."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine

from crawlers.collect import collect_platform
from crawlers.crawl_run import CrawlRun
from crawlers.formats.documents import Document
from crawlers.pipelines.storage import finish_run
from crawlers.platform_files.sources import DocumentSource
from crawlers.spiders import feed
from domain.common.enums import Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.db.engine import read_session, write_session
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from domain.runs.platforms import register_platform
from domain.runs.run_issues import group_issues_by_kind
from domain.runs.runs import get_run_counts, open_run
from tests.crawlers.conftest import FEED, CannedResponse, Collect, Site, WriteFile

ADDRESS = 'url = "http://127.0.0.1:1/films.json"'


def film(number: int) -> dict[str, object]:
    return {"id": number, "title": f"Film {number}", "link": f"https://films.example/{number}", "price": "2,99"}


def collect(write_file: WriteFile, collected: Collect, address: str, source_toml: str) -> Run:
    """Collect a list of films whose source is at that address, with more lines of TOML."""
    url = f'url = "http://127.0.0.1:1{address}"\n{source_toml}'
    return collected(write_file(FEED, {ADDRESS: url, "min = 2": "min = 2\nmax_drop = 1.0"}))


def queries(site: Site, path: str = "/f") -> list[dict[str, str]]:
    """Return the queries that the site was sent, one value a name."""
    seen = [urlsplit(one) for one in site.list_paths() if one.startswith(path)]
    return [{name: values[0] for name, values in parse_qs(one.query, keep_blank_values=True).items()} for one in seen]


def test_a_list_read_by_cursor_is_whole(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/f?after=", {"items": [film(1)], "next": "a/b&c"})
    site.set_response("/f?after=a%2Fb%26c", {"items": [film(2)], "next": None})
    run = collect(write_file, run_once, "/f?after={cursor}", 'items = "items"\npages = {by = "cursor", path = "next"}')
    assert (run.state, get_run_counts(run).kept) == (RunState.ACCEPTED, 2), format_verdict(run)
    assert queries(site) == [{"after": ""}, {"after": "a/b&c"}]


def test_a_list_read_by_offset_in_a_body_is_whole(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.responses["/f"] = [site_answer([film(1), film(2)], 3), site_answer([film(3)], 3)]
    source_toml = (
        """body = '{"from": {offset}}'\nitems = "items"\nannounced = "total"\npages = {by = "offset", size = 2, path = "total"}"""
    )
    run = collect(write_file, run_once, "/f", source_toml)
    assert (run.state, get_run_counts(run).kept) == (RunState.ACCEPTED, 3), format_verdict(run)
    assert [json.loads(body) for _, path, _, body in site.requests if path == "/f"] == [{"from": 0}, {"from": 2}]


def site_answer(items: list[dict[str, object]], total: int) -> CannedResponse:
    return CannedResponse(json.dumps({"items": items, "total": total}).encode())


def test_next_addresses_are_followed_on_the_platform_only(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/f", {"items": [film(1)], "next": "?page=2"})
    site.set_response("/f?page=2", {"items": [film(2)], "next": "https://elsewhere.example/f"})
    run = collect(write_file, run_once, "/f", 'items = "items"\npages = {by = "next_url", path = "next"}')
    assert run.outcome is Outcome.FAILED and queries(site) == [{}, {"page": "2"}]
    assert format_verdict(run).startswith("adresse hors des sites de la plateforme refusée : https://elsewhere.example/f")


def test_a_server_that_does_not_hear_the_page_is_told(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    for page in (1, 2, 3):
        site.set_response(f"/f?page={page}", [film(1)])
    run = collect(write_file, run_once, "/f?page={page}", 'pages = {by = "until_empty"}')
    assert run.outcome is Outcome.FAILED and "la même page reçue deux fois" in format_verdict(run) and len(queries(site)) == 2


def test_the_documents_of_an_index_in_pages_are_read(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    site.set_response("/f?page=1", {"locations": ["/d/1", "/d/2", "/d/1"], "next": 2})
    site.set_response("/f?page=2", {"locations": ["/d/3", {"no": "address"}]})
    site.set_response("/d/1", film(1))
    site.set_response("/d/2", {"gone": True}, status=500)
    site.set_response("/d/3", [film(3), film(4)])
    run = collect(write_file, run_once, "/f?page={page}", 'details = {path = "locations"}\npages = {by = "next", path = "next"}')
    counts = get_run_counts(run)
    assert (counts.kept, counts.listed, counts.missed) == (3, 4, 2)
    assert run.state is RunState.HELD and run.outcome is Outcome.COMPLETE
    with read_session(sqlite_engine) as session:
        issues = group_issues_by_kind(session, run.id or 0)["page en échec"]
    assert issues[0] == "fiche sans adresse ni numéro dans la liste" and issues[1].startswith("réponse 500 après 3 essais")


def test_values_of_an_index_complete_an_address_and_ten_failures_in_a_row_end_it(
    site: Site, write_file: WriteFile, run_once: Collect
) -> None:
    site.set_response("/f", {"ids": [f"a/{number}" for number in range(30)]})
    details = f'details = {{path = "ids", url = "{site.origin}/d?id={{item}}"}}'
    run = collect(write_file, run_once, "/f", details)
    counts = get_run_counts(run)
    assert run.outcome is Outcome.FAILED and "10 pages de suite sans film" in format_verdict(run)
    assert counts.listed == 30 and 10 <= counts.missed < 20 and "/d?id=a%2F1" in site.list_paths()


def test_the_cap_counts_the_documents_of_an_index(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    site.set_response("/f", {"ids": ["/d/1", "/d/2", "/d/3"]})
    for number in (1, 2, 3):
        site.set_response(f"/d/{number}", film(number))
    source_toml = 'details = {path = "ids"}\n[politeness]\ncap_pages = 3'
    run = collect(write_file, run_once, "/f", source_toml)
    assert run.outcome is Outcome.PARTIAL and get_run_counts(run).kept == 2 and "plafond de 3 pages" in format_verdict(run)


def test_a_secret_echoed_by_the_server_reaches_nothing(
    site: Site, write_file: WriteFile, run_once: Collect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ESSAI_SECRET", "tres-secret-1234")
    site.set_response("/f", b"", status=302, Location="/d?token=tres-secret-1234")
    site.set_response(
        "/d?token=tres-secret-1234", {"items": [film(1) | {"title": "tres-secret-1234", "price": "tres-secret-1234"}], "n": 1}
    )
    site.set_response("/g", b"", status=302, Location="/login?token=tres-secret-1234")
    site.set_response("/login?token=tres-secret-1234", "<p>Connexion")
    auth = 'auth = {scheme = "bearer", secret = "ESSAI_SECRET"}\nitems = "items"'
    assert "page de connexion" in format_verdict(collect(write_file, run_once, "/g", auth))
    assert get_run_counts(collect(write_file, run_once, "/f", auth)).kept == 1
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 2 and not [content for content in written if b"tres-secret" in content]


def test_a_dropped_file_is_collected_and_a_missing_one_told(
    write_file: WriteFile, rehearsing: None, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", "robot@ouvoir.example")
    monkeypatch.setenv("OUVOIR_DEPOSIT", str(tmp_path / "drop"))
    (tmp_path / "drop" / "essai").mkdir(parents=True)
    platform = write_file(FEED, {ADDRESS: 'url = "file:essai/liste.json"'})
    missing = collect_platform(sqlite_engine, platform, tmp_path, None, lambda _: None)
    assert missing.outcome is Outcome.FAILED and "essai/liste.json : fichier introuvable" in format_verdict(missing)
    (tmp_path / "drop" / "essai" / "liste.json").write_text(json.dumps([film(1), film(2)]))
    run = collect_platform(sqlite_engine, platform, tmp_path, None, lambda _: None)
    assert (run.state, get_run_counts(run).kept, get_run_counts(run).requests) == (RunState.ACCEPTED, 2, 0), format_verdict(run)
    assert get_settings().deposit == tmp_path / "drop"


def test_lines_given_again_and_again_are_counted_too(
    write_file: WriteFile, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    monkeypatch.setattr(feed, "ROWS_LIMIT", 5)
    platform = write_file(FEED)
    with write_session(sqlite_engine) as session:
        run = open_run(
            session, register_platform(session, platform.build_platform_facts()), datetime(2026, 11, 22, 12, tzinfo=UTC)
        )
    assert isinstance(platform.source, DocumentSource)
    assert run.id is not None
    crawl_run = CrawlRun(sqlite_engine, run.id, platform)
    spider = feed.DocumentSpider(crawl_run, platform.source)
    with pytest.raises(UserError, match="plus de 5 lignes reçues"):
        list(spider._iter_rows(Document([film(1)] * 9)))
    finish_run(crawl_run, None)
