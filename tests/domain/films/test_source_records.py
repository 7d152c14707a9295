"""A second base joined to the first: what films gain, what waits, what is left aside, and nothing overwritten."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import CaseCause, Kind, RecordState, Verdict
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.importing import ImportReport
from domain.films.source_records import reopen_record, resolve_record
from domain.models.film import Film, SourceRecord
from domain.models.review_case import ReviewCase
from tests.domain.builders import make_author, read_author
from tests.domain.joined import (
    FIRST_CSV,
    NOW,
    SECOND_CSV,
    get_film,
    get_identifiers,
    get_source_record,
    get_titles,
    import_text,
    link_by_ref,
    reject_records,
)

LINKED = link_by_ref(w1=1, w2=-2)


@pytest.fixture
def joined(engine: Engine, tmp_path: Path) -> Engine:
    """Two films of a first base; of the second, one line is linked, one doubtful, one a film of its own."""
    import_text(engine, tmp_path, FIRST_CSV, source="cnc")
    import_text(engine, tmp_path, SECOND_CSV, LINKED)
    return engine


def dump(engine: Engine) -> list[object]:
    """All that an import may change."""
    with read_session(engine) as session:
        rows = [*session.exec(select(Film)), *session.exec(select(SourceRecord)), *session.exec(select(ReviewCase))]
        sheets = [(get_titles(session, film_id), get_identifiers(session, film_id)) for film_id in (1, 2, 3)]
        return [sorted(str(row) for row in rows), sheets]


def test_a_film_gains_what_it_lacked_with_its_source_and_keeps_the_rest(joined: Engine) -> None:
    with read_session(joined) as session:
        uncle = get_film(session, 1)
        assert (uncle.title, uncle.year, uncle.directors) == ("Mon Oncle", 1958, ["Jacques Tati"])
        assert (uncle.original_title, uncle.runtime_min, uncle.kind, uncle.popularity) == ("Mon oncle", 117, Kind.FILM, 80.5)
        gained = ("original_title", "runtime_min", "countries", "kind", "popularity")
        assert uncle.merged_attributes == dict.fromkeys(gained, "monde")
        assert get_titles(session, 1) == {"mon oncle": "cnc", "my uncle": "monde"}
        assert get_identifiers(session, 1) == {
            ("visa", "20321"): "cnc", ("imdb", "tt0050706"): "monde", ("tmdb", "427"): "monde"
        }  # fmt: skip


def test_a_doubtful_line_waits_at_the_desk_and_gives_nothing(joined: Engine) -> None:
    with read_session(joined) as session:
        case = session.exec(select(ReviewCase)).one()
        waiting = get_source_record(session, "w2")
        assert (case.source_record_id, case.cause, case.film_id) == (waiting.id, CaseCause.DOUBT, 2)
        assert (case.probability, case.popularity, case.closed_at) == (0.6, 82, None)
        assert (waiting.state, waiting.film_id, waiting.proposals[0]["film_id"]) == (RecordState.DOUBTFUL, None, 2)
        assert get_film(session, 2).merged_attributes == {} and get_identifiers(session, 2) == {}


def test_a_line_that_is_no_known_film_becomes_one_or_is_left_aside(joined: Engine, tmp_path: Path) -> None:
    with read_session(joined) as session:
        parade = get_film(session, 3)
        assert (parade.source, parade.source_ref, parade.title) == ("monde", "w3", "Parade")
    more = SECOND_CSV + "w4,Trafic,,1971,96,Jacques Tati,France,film,50,tt0069400,\n"
    report = import_text(joined, tmp_path, more, link_by_ref(), aside=True)
    assert (report.created, report.unchanged, report.records_by_state) == (0, 3, {RecordState.ASIDE: 1})
    assert import_text(joined, tmp_path, more, reject_records, aside=True).unchanged == 4
    assert import_text(joined, tmp_path, more, link_by_ref()).created == 1
    with read_session(joined) as session:
        assert (get_source_record(session, "w4").state, get_source_record(session, "w4").film_id) == (RecordState.NEW, 4)


def test_importing_again_changes_nothing(joined: Engine, tmp_path: Path) -> None:
    before = dump(joined)
    report = import_text(joined, tmp_path, SECOND_CSV, reject_records)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 3) and not report.merged_counts
    assert import_text(joined, tmp_path, FIRST_CSV, reject_records, source="cnc").unchanged == 2
    assert dump(joined) == before


def test_a_changed_line_changes_what_its_base_gave_and_only_that(joined: Engine, tmp_path: Path) -> None:
    changed = SECOND_CSV.replace("My Uncle,Mon oncle,1959,117", "Uncle of Mine,,1960,").replace("tt0050706,427", "tt0050706,")
    import_text(joined, tmp_path, changed, LINKED)
    with read_session(joined) as session:
        uncle = get_film(session, 1)
        assert (uncle.year, uncle.runtime_min, uncle.original_title) == (1958, None, None)
        assert set(uncle.merged_attributes) == {"countries", "popularity"}
        assert get_titles(session, 1) == {"mon oncle": "cnc", "uncle of mine": "monde"}
        assert set(get_identifiers(session, 1)) == {("visa", "20321"), ("imdb", "tt0050706")}


def test_a_film_that_changes_keeps_its_gains_unless_it_now_tells_them(joined: Engine, tmp_path: Path) -> None:
    header, first, second = FIRST_CSV.splitlines()
    longer = f"{header},runtime_min,imdb\n{first.replace('1958', '1957')},116,tt0050706\n{second},,\n"
    assert import_text(joined, tmp_path, longer, reject_records, source="cnc").updated == 1
    with read_session(joined) as session:
        uncle = get_film(session, 1)
        assert (uncle.year, uncle.runtime_min, uncle.popularity) == (1957, 116, 80.5)
        assert "runtime_min" not in uncle.merged_attributes and uncle.merged_attributes["popularity"] == "monde"
        assert get_identifiers(session, 1)["imdb", "tt0050706"] == "cnc"
        assert get_titles(session, 1)["my uncle"] == "monde"


def test_a_changed_line_may_leave_its_film_for_another(joined: Engine, tmp_path: Path) -> None:
    import_text(joined, tmp_path, SECOND_CSV.replace("My Uncle", "Play Time"), link_by_ref(w1=2))
    with read_session(joined) as session:
        assert get_film(session, 1).merged_attributes == {} and set(get_identifiers(session, 1)) == {("visa", "20321")}
        assert get_identifiers(session, 2)["imdb", "tt0050706"] == "monde" and get_film(session, 2).year == 1959


def test_a_doubt_that_clears_leaves_the_desk(joined: Engine, tmp_path: Path) -> None:
    import_text(joined, tmp_path, SECOND_CSV.replace("w2,Playtime,,1967", "w2,Playtime,Playtime,1967"), link_by_ref(w2=2))
    with read_session(joined) as session:
        case = session.exec(select(ReviewCase)).one()
        assert case.closed_at is not None and (case.outcome, case.chosen_id) == (Verdict.SAME, 2)
        assert get_identifiers(session, 2) == {("imdb", "tt0062136"): "monde"}


def test_a_number_that_another_film_holds_is_told_and_left_there(engine: Engine, tmp_path: Path) -> None:
    import_text(engine, tmp_path, FIRST_CSV + "c3,PARADE,1974,,\n", source="cnc")
    dead = SECOND_CSV + "w4,Parade,,1974,,Jacques Tati,,,,tt9071969,427\n"
    report = import_text(engine, tmp_path, dead, link_by_ref(w1=1, w2=2, w3=3, w4=3))
    assert [(fault.line, fault.reason) for fault in report.faults] == [
        (5, "tmdb 427 appartient déjà au film 1 : numéro laissé de côté")
    ]
    with read_session(engine) as session:
        assert set(get_identifiers(session, 3)) == {("imdb", "tt0071969"), ("imdb", "tt9071969")}


def settled(engine: Engine, ref: str, film_id: int | None) -> list[tuple[str, str]]:
    with write_session(engine) as session:
        return resolve_record(session, get_source_record(session, ref), film_id, make_author("agent ada"), NOW).conflicts


def again(engine: Engine, folder: Path, text: str) -> ImportReport:
    return import_text(engine, folder, text, link_by_ref(w1=2, w2=1))


def test_a_person_settles_a_line_and_no_machine_changes_it(joined: Engine, tmp_path: Path) -> None:
    assert settled(joined, "w2", 2) == []
    again(joined, tmp_path, SECOND_CSV.replace("w2,Playtime,,1967,124", "w2,Playtime,,1967,155"))
    with read_session(joined) as session:
        playtime, record = get_film(session, 2), get_source_record(session, "w2")
        assert (record.state, record.film_id, record.by_person, read_author(session, record)) == (
            RecordState.LINKED,
            2,
            True,
            "agent ada",
        )
        assert (playtime.runtime_min, playtime.merged_attributes["runtime_min"]) == (155, "monde")


def test_a_person_says_that_a_line_is_a_film_of_its_own(joined: Engine, tmp_path: Path) -> None:
    settled(joined, "w2", None)
    again(joined, tmp_path, SECOND_CSV.replace("w2,Playtime", "w2,Play Time"))
    with read_session(joined) as session:
        made = get_film(session, 4)
        assert (made.source_ref, made.title, get_source_record(session, "w2").state) == ("w2", "Play Time", RecordState.NEW)
        assert get_identifiers(session, 4) == {("imdb", "tt0062136"): "monde"}
    with pytest.raises(UserError, match="déjà un film à part"):
        settled(joined, "w2", 2)


@pytest.mark.parametrize("choice", [2, None])
def test_what_a_person_settled_can_be_taken_back(joined: Engine, choice: int | None) -> None:
    settled(joined, "w2", choice)
    with write_session(joined) as session:
        reopen_record(session, get_source_record(session, "w2"), NOW)
    with read_session(joined) as session:
        assert (get_source_record(session, "w2").state, get_source_record(session, "w2").by_person) == (
            RecordState.DOUBTFUL,
            False,
        )
        assert session.get(Film, 4) is None and get_film(session, 2).merged_attributes == {}


def test_a_base_under_a_wrong_name_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nom de base incorrect"):
        import_text(engine, tmp_path, FIRST_CSV, source="Le Monde")
