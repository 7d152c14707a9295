"""Films in stretches of numbers, each with its last change."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select

from domain.db.engine import read_session, write_session
from domain.films.listing import count_chunks, list_chunk_films
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental

DAY = timedelta(days=1)


def test_films_come_by_stretches_of_their_numbers(engine: Engine) -> None:
    with read_session(engine) as session:
        assert count_chunks(session, 10) == 0
    with write_session(engine) as session:
        session.add_all(make_film(film_id, "Film") for film_id in (1, 10, 11, 40))
    with read_session(engine) as session:
        assert count_chunks(session, 10) == 4
        assert [[film.id for film in list_chunk_films(session, film_id, 10)] for film_id in (1, 2, 3, 4, 5)] == [
            [1, 10],
            [11],
            [],
            [40],
            [],
        ]


def test_a_film_changes_when_an_offer_begins_or_ends(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all([make_film(1, "Playtime"), make_film(2, "Parade"), make_film(3, "Trafic")])
        collect_run(
            session,
            make_platform(session),
            [make_observation("1", "Playtime", make_rental()), make_observation("2", "Parade", make_rental())],
            NOON + DAY,
        )
        for entry in session.exec(select(Entry)).all():
            link_entry(session, entry, session.get_one(Film, int(entry.ref)))
        session.exec(select(Offer).join(Entry).where(Entry.ref == "2")).one().closed_at = NOON + 2 * DAY
    with read_session(engine) as session:
        changed = {film.id: film.changed_at for film in list_chunk_films(session, 1, 10)}
        assert changed == {1: NOON + DAY, 2: NOON + 2 * DAY, 3: NOON}
