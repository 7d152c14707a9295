"""Fill a small database to export: three films, two services, a closed offer, a title that spreadsheets would run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, TitleKind
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.runs.observation import ObservedOffer
from opendata.export import export_open_data
from opendata.manifest import Manifest
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_platform

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
SEEN = NOW - timedelta(hours=1)
FORMULA = '=HYPERLINK("https://méchant.example";"Été, l\'"); une\tfin'
SITE = "https://ouvoir.example"


def make_offer(access: Access, cents: int | None = None, **facts: object) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": access, "price_cents": cents, **facts})


def fill_database(engine: Engine, basis: LegalBasis = LegalBasis.CONTRACT) -> None:
    """Add films 1 to 3; « cine » rents 1 (dearer since yesterday) and sells 2, « media-theque » lends 1."""
    page: dict[str, Any] = {"url": "https://cine.example/1"}
    terms: dict[str, Any] = {"quality": "HD", "languages": ["VF", "VOSTFR"], "audio_description": True, "sdh": False, **page}
    with write_session(engine) as session:
        for film_id, title in ((1, "Playtime"), (2, FORMULA), (3, "Sans offre")):
            film = make_film(film_id, title, 1967)
            film.directors = ["Jacques Tati", "A|B"]
            film.countries = ["France"]
            film.original_title = "Play Time"
            session.add(film)
            session.flush()
            session.add(FilmTitle(film_id=film_id, title="Play Time", kind=TitleKind.ORIGINAL, language="en", key=""))
        session.add(FilmIdentifier(film_id=1, scheme="imdb", value="tt0062136"))
        cine, media = make_platform(session, "cine", basis), make_platform(session, "media-theque", basis)
        for at, cents in ((SEEN - timedelta(days=1), 299), (SEEN, 399)):
            observations = [
                make_observation("1", "Playtime", make_offer(Access.RENT, cents, **terms)),
                make_observation("2", "X", make_offer(Access.BUY, **page)),
            ]
            collect_run(session, cine, observations, at)
        lent = make_observation("1", "Playtime", make_offer(Access.LIBRARY, ends=NOW + timedelta(days=9)))
        collect_run(session, media, [lent], SEEN)
        _link_entries(session)


def _link_entries(session: Session) -> None:
    for entry in session.exec(select(Entry).order_by(col(Entry.id))).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)), SEEN)


def export_database(engine: Engine, folder: Path, now: datetime = NOW) -> Manifest:
    """Export a database for a site."""
    return export_open_data(engine, folder, now, site=SITE)
