"""The verbs of the register, of agents' tasks and of editors' keys, as a person meets them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from domain.common.enums import TaskKind
from domain.db.engine import read_session, write_session
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.tasks import open_task
from tests.cli.command import assert_refused, open_database, run_ouvoir
from tests.crawlers.conftest import PLATFORMS
from tests.domain.builders import make_platform

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def write_agreed_platform(tmp_path: Path) -> Path:
    """Write a folder with the example editor, its agreement signed."""
    text = (PLATFORMS / "editeur-exemple.toml").read_text("utf-8")
    (tmp_path / "editeur.toml").write_text(re.sub(r"^blocked.*\n", "", text, flags=re.MULTILINE), "utf-8")
    return tmp_path


def test_platforms_lists_every_service_with_its_state(database: Path) -> None:
    result = run_ouvoir("platforms")
    rows = {row.split("  ")[0]: row for row in result.stdout.splitlines()}
    assert result.exit_code == 0 and len(rows) == 1 + len(list(PLATFORMS.glob("*.toml")))
    assert "interdite" in rows["Netflix"] and "bloquée (accord)" in rows["MUBI"] and "fermée" in rows["Salto"]


def test_check_says_that_the_files_of_the_project_are_right(database: Path) -> None:
    result = run_ouvoir("platforms", "--check")
    assert (result.exit_code, result.stdout) == (0, "0 faute\n")


def test_check_names_file_key_and_what_was_expected(database: Path, tmp_path: Path) -> None:
    (tmp_path / "faux.toml").write_text('name = "Faux"\noperater = "X"\n', "utf-8")
    result = run_ouvoir("platforms", "--platforms", tmp_path, "--check")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "faux.toml : operater : clé inconnue (peut-être « operator » ?)"


def test_tasks_are_listed_and_closed_with_a_reason(database: Path) -> None:
    engine = open_database(database)
    with write_session(engine) as session:
        platform = make_platform(session)
        assert platform.id is not None
        open_task(session, platform.id, TaskKind.ROBOTS, "Cine-Exemple : robots.txt a changé", NOW)
    assert "1  2026-11-22  Cine-Exemple : robots.txt a changé" in run_ouvoir("tasks").stdout
    assert_refused(run_ouvoir("tasks", "--close", 1), "une raison est attendue")
    assert run_ouvoir("tasks", "--close", 1, "--reason", "relu").stdout == "tâche 1 close\n"
    assert run_ouvoir("tasks").stdout == "aucune tâche en attente\n"
    engine.dispose()


def test_a_key_is_shown_once_and_only_its_hash_is_kept(database: Path, tmp_path: Path) -> None:
    result = run_ouvoir("editor-key", "create", "editeur", "--label", "Jeanne", "--platforms", write_agreed_platform(tmp_path))
    key = result.stdout.strip()
    assert result.exit_code == 0 and key.startswith("ouvoir_prod_")
    engine = open_database(database)
    with read_session(engine) as session:
        stored_key = session.exec(select(EditorKey)).one()
        assert key not in stored_key.model_dump_json() and session.exec(select(Platform.slug)).all() == ["editeur"]
    engine.dispose()
    listed = run_ouvoir("editor-key", "list").stdout
    assert key not in listed and "production" in listed and "en vigueur" in listed and "Jeanne" in listed
    assert run_ouvoir("editor-key", "revoke", 1).stdout == "clé 1 révoquée\n"
    assert "révoquée le" in run_ouvoir("editor-key", "list", "editeur").stdout


def test_only_an_editor_that_may_push_gets_a_production_key(database: Path) -> None:
    assert_refused(run_ouvoir("editor-key", "create", "mubi", "--label", "x"), "mubi.toml", "« push » attendu")
    assert_refused(run_ouvoir("editor-key", "create", "editeur-exemple", "--label", "x"), "pas encore de clé de production")
    result = run_ouvoir("editor-key", "create", "editeur-exemple", "--label", "x", "--recette")
    assert result.stdout.startswith("ouvoir_recette_")
