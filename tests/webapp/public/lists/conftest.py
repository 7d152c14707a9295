"""The scene, and a few films that lists confuse, on both databases."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import Engine

from domain.common.enums import Access, Kind
from domain.db.engine import read_session, write_session
from domain.models.film import FilmIdentifier
from search.requested_film import InputLine
from search.resolve import ResolvedLine, resolve_lines
from tests.scene import add_film, add_service, build_scene, make_offer
from webapp.app import create_app
from webapp.core.title_index import get_title_index
from webapp.public.lists.parser import read_list

STRADA, COUPS, RUNNER, FILS, CHAMBRE_1946, CHAMBRE_1964, FARGO, RECENT, SPIDER_MAN, TWIN_2010, TWIN_2011 = range(20, 31)
Ask = Callable[[str], list[ResolvedLine]]


def build_site(engine: Engine, moment: datetime) -> Flask:
    build_scene(engine, moment)
    maid = "Le Journal d'une femme de chambre"
    facts = {
        STRADA: ("La Strada", 1954, "Federico Fellini", Kind.FILM),
        COUPS: ("Les Quatre Cents Coups", 1959, "François Truffaut", Kind.FILM),
        RUNNER: ("Blade Runner 2049", 2017, "Denis Villeneuve", Kind.FILM),
        FILS: ("Le Fils", 2002, "Jean-Pierre Dardenne", Kind.FILM),
        CHAMBRE_1946: (maid, 1946, "Jean Renoir", Kind.FILM),
        CHAMBRE_1964: (maid, 1964, "Luis Buñuel", Kind.FILM),
        FARGO: ("Fargo", 2014, "Noah Hawley", Kind.SERIES),
        RECENT: ("Sorti hier", 2026, "Une Autrice", Kind.FILM),
        SPIDER_MAN: ("Spider-Man", 2002, "Sam Raimi", None),
        TWIN_2010: ("Jumelles", 2010, "Une Autrice", Kind.FILM),
        TWIN_2011: ("Jumelles", 2011, "Un Auteur", Kind.FILM),
    }
    with write_session(engine) as session:
        for film_id, (title, year, director, kind) in facts.items():
            release = date(2026, 11, 4) if film_id == RECENT else None
            add_film(session, film_id, title, year=year, directors=[director], kind=kind, release_date=release)
        for film_id, scheme, value in ((STRADA, "imdb", "tt0047528"), (STRADA, "tmdb", "405"), (COUPS, "imdb", "tt0053198")):
            session.add(FilmIdentifier(film_id=film_id, scheme=scheme, value=value))
        offers = {STRADA: [make_offer(Access.FREE), make_offer(Access.RENT, 299)], COUPS: [make_offer(Access.SUBSCRIPTION)]}
        add_service(session, "rare", "Rare Exemple", moment, offers)
        add_service(session, "second", "Second Exemple", moment, {STRADA: [make_offer(Access.RENT, 399)]})
    return create_app(engine)


@pytest.fixture
def site(sqlite_engine: Engine, moment: datetime) -> Flask:
    return build_site(sqlite_engine, moment)


@pytest.fixture
def resolved(site: Flask, sqlite_engine: Engine) -> Callable[[list[InputLine]], list[ResolvedLine]]:
    def answer(lines: list[InputLine]) -> list[ResolvedLine]:
        with site.app_context(), read_session(sqlite_engine) as session:
            return resolve_lines(session, get_title_index(session), lines)

    return answer


@pytest.fixture
def ask(resolved: Callable[[list[InputLine]], list[ResolvedLine]]) -> Ask:
    return lambda text: resolved(read_list(text))
