"""The scene, and three more services that were read several times: films came, left and are about to leave."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.conftest import NOW
from tests.domain.builders import collect_run, link_entry, make_observation, make_platform
from tests.prepared import prepare_database, restore_database
from tests.scene import DUNE_1984, DUNE_2021, GUEPARD, LA_FEMME, VADROUILLE, add_film, make_offer
from webapp.core.context import ENGINE_KEY

NEW_FILM, ADULT = 50, 51
DAY = timedelta(days=1)
RENT, BUY, FREE, SUBSCRIBED = (make_offer(access) for access in (Access.RENT, Access.BUY, Access.FREE, Access.SUBSCRIPTION))
MIDNIGHT = datetime(2026, 12, 1, 23, tzinfo=UTC)


def get_text(page: str) -> str:
    """Return the text of a page, without its tags, with plain spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " "))


def collect_service(
    session: Session, slug: str, name: str, days_ago: float, offers_by_film: dict[int, list[ObservedOffer]]
) -> None:
    """Collect a service some days ago; it always shows Dune (1984) too, so that each of its runs is believed."""
    found = session.exec(select(Platform).where(Platform.slug == slug)).first()
    platform = found or make_platform(session, slug, LegalBasis.OPEN)
    platform.name = name
    films = {DUNE_1984: [BUY], **offers_by_film}
    lines = [make_observation(str(film), f"Ligne {film}", *offers) for film, offers in films.items()]
    run = collect_run(session, platform, lines, NOW - days_ago * DAY, RunExpectations(max_drop=1))
    for entry in session.exec(select(Entry).where(col(Entry.first_run_id) == run.id)).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)), NOW)


@pytest.fixture(scope="session")
def moved_file(scene_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Film Neuf gained films this week, Vieux Fonds lost one and ends another, Court Temps was read once."""
    return prepare_database(tmp_path_factory.mktemp("moved") / "moved.db", scene_file, NOW, _collect_changes)


@pytest.fixture
def reader(app: Flask, client: FlaskClient, moved_file: Path) -> FlaskClient:
    """Return the site over the scene and these services."""
    restore_database(moved_file, app.extensions[ENGINE_KEY])
    return client


def _collect_changes(engine: Engine) -> None:
    library = make_offer(Access.LIBRARY, ends=MIDNIGHT)
    with write_session(engine) as session:
        add_film(session, NEW_FILM, "Inédit", year=2026)
        add_film(session, ADULT, "Rouge", year=1975, genres=["film pornographique"], age_rating="X")
        collect_service(session, "neuf", "Film Neuf", 40, {})
        collect_service(session, "neuf", "Film Neuf", 3, {GUEPARD: [RENT], VADROUILLE: [FREE]})
        latest = {GUEPARD: [RENT, BUY], VADROUILLE: [FREE], DUNE_2021: [FREE], NEW_FILM: [BUY], ADULT: [FREE]}
        collect_service(session, "neuf", "Film Neuf", 1, latest)
        collect_service(session, "fonds", "Vieux Fonds", 50, {LA_FEMME: [library], GUEPARD: [RENT], VADROUILLE: [SUBSCRIBED]})
        collect_service(session, "fonds", "Vieux Fonds", 45, {LA_FEMME: [library], VADROUILLE: [SUBSCRIBED]})
        collect_service(session, "fonds", "Vieux Fonds", 42, {LA_FEMME: [library]})
        collect_service(session, "fonds", "Vieux Fonds", 9, {LA_FEMME: [library]})
        collect_service(session, "court", "Court Temps", 1, {DUNE_2021: [make_offer(Access.RENT, 299, ends=NOW + 2 * DAY)]})
