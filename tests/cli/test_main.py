"""The command as a person meets it: results, and one clear line when something is wrong."""

import gzip
import socket
import sqlite3
from pathlib import Path

import pytest

from domain.common.environment import DATA
from domain.db.engine import write_session
from tests.cli.command import assert_refused, open_database, run_ouvoir
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental

FILMS = "id,title,year\na,Playtime,1967\nb,L'Été meurtrier,1983\n"


def test_import_says_what_it_did_and_each_bad_line(database: Path, tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text(FILMS + "c,,1990\n", "utf-8")
    result = run_ouvoir("import", tmp_path / "films.csv", "--layout", "films")
    assert result.exit_code == 0
    assert result.stdout == "2 films créés, 0 mis à jour, 0 inchangé, 1 signalement\n"
    assert "films.csv, ligne 4 : titre absent" in result.stderr


@pytest.mark.parametrize(
    ("content", "layout", "expected"),
    [
        (FILMS.encode(), "dvd", ("disposition inconnue", "cnc ou films")),
        (b"id,name\n1,x\n", "films", ("films.csv, ligne 1", "colonne absente : title")),
        (FILMS.encode(), "cnc", ("films.csv, ligne 1", "colonne absente : N°CNC")),
        (b"id,title\n\xc3\xa9,\xff\xfe\n", "films", ("films.csv, ligne 2", "octets illisibles")),
        (gzip.compress(FILMS.encode() * 9, mtime=0)[:-12], "films", ("films.csv", "gzip tronqué")),
        (b"<!doctype html><p>Session expir\xc3\xa9e", "films", ("films.csv", "page HTML")),
        (b"", "films", ("films.csv", "fichier vide")),
        (b"id,title\n\0\0", "films", ("films.csv", "pas du texte")),
    ],
)
def test_an_unusable_base_is_refused_in_one_line(
    database: Path, tmp_path: Path, content: bytes, layout: str, expected: tuple[str, ...]
) -> None:
    (tmp_path / "films.csv").write_bytes(content)
    assert_refused(run_ouvoir("import", tmp_path / "films.csv", "--layout", layout), *expected)


def test_a_file_that_is_not_there_is_named(database: Path) -> None:
    assert_refused(run_ouvoir("import", "nulle-part.csv", "--layout", "films"), "nulle-part.csv", "introuvable")


def test_an_unknown_platform_is_refused_with_those_known(database: Path) -> None:
    assert_refused(run_ouvoir("crawl", "orangee"), "plateforme inconnue", "orange")


@pytest.mark.parametrize("origin", ["http://[::1", "http://127.0.0.1:99999", "file://127.0.0.1/etc/passwd", "zzz"])
def test_an_origin_that_is_no_server_is_refused(database: Path, origin: str) -> None:
    assert_refused(run_ouvoir("crawl", "orange", "--origin", origin), "--origin", "attendu")


def test_a_folder_that_is_not_there_is_said(database: Path, tmp_path: Path) -> None:
    assert_refused(run_ouvoir("crawl", "orange", "--platforms", tmp_path / "rien"), "introuvable")
    assert_refused(run_ouvoir("schedule", "--once", "--platforms", tmp_path / "rien"), "introuvable")


def test_a_typo_in_a_platform_file_names_file_and_key(database: Path, tmp_path: Path) -> None:
    text = (DATA / "platforms" / "orange.toml").read_text("utf-8")
    (tmp_path / "orange.toml").write_text(text.replace("format =", "formt ="), "utf-8")
    assert_refused(run_ouvoir("crawl", "orange", "--platforms", tmp_path), "orange.toml", "formt", "format")


def test_a_platform_without_agreement_is_not_collected(database: Path) -> None:
    assert_refused(run_ouvoir("crawl", "orange"), "orange", "collecte pas encore permise")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["crawl"], "il manque"),
        (["accept", "deux", "--reason", "x"], "valeur refusée"),
        (["serve", "--prt", "1"], "option inconnue"),
    ],
)
def test_a_command_misused_is_told_in_one_line(words: list[str], expected: str) -> None:
    assert_refused(run_ouvoir(*words), expected)


def test_a_locked_database_is_said(database: Path, tmp_path: Path) -> None:
    open_database(database).dispose()
    (tmp_path / "films.csv").write_text(FILMS, "utf-8")
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert_refused(run_ouvoir("import", tmp_path / "films.csv", "--layout", "films"), "ouvoir.db", "occupée")
    finally:
        holder.close()


def test_a_read_only_database_is_said(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(database).dispose()
    (tmp_path / "films.csv").write_text(FILMS, "utf-8")
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///file:{database}?mode=ro&uri=true")
    assert_refused(run_ouvoir("import", tmp_path / "films.csv", "--layout", "films"), "lecture seule")


@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_port_in_use_is_said(database: Path, verb: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert_refused(run_ouvoir(verb, "--port", taken.getsockname()[1]), str(taken.getsockname()[1]), "déjà pris")


def test_runs_and_accept_tell_the_story_of_a_held_run(database: Path) -> None:
    assert run_ouvoir("runs").stdout == "aucune collecte\n"
    engine = open_database(database)
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(
            session,
            platform,
            [make_observation(str(n), f"Film {n}", make_rental(url=f"https://cine.example/{n}")) for n in range(20)],
        )
        collect_run(session, platform, [make_observation("1", "Film 1", make_rental())])
    engine.dispose()
    listed = run_ouvoir("runs", "cine-exemple").stdout
    assert "en attente" in listed and "1 titre contre 20" in listed and "acceptée" in listed
    assert_refused(run_ouvoir("accept", 2, "--reason", " "), "raison")
    assert run_ouvoir("reject", 2, "--reason", "catalogue coupé").exit_code == 0
    assert "refusée par une personne : catalogue coupé" in run_ouvoir("runs").stdout
    assert_refused(run_ouvoir("reject", 2, "--reason", "encore"), "pas en attente")
    assert run_ouvoir("accept", 2, "--reason", "catalogue réduit, vérifié").exit_code == 0
    assert "acceptée par une personne : catalogue réduit, vérifié" in run_ouvoir("runs").stdout
    assert_refused(run_ouvoir("runs", "inconnue"), "plateforme inconnue")
    assert_refused(run_ouvoir("accept", 99, "--reason", "x"), "collecte inconnue : 99")


def test_an_unforeseen_fault_leaves_its_trace_in_a_file_only(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))
    monkeypatch.setattr("matcher.match_database.match_database", lambda engine, progress, full: 1 / 0)
    result = run_ouvoir("match")
    assert result.exit_code == 1 and "erreur inattendue (ZeroDivisionError)" in result.stderr
    assert "Traceback" not in result.stdout and "cli/group.py" not in result.stderr
    assert "ZeroDivisionError" in (tmp_path / "var" / "erreur.log").read_text("utf-8")
