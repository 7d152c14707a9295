"""A shop searched title by title, over our own base."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from crawlers.platform_files.loader import PlatformFile
from crawlers.spiders.lookup import is_requested_film
from domain.common.enums import Outcome, RunState
from domain.common.titles import build_title_key
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.page_read import PageRead
from domain.models.run import RunIssue
from domain.runs.hold_reasons import format_verdict
from domain.runs.observation import ObservedEntry
from tests.crawlers.conftest import FEED, CannedResponse, Collect, Site, WriteFile
from tests.domain.builders import make_film

SEARCH = {
    'kind = "feed"': 'kind = "lookup"\nitems = "results"\nbudget = 50',
    "films.json": "search?term={title}",
    'title = "title"': 'title = "title"\nyear = "year"',
    "min = 2": "min = 1\nmax_drop = 0.9",
}
NAMES = ("Alpha", "Bêta", "Le Gamma", "Delta")


def reply(site: Site, name: str, *rows: tuple[int, str, int]) -> None:
    results = [
        {"id": n, "title": title, "year": year, "price": "2,99", "link": f"https://films.example/{n}"} for n, title, year in rows
    ]
    site.set_response(f"/search?term={quote(name)}", {"results": results})


@pytest.fixture
def shop(site: Site, write_file: WriteFile, sqlite_engine: Engine) -> PlatformFile:
    """Serve three films on sale, one that is not; a row that two films' searches give; a remake."""
    with write_session(sqlite_engine) as session:
        session.add_all(make_film(number, name, 2000) for number, name in enumerate(NAMES, 1))
    reply(site, "Alpha", (1, "ALPHA", 2001), (9, "Alpha", 1960), (3, "Gamma", 2000))
    reply(site, "Bêta", (2, "Beta", 2000), (3, "Gamma (version restaurée)", 2000))
    reply(site, "Le Gamma", (3, "Gamma", 2000))
    reply(site, "Delta")
    return write_file(FEED, SEARCH)


def requested(site: Site) -> list[str]:
    return [path.removeprefix("/search?term=") for path in site.list_paths() if path.startswith("/search")]


def live(engine: Engine) -> dict[str, datetime]:
    with Session(engine) as session:
        return dict(session.exec(select(Entry.ref, Offer.last_seen).join(Offer).where(col(Offer.closed_at).is_(None))).all())


def age(engine: Engine, name: str, days: int) -> None:
    """Date the last request for a film further back."""
    with write_session(engine) as session:
        ago = datetime.now(UTC) - timedelta(days=days)
        session.exec(update(PageRead).where(col(PageRead.url).endswith(f"={quote(name)}")).values(read_at=ago))


def test_only_the_films_asked_for_are_kept_and_lately_asked_ones_carried(
    site: Site, shop: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    first = run_once(shop)
    assert (first.state, first.outcome) == (RunState.ACCEPTED, Outcome.COMPLETE), format_verdict(first)
    assert sorted(live(sqlite_engine)) == ["1", "2", "3"] and first.counts["duplicates"] == 0
    assert first.counts["dropped"] == {"autre film": 3, "introuvable": 1}
    age(sqlite_engine, "Alpha", 40)
    site.requests.clear()
    second = run_once(shop)
    assert requested(site) == ["Alpha"] and second.counts["carried"] == 3 and second.counts["kept"] == 3
    assert live(sqlite_engine) == {"1": second.started_at, "2": first.started_at, "3": first.started_at}


def test_a_film_not_found_any_more_is_asked_twice_before_its_offer_closes(
    site: Site, shop: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(shop)
    reply(site, "Bêta")
    age(sqlite_engine, "Bêta", 40)
    for still_open in (True, False):
        site.requests.clear()
        assert run_once(shop).state is RunState.ACCEPTED
        assert requested(site) == [quote("Bêta")] and ("2" in live(sqlite_engine)) is still_open


@pytest.mark.parametrize("status", [403, 429])
def test_a_server_that_has_had_enough_ends_the_asking_not_the_run(
    status: int, site: Site, shop: PlatformFile, run_once: Collect, write_file: WriteFile, sqlite_engine: Engine
) -> None:
    refusing = {f"/search?term={quote(name)}": site.responses[f"/search?term={quote(name)}"] for name in NAMES[1:]}
    site.responses |= {path: CannedResponse(status=status) for path in refusing}
    run = run_once(shop)
    assert (run.state, run.outcome) == (RunState.ACCEPTED, Outcome.COMPLETE), format_verdict(run)
    assert run.counts["listed"] == 1 and run.counts["missed"] == 0 and sorted(live(sqlite_engine)) == ["1"]
    with Session(sqlite_engine) as session:
        message = session.exec(select(RunIssue.message).where(RunIssue.kind == "demandes arrêtées")).one()
    assert message == f"le serveur a dit assez après 1 réponse ({status}), la suite à la prochaine collecte"
    site.responses |= refusing
    site.requests.clear()
    run_once(write_file(FEED, SEARCH | {'kind = "feed"': 'kind = "lookup"\nitems = "results"\nbudget = 2'}))
    assert requested(site) == [quote("Bêta"), quote("Le Gamma")] and sorted(live(sqlite_engine)) == ["1", "2", "3"]


def test_an_answer_without_its_list_is_a_failed_page_not_an_absence(
    site: Site, shop: PlatformFile, run_once: Collect, sqlite_engine: Engine
) -> None:
    run_once(shop)
    for name in NAMES:
        site.set_response(f"/search?term={quote(name)}", {"items": []})
        age(sqlite_engine, name, 40)
    run = run_once(shop)
    assert run.state is RunState.HELD and run.counts["missed"] == 4 and run.counts["kept"] == 3


def test_an_empty_base_is_told(site: Site, write_file: WriteFile, run_once: Collect) -> None:
    run = run_once(write_file(FEED, SEARCH))
    assert run.outcome is Outcome.FAILED and format_verdict(run).startswith("la base de films est vide, il n'y a rien à chercher")
    assert site.requests == []


@pytest.mark.parametrize(
    ("title", "year", "is_requested"),
    [
        ("LE GAMMA", 2002, True),
        ("Gamma (2001)", None, True),
        ("Gamma", None, True),
        ("Gamma", 2003, False),
        ("Gammas", 2000, False),
    ],
)
def test_a_row_is_wanted_by_title_and_year(title: str, year: int | None, is_requested: bool) -> None:
    line = ObservedEntry(ref="1", title=title, year=year)
    assert is_requested_film(line, [({build_title_key("Autre")}, 2000), ({build_title_key("Le Gamma")}, 2000)]) is is_requested
