import re
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, func
from sqlmodel import col, select

from demonstration.build import ensure_built, ensure_exported, is_built
from demonstration.catalogues import CATALOGUES
from demonstration.listing import Listing
from demonstration.services import SERVICES
from domain.common.enums import Access, LegalBasis, RunState, Verdict
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.formats import FilmRecord
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import available_presences
from domain.runs.runs import get_run_counts
from opendata.manifest import read_manifest
from tests.demonstration.conftest import BuiltDemonstration

DROPPED = {"telefilm", "series"}


def list_films(films: list[FilmRecord], slug: str) -> dict[int, Listing]:
    """What a service lists, but for what the platform file drops, by reference."""
    listings = CATALOGUES[slug](films, datetime.now(UTC).date())
    return {int(listing.ref): listing for listing in listings if listing.category not in DROPPED}


def load_entries(built: BuiltDemonstration, slug: str) -> dict[int, Entry]:
    """What was collected of a service, by reference."""
    with read_session(built.engine) as session:
        entries = session.exec(select(Entry).join(Platform).where(col(Platform.slug) == slug)).all()
    return {int(re.findall("[0-9]+", entry.ref)[0]): entry for entry in entries}


@pytest.mark.parametrize("slug", SERVICES)
def test_collected_lines_are_those_of_the_catalogue(built: BuiltDemonstration, films: list[FilmRecord], slug: str) -> None:
    listings, collected = list_films(films, slug), load_entries(built, slug)
    assert set(collected) == set(listings)
    for ref, listing in listings.items():
        entry = collected[ref]
        assert (entry.title, entry.year, tuple(entry.directors), entry.runtime_min) == (
            listing.title, listing.year, listing.directors, listing.runtime_min,
        )  # fmt: skip


@pytest.mark.parametrize("slug", SERVICES)
def test_offers_are_those_of_the_catalogue(built: BuiltDemonstration, films: list[FilmRecord], slug: str) -> None:
    listed_offers = {
        (ref, offer.access, offer.cents, offer.starts, offer.ends)
        for ref, listing in list_films(films, slug).items()
        for offer in listing.offers
    }
    refs = {entry.id: ref for ref, entry in load_entries(built, slug).items()}
    with read_session(built.engine) as session:
        offers = session.exec(select(Offer).where(col(Offer.entry_id).in_(refs))).all()
    collected_offers = {
        (refs[offer.entry_id], offer.access, offer.price_cents, get_day(offer.starts), get_day(offer.ends)) for offer in offers
    }
    assert collected_offers == listed_offers and len(offers) == len(listed_offers)


def get_day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def test_every_run_is_accepted_without_an_unread_line(built: BuiltDemonstration) -> None:
    with read_session(built.engine) as session:
        runs = session.exec(select(Run)).all()
    assert [run.state for run in runs] == [RunState.ACCEPTED] * len(SERVICES)
    assert all(get_run_counts(run).unmapped == 0 and get_run_counts(run).duplicates == 0 for run in runs)
    assert sum(sum(get_run_counts(run).dropped.values()) for run in runs) == 4


def test_automatic_links_are_all_right_and_most_lines_have_one(built: BuiltDemonstration, films: list[FilmRecord]) -> None:
    truth = {entry.id: list_films(films, slug)[ref].film for slug in SERVICES for ref, entry in load_entries(built, slug).items()}
    with read_session(built.engine) as session:
        same = select(Judgement.entry_id, Film.source_ref).join(Film).where(col(Judgement.verdict) == Verdict.SAME)
        linked = session.exec(same).all()
    assert [(entry, film, truth[entry]) for entry, film in linked if truth[entry] != film] == []
    assert len(linked) >= 0.85 * len(truth)


@pytest.mark.parametrize(
    ("slug", "ref", "verdict"),
    [
        pytest.param("cine-demo", 900, Verdict.NONE, id="a film that the base does not hold"),
        pytest.param("cine-demo", 901, Verdict.UNSURE, id="a wrong director"),
        pytest.param("replay-fictif", 904, Verdict.UNSURE, id="a title borne by several films, and nothing else"),
    ],
)
def test_what_cannot_be_linked_is_not(built: BuiltDemonstration, slug: str, ref: int, verdict: Verdict) -> None:
    entry = load_entries(built, slug)[ref]
    with read_session(built.engine) as session:
        judgement = session.exec(select(Judgement).where(col(Judgement.entry_id) == entry.id)).one()
    assert judgement.verdict is verdict


def test_the_site_has_every_access_to_show(built: BuiltDemonstration) -> None:
    with read_session(built.engine) as session:
        presences = available_presences(session, datetime.now(UTC))
    assert {access for _, _, access in presences} == set(Access)


def test_a_collected_link_opens(built: BuiltDemonstration) -> None:
    with read_session(built.engine) as session:
        links = session.exec(select(Offer.url).join(Entry).join(Platform).group_by(Platform.slug)).all()
    assert len(links) == len(SERVICES)
    for link in links:
        url = urlsplit(link or "")
        connection = HTTPConnection(url.netloc, timeout=10)
        connection.request("GET", url.path)
        answer = connection.getresponse()
        assert answer.status == 200 and "Plateforme inventée : ici, le service" in answer.read().decode()
        connection.close()


def test_progress_is_counted_in_french(built: BuiltDemonstration) -> None:
    assert re.fullmatch(r"1/6 Ciné-Démo \(plateforme inventée\) : \d+ titres acceptés en \d+ s", built.messages[1])


def test_it_is_built_for_these_origins_only(built: BuiltDemonstration) -> None:
    moved = built.origins | {"cine-demo": "http://127.0.0.1:1"}
    assert is_built(built.engine, built.origins)
    assert not is_built(built.engine, moved)


def test_an_empty_base_is_not_built(sqlite_engine: Engine, built: BuiltDemonstration) -> None:
    assert not is_built(sqlite_engine, built.origins)


def test_real_platforms_and_films_are_refused(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        session.add(
            Platform(
                slug="vraie", name="Vraie VOD", operator="Vraie SA", legal_basis=LegalBasis.OPEN,
                legal_evidence="un exemple", legal_checked_on=date(2026, 11, 22),
            )
        )  # fmt: skip
        session.add(
            Film(
                id=1, source="cnc", source_ref="1", title="Un film", slug="un-film", content_hash="", updated_at=datetime.now(UTC)
            )
        )
    with pytest.raises(UserError, match="données réelles : Vraie VOD, 1 films? d'une autre base"):
        ensure_built(sqlite_engine, {}, lambda message: None)


def test_starting_again_collects_nothing(built: BuiltDemonstration) -> None:
    before = count_runs(built)
    ensure_built(built.engine, built.origins, pytest.fail)
    assert count_runs(built) == before


def count_runs(built: BuiltDemonstration) -> int:
    with read_session(built.engine) as session:
        return session.exec(select(func.count()).select_from(Run)).one()


def test_its_open_data_say_what_they_are_and_never_take_the_place_of_true_ones(
    built: BuiltDemonstration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_OPEN_DATA", str(tmp_path))
    messages: list[str] = []
    for _ in range(2):
        ensure_exported(built.engine, "http://127.0.0.1:8000", messages.append)
    manifest = read_manifest(tmp_path)
    assert manifest and manifest.demonstration and len(messages) == 1 and messages[0].startswith("données ouvertes du ")
    real = manifest.model_copy(update={"demonstration": False})
    (tmp_path / "latest" / "manifest.json").write_text(real.model_dump_json(), "utf-8")
    ensure_exported(built.engine, "http://127.0.0.1:8000", messages.append)
    assert "contient des données réelles" in messages[1] and read_manifest(tmp_path) == real
