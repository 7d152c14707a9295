"""Films in stretches of numbers, each with its last change."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select

from domain.db.engine import reading, writing
from domain.films.listing import count_stretches, list_stretch
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected, linked, rent

DAY = timedelta(days=1)


def test_films_come_by_stretches_of_their_numbers(engine: Engine) -> None:
    with reading(engine) as session:
        assert count_stretches(session, 10) == 0
    with writing(engine) as session:
        session.add_all(a_film(number, "Film") for number in (1, 10, 11, 40))
    with reading(engine) as session:
        assert count_stretches(session, 10) == 4
        assert [[film.id for film in list_stretch(session, number, 10)] for number in (1, 2, 3, 4, 5)] == [
            [1, 10],
            [11],
            [],
            [40],
            [],
        ]


def test_a_film_changes_when_an_offer_begins_or_ends(engine: Engine) -> None:
    with writing(engine) as session:
        session.add_all([a_film(1, "Playtime"), a_film(2, "Parade"), a_film(3, "Trafic")])
        collected(session, a_platform(session), [a_line("1", "Playtime", rent()), a_line("2", "Parade", rent())], NOON + DAY)
        for entry in session.exec(select(Entry)).all():
            linked(session, entry, session.get_one(Film, int(entry.ref)))
        session.exec(select(Offer).join(Entry).where(Entry.ref == "2")).one().closed_at = NOON + 2 * DAY
    with reading(engine) as session:
        changed = {film.id: film.changed for film in list_stretch(session, 1, 10)}
        assert changed == {1: NOON + DAY, 2: NOON + 2 * DAY, 3: NOON}
