"""A second base joined by the real matcher."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import RecordState
from domain.db.engine import read_session, write_session
from domain.films.importing import ImportReport, import_films
from domain.films.source_records import resolve_record
from domain.models.film import Film, SourceRecord
from domain.models.review_case import ReviewCase
from matcher.explanations import explain_decision
from matcher.source_linking import make_source_record_linker
from tests.domain.builders import make_author
from tests.domain.joined import NOW, get_film, get_identifiers, get_source_record, get_titles

CNC = (
    "id,title,year,release_date,directors,countries,visa\n"
    "1,MON ONCLE,1957,1958-05-10,TATI Jacques,FRANCE,20321\n"
    "2,LES SEPT SAMOURAIS,1954,,KUROSAWA Akira,JAPON,\n"
    "3,LE REFUGE,2009,2010-01-27,OZON François,FRANCE,\n"
    "4,PERSEPOLIS,2005,2007-06-27,SATRAPI Marjane,FRANCE,\n"
)
WORLD = (
    "id,title,original_title,title_fr,year,runtime_min,directors,countries,kind,imdb\n"
    "w1,My Uncle,Mon oncle,,1958,117,Jacques Tati,France,film,tt0050706\n"
    "w2,Seven Samurai,七人の侍,Les Sept Samouraïs,1954,207,Akira Kurosawa,Japan,film,tt0047478\n"
    "w3,Hideaway,Le refuge,,2009,88,François Ozon,FR,film,tt1504429\n"
    "w4,Persepolis,,,2007,95,Somebody Else,,film,tt0808417\n"
    "w5,Brazil,Brazil,,1985,132,Terry Gilliam,UK,film,tt0088846\n"
)


def imported(engine: Engine, folder: Path, text: str, source: str, aside: bool = False) -> ImportReport:
    path = folder / f"{source}.csv"
    path.write_text(text, "utf-8")
    link = make_source_record_linker(engine, source, lambda message: None)
    return import_films(engine, path, "films", lambda message: None, source=source, linker=link, aside=aside)


def states(engine: Engine) -> dict[str, RecordState]:
    with read_session(engine) as session:
        rows = session.exec(select(SourceRecord.source_ref, SourceRecord.state))
        return {source_ref: RecordState(state) for source_ref, state in rows}


def test_lines_are_joined_doubtful_or_new_as_the_matcher_says(engine: Engine, tmp_path: Path) -> None:
    assert imported(engine, tmp_path, CNC, "cnc").created == 4
    report = imported(engine, tmp_path, WORLD, "monde")
    assert states(engine) == dict.fromkeys(("w1", "w2", "w3"), RecordState.LINKED) | {"w4": RecordState.DOUBTFUL}
    assert report.created == 1 and report.merged_counts["imdb"] == 3
    with read_session(engine) as session:
        assert get_identifiers(session, 2) == {("imdb", "tt0047478"): "monde"}
        assert get_titles(session, 2) == {"sept samourais": "cnc", "seven samurai": "monde", "七人の侍": "monde"}
        case = session.exec(select(ReviewCase)).one()
        assert (case.film_id, case.doubt) == (4, "directors") and "réalisateurs" in explain_decision(
            get_source_record(session, "w4")
        )
        assert get_film(session, 5).title == "Brazil"


def test_the_other_way_round_the_same_films_meet(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, WORLD, "monde")
    imported(engine, tmp_path, CNC, "cnc")
    with read_session(engine) as session:
        assert get_identifiers(session, 1) == {("imdb", "tt0050706"): "monde", ("visa", "20321"): "cnc"}
        assert (get_film(session, 1).year, str(get_film(session, 1).release_date)) == (1958, "1958-05-10")
        assert len(session.exec(select(Film)).all()) == 5


def test_again_nothing_is_decided_twice_and_persons_are_heard(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, CNC, "cnc")
    imported(engine, tmp_path, WORLD, "monde", aside=True)
    again = imported(engine, tmp_path, WORLD, "monde", aside=True)
    assert (again.unchanged, again.records_by_state) == (5, {})
    with write_session(engine) as session:
        resolve_record(session, get_source_record(session, "w4"), 4, make_author("agent ada"), NOW)
    imported(engine, tmp_path, WORLD.replace("Somebody Else", "Still Somebody"), "monde", aside=True)
    assert states(engine)["w4"] is RecordState.LINKED
    assert states(engine)["w5"] is RecordState.ASIDE


def test_a_line_that_comes_later_does_not_take_a_film_that_has_its_line(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, CNC, "cnc")
    imported(engine, tmp_path, WORLD, "monde")
    imported(engine, tmp_path, WORLD + "w6,Hideaway,Le refuge,,2009,88,François Ozon,FR,film,tt9504429\n", "monde")
    assert states(engine)["w6"] is RecordState.DOUBTFUL
