"""A small catalogue with one case of each kind, for the tests of the site."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, TitleKind, Verdict
from domain.common.text import slugify
from domain.common.titles import build_title_key
from domain.db.engine import write_session
from domain.films.directors import replace_directors
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Judgement
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.domain.builders import collect_run, link_entry, make_decision, make_film, make_observation, make_platform

VADROUILLE, GUEPARD, DUNE_1984, DUNE_2021, HOSTILE, LA_FEMME = 1, 2, 3, 4, 5, 6
HOSTILE_TITLE = '<script>alert(1)</script> "l\'ab\u202ecd" & ?'
SERVICE_URL = "https://service.example"


def add_film(session: Session, film_id: int, title: str, original: tuple[str, str | None] | None = None, **facts: object) -> Film:
    film = make_film(film_id, title)
    film.sqlmodel_update({"slug": slugify(title), "original_title": original and original[0], **facts})
    session.add(film)
    session.flush()
    titles = [(title, TitleKind.DISPLAY, "fr")] + ([(original[0], TitleKind.ORIGINAL, original[1])] if original else [])
    for told, kind, language in titles:
        session.add(FilmTitle(film_id=film_id, title=told, kind=kind, language=language, key=build_title_key(told)))
    session.flush()
    replace_directors(session, [(film_id, film.directors)])
    return film


def make_offer(access: Access, cents: int | None = None, **facts: object) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": access, "price_cents": cents, **facts})


def add_service(session: Session, slug: str, name: str, at: datetime, shown: dict[int, list[ObservedOffer]]) -> Run:
    """A service that shows some films, collected at a moment and linked."""
    platform = make_platform(session, slug, LegalBasis.INVENTED)
    platform.name = name
    lines = [make_observation(str(film_id), f"Ligne {film_id}", *offers) for film_id, offers in shown.items()]
    run = collect_run(session, platform, lines, at)
    for entry in session.exec(select(Entry).where(col(Entry.platform_id) == platform.id)).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)), at)
    return run


def add_films(session: Session) -> None:
    made = {"year": 1966, "runtime_min": 123, "directors": ["Gérard Oury"], "countries": ["France", "Royaume-Uni"]}
    oury: dict[str, Any] = {**made, "release_date": date(1966, 12, 8)}
    add_film(session, VADROUILLE, "La Grande Vadrouille", **oury)
    add_film(
        session, GUEPARD, "Le Guépard", ("Il gattopardo", "it"), year=1963, directors=["Luchino Visconti"], countries=["Italie"]
    )
    add_film(session, DUNE_1984, "Dune", year=1984, directors=["David Lynch"])
    add_film(session, DUNE_2021, "Dune : première partie", ("Dune", None), year=2021, directors=["Denis Villeneuve"])
    add_film(session, HOSTILE, HOSTILE_TITLE, year=2000)
    add_film(session, LA_FEMME, "Une femme est une femme", year=1961, directors=["Jean-Luc Godard"])
    session.add(FilmIdentifier(film_id=VADROUILLE, scheme="imdb", value="tt0060474"))


def build_scene(engine: Engine, now: datetime, service: str = SERVICE_URL) -> None:
    """Six films, five invented services collected an hour ago, one of them held since, one line doubtful."""
    at = now - timedelta(hours=1)
    page: dict[str, Any] = {"url": f"{service}/film"}
    told: dict[str, Any] = {"quality": "HD", "languages": ["VF"], "audio_description": True, "sdh": False}
    rents = [make_offer(Access.RENT, 299, **page, **told), make_offer(Access.BUY, 799, edition="version restaurée", **page)]
    unpriced = [make_offer(Access.RENT, **page)]
    subscribed = [make_offer(Access.SUBSCRIPTION, 999, quality="UHD", **page)]
    ends = now.replace(hour=12) + timedelta(days=30)
    replay = [make_offer(Access.CATCH_UP, ends=ends, languages=["VOSTFR"], **page)]
    with write_session(engine) as session:
        add_films(session)
        held = add_service(session, "cine", "Ciné Exemple", at, {VADROUILLE: rents, DUNE_2021: rents, HOSTILE: rents})
        add_service(session, "kiosque", "Kiosque Exemple", at, {VADROUILLE: unpriced, LA_FEMME: unpriced})
        add_service(session, "abonne", "Abonné Exemple", at, {VADROUILLE: subscribed})
        add_service(session, "antenne", "Antenne Exemple", at, {VADROUILLE: replay})
        add_service(session, "boitier", "Boîtier Exemple", at, {VADROUILLE: [make_offer(Access.RENT, 399)]})
        _add_doubt(session, held.platform_id, now)


def _add_doubt(session: Session, platform_id: int, now: datetime) -> None:
    """The service's last collection is held, and one of its lines waits for a person."""

    platform = session.get_one(Platform, platform_id)
    collect_run(session, platform, [make_observation("99", "Presque rien")], now, RunExpectations(min=1000))
    entry = session.exec(select(Entry).where(col(Entry.platform_id) == platform_id, col(Entry.ref) == str(HOSTILE))).one()
    assert entry.id is not None

    live = session.exec(select(Judgement).where(col(Judgement.entry_id) == entry.id)).one()
    record_decision(session, entry.id, live, make_decision(Verdict.UNSURE, None, "matcher test", "titres différents"), now)
