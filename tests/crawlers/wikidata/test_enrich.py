"""Films enriched from a stand-in for Wikidata: what they gain, what is told, and a run that is stopped and taken up."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from crawlers.wikidata import enrich as enriching
from crawlers.wikidata.endpoint import SparqlEndpoint
from domain.common.enums import LookupFinding, RecordState, TitleKind
from domain.db.engine import read_session, write_session
from domain.films.enrichment import FilmQuery
from domain.films.source_records import resolve_record
from domain.models.film import EnrichmentRequest, FilmTitle
from domain.models.review_case import ReviewCase
from tests.crawlers.wikidata.conftest import FakeEndpoint, run_enrich
from tests.domain.builders import make_author
from tests.domain.joined import NOW, get_film, get_identifiers, get_source_record, get_titles, import_text, reject_records

BASE = (
    "id,title,year,runtime_min,directors,visa,imdb\n"
    "1,Mon oncle,1958,110,Jacques Tati,20321,\n"
    "2,Playtime,1967,,,,tt0062136\n"
    "3,Parade,1974,,,,tt0071969\n"
    "4,Trafic,1971,,,,tt0069400\n"
    "5,Jour de fête,1949,,Jacques Tati,,tt0040497\n"
    "6,Soigne ton gauche,1936,,,,tt0028282\n"
    "7,Sans numéro,2000,,,,\n"
)


@pytest.fixture
def base(engine: Engine, tmp_path: Path) -> Engine:
    """Store seven films of one source."""
    import_text(engine, tmp_path, BASE, source="cnc")
    return engine


def findings(engine: Engine) -> dict[int, LookupFinding]:
    with read_session(engine) as session:
        return {request.film_id: request.finding for request in session.exec(select(EnrichmentRequest))}


def test_a_film_gains_what_its_item_says_with_its_source(base: Engine, wikidata: FakeEndpoint) -> None:
    done = run_enrich(base, wikidata)
    assert done.findings[LookupFinding.FOUND] == 2
    with read_session(base) as session:
        uncle = get_film(session, 1)
        assert (uncle.runtime_min, str(uncle.release_date), uncle.original_title) == (110, "1958-05-10", "Mon oncle")
        assert uncle.merged_attributes == {"original_title": "wikidata", "release_date": "wikidata"}
        gained = {pair for pair, source in get_identifiers(session, 1).items() if source == "wikidata"}
        assert gained == {
            ("wikidata", "Q101"), ("imdb", "tt0050706"), ("allocine", "2221"), ("senscritique", "367862"), ("tmdb", "427")
        }  # fmt: skip
        expected = {"mon oncle": "cnc", "my uncle": "wikidata", "monsieur hulot et la villa arpel": "wikidata"}
        assert get_titles(session, 1) == expected


def test_what_is_ambiguous_is_not_chosen(base: Engine, wikidata: FakeEndpoint) -> None:
    run_enrich(base, wikidata)
    with read_session(base) as session:
        playtime = get_film(session, 2)
        assert (playtime.runtime_min, playtime.directors) == (None, [])
        assert set(get_identifiers(session, 2)) == {("imdb", "tt0062136"), ("wikidata", "Q102")}


def test_what_is_not_sure_is_told_and_gives_nothing(base: Engine, wikidata: FakeEndpoint) -> None:
    done = run_enrich(base, wikidata)
    assert findings(base) == {
        1: LookupFinding.FOUND,
        2: LookupFinding.FOUND,
        3: LookupFinding.ABSENT,
        4: LookupFinding.SEVERAL,
        5: LookupFinding.CONTRADICTED,
        6: LookupFinding.ABSENT,
    }
    assert done.messages == [
        "film 3 (Parade) : Q103 n'a pas de titre",
        "film 4 (Trafic) : plusieurs éléments portent ses numéros (Q104, Q105)",
        "film 5 (Jour de fête) : Q106 porte son numéro mais ni son titre, ni son année, ni son réalisateur",
    ]
    with read_session(base) as session:
        case = session.exec(select(ReviewCase)).one()
        assert (case.source_record_id, case.film_id, case.doubt) == (get_source_record(session, "Q106").id, 5, "identifier")
        assert all(get_film(session, number).merged_attributes == {} for number in (3, 4, 5))


def test_a_persons_word_about_an_item_stands(base: Engine, wikidata: FakeEndpoint) -> None:
    run_enrich(base, wikidata)
    with write_session(base) as session:
        resolve_record(session, get_source_record(session, "Q106"), 5, make_author("agent ada"), NOW)
    run_enrich(base, wikidata, older_than=0)
    with read_session(base) as session:
        assert get_source_record(session, "Q106").by_person and get_identifiers(session, 5)["wikidata", "Q106"] == "wikidata"


def test_asked_again_films_change_only_by_what_the_item_says_now(base: Engine, wikidata: FakeEndpoint) -> None:
    run_enrich(base, wikidata)
    request_count = len(wikidata.requests)
    assert run_enrich(base, wikidata).findings.total() == 0 and len(wikidata.requests) == request_count
    assert not run_enrich(base, wikidata, older_than=0).merged_counts.total()
    wikidata.graph.update(
        'PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/> '
        'DELETE DATA { wd:Q101 wdt:P1265 "2221" . wd:Q102 wdt:P345 "tt0062136" }'
    )  # fmt: skip
    run_enrich(base, wikidata, older_than=0)
    with read_session(base) as session:
        assert ("allocine", "2221") not in get_identifiers(session, 1)
        assert (get_source_record(session, "Q102").state, set(get_identifiers(session, 2))) == (
            RecordState.ASIDE,
            {("imdb", "tt0062136")},
        )


def test_an_item_serves_one_film_only(base: Engine, wikidata: FakeEndpoint, tmp_path: Path) -> None:
    import_text(base, tmp_path, BASE + "8,Mon oncle,1958,,,,tt0050706\n", reject_records, source="cnc")
    done = run_enrich(base, wikidata)
    assert findings(base)[8] is LookupFinding.SEVERAL and "Q101 est déjà rattaché au film 1" in done.messages[-2]


def test_titles_gained_keep_their_language(base: Engine, wikidata: FakeEndpoint, tmp_path: Path) -> None:
    import_text(base, tmp_path, BASE.replace("1,Mon oncle", "1,Mon oncle et moi"), source="cnc")
    run_enrich(base, wikidata)
    with read_session(base) as session:
        gained = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.source == "wikidata")).all()
        assert {(title.key, title.kind, title.language) for title in gained} == {
            ("mon oncle", TitleKind.ORIGINAL, "fr"),
            ("my uncle", TitleKind.ALTERNATIVE, "en"),
            ("monsieur hulot et la villa arpel", TitleKind.ALIAS, "fr"),
        }


def test_a_run_killed_in_the_middle_is_taken_up_where_it_stopped(
    base: Engine, wikidata: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enriching, "_BATCH_SIZE", 2)

    ask = enriching._build_answers

    def ask_or_die(endpoint: SparqlEndpoint, batch: list[FilmQuery]) -> Any:
        if "tt0069400" in str(batch):
            raise KeyboardInterrupt
        return ask(endpoint, batch)

    monkeypatch.setattr(enriching, "_build_answers", ask_or_die)
    with pytest.raises(KeyboardInterrupt):
        run_enrich(base, wikidata)
    assert set(findings(base)) == {1, 2}
    monkeypatch.setattr(enriching, "_build_answers", ask)
    wikidata.requests.clear()
    assert run_enrich(base, wikidata).findings.total() == 4
    assert not any("tt0062136" in query for _, query in wikidata.requests)
