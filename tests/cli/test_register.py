"""The verbs of the register, of agents' tasks and of editors' keys, as a person meets them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from domain.common.enums import TaskKind
from domain.db.engine import read_session, write_session
from domain.models.delivery import EditorKey
from domain.models.platform import Platform
from domain.tasks import open_task
from tests.cli.test_main import opened, ouvoir, refused
from tests.crawlers.conftest import PLATFORMS
from tests.domain.builders import make_platform

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ouvoir.db"
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///{path}")
    return path


def agreed(tmp_path: Path) -> Path:
    """A folder with the example editor, its agreement signed."""
    lines = (PLATFORMS / "editeur-exemple.toml").read_text("utf-8").splitlines()
    (tmp_path / "editeur.toml").write_text("\n".join(line for line in lines if not line.startswith("blocked")), "utf-8")
    return tmp_path


def test_platforms_lists_every_service_with_its_state(database: Path) -> None:
    done = ouvoir("platforms")
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert done.exit_code == 0 and len(lines) == 1 + len(list(PLATFORMS.glob("*.toml")))
    assert "interdite" in lines["Netflix"] and "bloquée (accord)" in lines["MUBI"] and "fermée" in lines["Salto"]


def test_check_says_that_the_files_of_the_project_are_right(database: Path) -> None:
    done = ouvoir("platforms", "--check")
    assert (done.exit_code, done.stdout) == (0, "0 faute\n")


def test_check_names_file_key_and_what_was_expected(database: Path, tmp_path: Path) -> None:
    (tmp_path / "faux.toml").write_text('name = "Faux"\noperater = "X"\n', "utf-8")
    done = ouvoir("platforms", "--platforms", tmp_path, "--check")
    assert done.exit_code == 1 and done.stdout.splitlines()[0] == "faux.toml : operater : clé inconnue (peut-être « operator » ?)"


def test_tasks_are_listed_and_closed_with_a_reason(database: Path) -> None:
    engine = opened(database)
    with write_session(engine) as session:
        platform = make_platform(session)
        assert platform.id is not None
        open_task(session, platform.id, TaskKind.ROBOTS, "Cine-Exemple : robots.txt a changé", NOW)
    assert "1  2026-11-22  Cine-Exemple : robots.txt a changé" in ouvoir("tasks").stdout
    refused(ouvoir("tasks", "--close", 1), "une raison est attendue")
    assert ouvoir("tasks", "--close", 1, "--reason", "relu").stdout == "tâche 1 close\n"
    assert ouvoir("tasks").stdout == "aucune tâche en attente\n"
    engine.dispose()


def test_a_key_is_shown_once_and_only_its_hash_is_kept(database: Path, tmp_path: Path) -> None:
    made = ouvoir("editor-key", "create", "editeur", "--label", "Jeanne", "--platforms", agreed(tmp_path))
    key = made.stdout.strip()
    assert made.exit_code == 0 and key.startswith("ouvoir_prod_")
    engine = opened(database)
    with read_session(engine) as session:
        kept = session.exec(select(EditorKey)).one()
        assert key not in kept.model_dump_json() and session.exec(select(Platform.slug)).all() == ["editeur"]
    engine.dispose()
    listed = ouvoir("editor-key", "list").stdout
    assert key not in listed and "production" in listed and "en vigueur" in listed and "Jeanne" in listed
    assert ouvoir("editor-key", "revoke", 1).stdout == "clé 1 révoquée\n"
    assert "révoquée le" in ouvoir("editor-key", "list", "editeur").stdout


def test_only_an_editor_that_may_push_gets_a_production_key(database: Path) -> None:
    refused(ouvoir("editor-key", "create", "mubi", "--label", "x"), "mubi.toml", "« push » attendu")
    refused(ouvoir("editor-key", "create", "editeur-exemple", "--label", "x"), "pas encore de clé de production")
    done = ouvoir("editor-key", "create", "editeur-exemple", "--label", "x", "--recette")
    assert done.stdout.startswith("ouvoir_recette_")
