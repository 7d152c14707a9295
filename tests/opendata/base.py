"""A small base to export: three films, two services, one offer closed, one title that spreadsheets would run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, TitleKind
from domain.db.engine import writing
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.runs.observation import ObservedOffer
from opendata.export import export
from opendata.manifest import Manifest
from tests.domain.builders import a_film, a_line, a_platform, collected, linked

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
SEEN = NOW - timedelta(hours=1)
FORMULA = '=HYPERLINK("https://méchant.example";"Été, l\'"); une\tfin'
SITE = "https://ouvoir.example"


def offer(access: Access, cents: int | None = None, **facts: object) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": access, "price_cents": cents, **facts})


def fill(engine: Engine, basis: LegalBasis = LegalBasis.CONTRACT) -> None:
    """Films 1 to 3; « cine » rents 1 (dearer since yesterday) and sells 2, « media » lends 1."""
    page: dict[str, Any] = {"url": "https://cine.example/1"}
    told: dict[str, Any] = {"quality": "HD", "languages": ["VF", "VOSTFR"], "audio_description": True, "sdh": False, **page}
    with writing(engine) as session:
        for number, title in ((1, "Playtime"), (2, FORMULA), (3, "Sans offre")):
            film = a_film(number, title, 1967)
            film.directors, film.countries, film.original_title = ["Jacques Tati", "A|B"], ["France"], "Play Time"
            session.add(film)
            session.flush()
            session.add(FilmTitle(film_id=number, title="Play Time", kind=TitleKind.ORIGINAL, language="en", key=""))
        session.add(FilmIdentifier(film_id=1, scheme="imdb", value="tt0062136"))
        cine, media = a_platform(session, "cine", basis), a_platform(session, "media-theque", basis)
        for at, cents in ((SEEN - timedelta(days=1), 299), (SEEN, 399)):
            lines = [a_line("1", "Playtime", offer(Access.RENT, cents, **told)), a_line("2", "X", offer(Access.BUY, **page))]
            collected(session, cine, lines, at)
        lent = a_line("1", "Playtime", offer(Access.LIBRARY, ends=NOW + timedelta(days=9)))
        collected(session, media, [lent], SEEN)
        _link(session)


def _link(session: Session) -> None:
    for entry in session.exec(select(Entry).order_by(col(Entry.id))).all():
        linked(session, entry, session.get_one(Film, int(entry.ref)), SEEN)


def exported(engine: Engine, folder: Path, now: datetime = NOW) -> Manifest:
    """The base exported for a site."""
    return export(engine, folder, now, site=SITE)
