"""Titles that a film gains from a second base: with their source and kind, and out of the way of what persons said."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import TitleKind
from domain.db.engine import read_session, write_session
from domain.films.edits import remove_title
from domain.films.source_records import reopen_record
from domain.models.film import FilmTitle
from tests.domain.joined import NOW, get_source_record, get_titles, import_text, link_by_ref, reject_records
from tests.domain.review_scene import make_agent

OWN_CSV = "id,title,other_titles\nc1,Mon oncle,Tonton\nc2,Playtime,\n"
OTHER_CSV = "id,title,title_fr,other_titles\nw1,My Uncle,Mon oncle,Mein Onkel|Il mio zio|film|\n"
LINKED = link_by_ref(w1=1)


@pytest.fixture
def joined(engine: Engine, tmp_path: Path) -> Engine:
    """Store a film with a title of its own, joined by a record of a second base with three."""
    import_text(engine, tmp_path, OWN_CSV, source="cnc")
    import_text(engine, tmp_path, OTHER_CSV, LINKED)
    return engine


def _read_kinds(engine: Engine) -> dict[str, tuple[TitleKind, str]]:
    with read_session(engine) as session:
        rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1))
        return {row.title: (row.kind, row.source) for row in rows}


def test_other_titles_of_a_second_base_are_aliases_with_its_name(joined: Engine) -> None:
    assert _read_kinds(joined) == {
        "Mon oncle": (TitleKind.DISPLAY, "cnc"),
        "Tonton": (TitleKind.ALIAS, "cnc"),
        "My Uncle": (TitleKind.ALTERNATIVE, "monde"),
        "Mein Onkel": (TitleKind.ALIAS, "monde"),
        "Il mio zio": (TitleKind.ALIAS, "monde"),
    }


def test_the_same_base_again_changes_nothing_and_a_corrected_one_only_what_it_gave(joined: Engine, tmp_path: Path) -> None:
    before = _read_kinds(joined)
    assert import_text(joined, tmp_path, OTHER_CSV, reject_records).unchanged == 1 and _read_kinds(joined) == before
    import_text(joined, tmp_path, OTHER_CSV.replace("Mein Onkel|", ""), LINKED)
    assert _read_kinds(joined) == {title: row for title, row in before.items() if title != "Mein Onkel"}


def test_an_alias_that_a_person_removed_stays_away(joined: Engine, tmp_path: Path) -> None:
    with write_session(joined) as session:
        row = session.exec(select(FilmTitle).where(FilmTitle.title == "Mein Onkel")).one()
        remove_title(session, 1, make_agent(session), row.id or 0, "faute", NOW)
    import_text(joined, tmp_path, OTHER_CSV.replace("Il mio zio", "Mio zio"), LINKED)
    import_text(joined, tmp_path, OWN_CSV.replace("Tonton", "Le tonton"), source="cnc")
    assert _read_kinds(joined).keys() == {"Mon oncle", "Le tonton", "My Uncle", "Mio zio"}


def test_a_record_unlinked_takes_its_titles_away_and_a_third_base_gives_its_own(joined: Engine, tmp_path: Path) -> None:
    third = "id,title,other_titles\nt1,Mon oncle,Mein Onkel|Moj wujaszek\n"
    import_text(joined, tmp_path, third, link_by_ref(t1=1), source="tiers")
    with read_session(joined) as session:
        assert get_titles(session, 1) == {
            "mon oncle": "cnc", "tonton": "cnc", "my uncle": "monde",
            "mein onkel": "monde", "il mio zio": "monde", "moj wujaszek": "tiers",
        }  # fmt: skip
    with write_session(joined) as session:
        reopen_record(session, get_source_record(session, "w1"), NOW)
    with read_session(joined) as session:
        kept = {"mon oncle": "cnc", "tonton": "cnc", "mein onkel": "tiers", "moj wujaszek": "tiers"}
        assert get_titles(session, 1) == kept
