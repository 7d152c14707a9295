"""Films enriched from a dump of Wikidata: as by its service, and a damaged or hostile file stops or skips, never lies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from crawlers.wikidata import dump as dumping
from crawlers.wikidata import dump_reader
from crawlers.wikidata.dump import DumpReport, enrich_from_dump
from domain.common.enums import LookupFinding, TitleKind
from domain.common.environment import ROOT
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.edits import remove_title
from domain.models.film import EnrichmentRequest, FilmTitle
from tests.crawlers.wikidata.conftest import FakeEndpoint, run_enrich
from tests.crawlers.wikidata.dumps import ENTITIES, MON_ONCLE, PLAYTIME, TATI, dump_entities, make_claim, make_entity, write_dump
from tests.crawlers.wikidata.test_enrich import BASE
from tests.domain.joined import NOW, get_film, get_identifiers, get_titles, import_text
from tests.domain.review_scene import make_agent


@pytest.fixture
def base(engine: Engine, tmp_path: Path) -> Engine:
    """Store seven films of one source."""
    import_text(engine, tmp_path, BASE, source="cnc")
    return engine


def run_dump(engine: Engine, path: Path, older_than: int = 90) -> DumpReport:
    return enrich_from_dump(engine, path, older_than, lambda line: None)


def read_findings(engine: Engine) -> dict[int, LookupFinding]:
    with read_session(engine) as session:
        return {request.film_id: request.finding for request in session.exec(select(EnrichmentRequest))}


@pytest.mark.parametrize("name", ["wikidata.json", "wikidata.json.gz", "wikidata.json.bz2"])
def test_a_film_gains_what_its_item_says_with_its_source(base: Engine, tmp_path: Path, name: str) -> None:
    report = run_dump(base, write_dump(tmp_path, name=name))
    assert report.findings[LookupFinding.FOUND] == 2 and report.reading.damaged_count == 0
    with read_session(base) as session:
        uncle = get_film(session, 1)
        assert (uncle.runtime_min, str(uncle.release_date), uncle.original_title) == (110, "1958-05-10", "Mon oncle")
        gained = {pair for pair, source in get_identifiers(session, 1).items() if source == "wikidata"}
        assert gained == {
            ("wikidata", "Q101"), ("imdb", "tt0050706"), ("allocine", "2221"), ("senscritique", "367862"), ("tmdb", "427")
        }  # fmt: skip
        titles = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.source == "wikidata"))
        assert {(title.title, title.kind, title.language) for title in titles} == {
            ("My Uncle", TitleKind.ALTERNATIVE, "en"),
            ("Monsieur Hulot et la villa Arpel", TitleKind.ALIAS, "fr"),
        }


def test_directors_are_known_by_their_names_wherever_they_stand_in_the_file(base: Engine, tmp_path: Path) -> None:
    playtime = json.loads(json.dumps(PLAYTIME))
    playtime["claims"]["P57"] = [make_claim({"id": "Q900"}), make_claim({"id": "Q999"})]
    run_dump(base, write_dump(tmp_path, dump_entities([playtime, TATI])))
    with read_session(base) as session:
        assert get_film(session, 2).directors == ["Jacques Tati"]


def test_what_is_not_sure_is_told_and_films_that_the_file_lacks_are_left(base: Engine, tmp_path: Path) -> None:
    report = run_dump(base, write_dump(tmp_path))
    assert read_findings(base) == {
        1: LookupFinding.FOUND, 2: LookupFinding.FOUND, 3: LookupFinding.ABSENT, 4: LookupFinding.SEVERAL,
        5: LookupFinding.CONTRADICTED,
    }  # fmt: skip
    assert report.findings[LookupFinding.ABSENT] == 2
    assert report.messages == [
        "film 3 (Parade) : Q103 n'a pas de titre",
        "film 4 (Trafic) : plusieurs éléments portent ses numéros (Q104, Q105)",
        "film 5 (Jour de fête) : Q106 porte son numéro mais ni son titre, ni son année, ni son réalisateur",
    ]


def test_a_dump_and_the_service_say_the_same(base: Engine, tmp_path: Path, wikidata: FakeEndpoint) -> None:
    run_dump(base, write_dump(tmp_path))
    with read_session(base) as session:
        titles, film = get_titles(session, 1), get_film(session, 1).model_dump(exclude={"updated_at"})
    run_enrich(base, wikidata, older_than=0)
    with read_session(base) as session:
        assert (get_titles(session, 1), get_film(session, 1).model_dump(exclude={"updated_at"})) == (titles, film)


def test_an_item_is_never_joined_by_its_title(base: Engine, tmp_path: Path) -> None:
    namesake = make_entity("Q7", {"fr": "Sans numéro"}, claims={"P345": [make_claim("tt7777777")]})
    report = run_dump(base, write_dump(tmp_path, dump_entities([namesake])))
    assert report.findings[LookupFinding.FOUND] == 0 and read_findings(base) == {}


def test_the_same_dump_again_changes_nothing_and_films_done_are_not_done_again(base: Engine, tmp_path: Path) -> None:
    path = write_dump(tmp_path)
    run_dump(base, path)
    assert run_dump(base, path).findings[LookupFinding.FOUND] == 0
    again = run_dump(base, path, older_than=0)
    assert again.findings[LookupFinding.FOUND] == 2 and not again.merged_counts.total()


def test_a_title_that_an_agent_removed_stays_away(base: Engine, tmp_path: Path) -> None:
    path = write_dump(tmp_path)
    run_dump(base, path)
    with write_session(base) as session:
        row = session.exec(select(FilmTitle).where(FilmTitle.title == "My Uncle")).one()
        remove_title(session, 1, make_agent(session), row.id or 0, "faute", NOW)
    run_dump(base, path, older_than=0)
    with read_session(base) as session:
        assert "my uncle" not in get_titles(session, 1)


def test_json_lines_without_brackets_or_all_around_one_are_read_too(base: Engine, tmp_path: Path) -> None:
    lines = b"\r\n".join(json.dumps(entity).encode() for entity in ENTITIES)
    assert run_dump(base, write_dump(tmp_path, lines)).findings[LookupFinding.FOUND] == 2
    one = b"[" + json.dumps(PLAYTIME).encode() + b"]"
    assert run_dump(base, write_dump(tmp_path, one), older_than=0).findings[LookupFinding.FOUND] == 1


DAMAGED = {
    "cut": json.dumps(MON_ONCLE).encode()[:300],
    "cut inside braces": json.dumps(MON_ONCLE).encode()[:300] + b"}",
    "deep": b'{"P345":' * 50_000 + b"1" + b"}" * 50_000,
    "latin-1": json.dumps(MON_ONCLE, ensure_ascii=False).replace("Arpel", "Arpèl").encode("latin-1"),
    "utf-16": json.dumps(MON_ONCLE).encode("utf-16"),
    "nul": b"\0" * 1000,
    "no id": b'{"type":"item","claims":{"P345":[]}}',
    "a number": b"12",
    "a huge number": b'{"id":' + b"9" * 100_000 + b',"claims":{"P345":[]}}',
    "long": b"x" * 20_000,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_line_is_counted_with_its_number_and_the_rest_is_read(
    base: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "long":
        monkeypatch.setattr(dump_reader, "_MAX_LINE_BYTES", 10_000)
    damaged = DAMAGED[name].replace(b"\n", b" ")
    content = dump_entities([TATI, PLAYTIME]).replace(b",\n", b",\n" + damaged + b",\n", 1)
    report = run_dump(base, write_dump(tmp_path, content))
    assert report.findings[LookupFinding.FOUND] == 1
    assert report.reading.damaged_count == 1 and report.reading.damaged_lines[0][0] == 3


@pytest.mark.parametrize("wrong", [None, 1, "x", [], {}, [1], [None], {"fr": 1}, {"fr": [1]}, {"fr": {"value": 1}}, [[[]]]])
@pytest.mark.parametrize("place", ["labels", "aliases", "claims", "P1476", "P57", "P577", "P2047", "P345", "mainsnak"])
def test_wrong_types_are_no_values(sqlite_engine: Engine, tmp_path: Path, place: str, wrong: object) -> None:
    import_text(sqlite_engine, tmp_path, BASE, source="cnc")
    hostile = json.loads(json.dumps(MON_ONCLE))
    if place == "mainsnak":
        for claims in hostile["claims"].values():
            claims[0]["mainsnak"] = wrong
    elif place.startswith("P"):
        hostile["claims"][place] = wrong
    else:
        hostile[place] = wrong
    report = run_dump(sqlite_engine, write_dump(tmp_path, dump_entities([PLAYTIME, hostile])))
    assert report.findings[LookupFinding.FOUND] in (1, 2) and report.reading.damaged_count == 0


def test_hostile_texts_are_cleaned_or_left_out(base: Engine, tmp_path: Path) -> None:
    texts = ["Play\u202etime\u0000 X", "\u200b", "x" * 100_000, "vf", "\ud800Play", "  ", "playtime"]
    hostile = make_entity("Q102", {"fr": "Playtime"}, {"fr": texts, "en": ["<b>Y</b>"]}, {"P345": [make_claim("tt0062136")]})
    run_dump(base, write_dump(tmp_path, json.dumps(hostile).encode()))
    with read_session(base) as session:
        rows = session.exec(select(FilmTitle.title).where(FilmTitle.film_id == 2, FilmTitle.kind == TitleKind.ALIAS))
        assert sorted(rows) == ["<b>Y</b>", "Play", "Playtime X"]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<!doctype html>\n<p>403</p>\n", "wikidata.json", "wikidata.json, ligne 1 : ce n'est pas un objet JSON entier"),
        (b'{"a":1}\n', "wikidata.json", "wikidata.json, ligne 1 : entité sans identifiant"),
        (b"[\n]\n", "wikidata.json", "wikidata.json, ligne 1 : aucune entité"),
        (b"\n", "wikidata.json.gz", "wikidata.json.gz, ligne 1 : aucune entité"),
    ],
)
def test_a_file_that_is_no_dump_is_refused(base: Engine, tmp_path: Path, content: bytes, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        run_dump(base, write_dump(tmp_path, content, name))


@pytest.mark.parametrize(
    ("name", "cut", "message"),
    [
        ("d.json.gz", slice(None, -30), "d.json.gz, ligne .* : fichier compressé tronqué, la fin manque"),
        ("d.json.bz2", slice(None, -30), "d.json.bz2, ligne .* : fichier compressé tronqué, la fin manque"),
        ("d.json.gz", slice(None, None, 2), "d.json.gz, ligne 1 : fichier gzip endommagé"),
        ("d.json.bz2", slice(None, None, 2), "d.json.bz2"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_gives_nothing(
    base: Engine, tmp_path: Path, name: str, cut: slice, message: str
) -> None:
    path = write_dump(tmp_path, name=name)
    content = path.read_bytes()
    path.write_bytes(content[:10] + content[10:][cut])
    with pytest.raises(UserError, match=message):
        run_dump(base, path)
    assert read_findings(base) == {}


@pytest.mark.parametrize(("name", "message"), [("absent.json", "fichier illisible"), (".", "c'est un dossier")])
def test_a_file_that_is_not_there_is_said(base: Engine, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        run_dump(base, tmp_path / name)


def test_a_film_that_loses_its_number_while_the_file_is_read_gains_nothing(
    base: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_names = dumping._read_names

    def read_then_change(*arguments: object) -> None:
        read_names(*arguments)  # type: ignore[arg-type]
        import_text(base, tmp_path, BASE.replace("tt0062136", "tt0062137"), source="cnc")

    monkeypatch.setattr(dumping, "_read_names", read_then_change)
    run_dump(base, write_dump(tmp_path))
    assert 2 not in read_findings(base)


def test_a_run_killed_outright_goes_on_from_its_last_batch(sqlite_engine: Engine, tmp_path: Path) -> None:
    entities = [
        make_entity(f"Q{number}", {"fr": f"Hulot {number}"}, claims={"P345": [make_claim(f"tt{number:07}")]})
        for number in range(1000, 4000)
    ]
    films = "".join(f"{number},Hulot {number},tt{number:07}\n" for number in range(1000, 4000))
    import_text(sqlite_engine, tmp_path, f"id,title,imdb\n{films}", source="cnc")
    path = write_dump(tmp_path, dump_entities(entities), "wikidata.json.gz")
    environment = os.environ | {"OUVOIR_DATABASE_URL": str(sqlite_engine.url), "OUVOIR_VAR": str(tmp_path)}
    script = "from cli.main import main; main()"
    command = [sys.executable, "-c", script, "enrich", "--from", "wikidata", "--dump", str(path)]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE) as child:
        while not read_findings(sqlite_engine):
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    done = len(read_findings(sqlite_engine))
    assert 0 < done < 3000
    assert run_dump(sqlite_engine, path).findings[LookupFinding.FOUND] == 3000 - done


def test_of_many_items_that_bear_one_number_a_few_are_held_and_none_is_chosen(base: Engine, tmp_path: Path) -> None:
    rivals = [make_entity(f"Q{number}", {"fr": "Playtime"}, claims=PLAYTIME["claims"]) for number in range(1, 60)]
    report = run_dump(base, write_dump(tmp_path, dump_entities(rivals)))
    assert report.messages == ["film 2 (Playtime) : plusieurs éléments portent ses numéros (Q1, Q2, Q3, Q4, Q5, …)"]
