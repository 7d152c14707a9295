"""Check that the command starts without the libraries that only other verbs need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY_LIBRARIES = {"duckdb", "flask", "numpy", "scipy", "scrapy", "twisted"}
_SCRIPT = """
import json, sys
from cli.main import main
main(sys.argv[1:], standalone_mode=False)
print(json.dumps([name for name in sys.modules if "." not in name]))
"""


def list_imported_modules(tmp_path: Path, *words: str) -> set[str]:
    environment = os.environ | {"OUVOIR_DATABASE_URL": f"sqlite:///{tmp_path / 'ouvoir.db'}", "OUVOIR_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-c", _SCRIPT, *words]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return set(json.loads(output.splitlines()[-1]))


@pytest.mark.parametrize("words", [("--help",), ("runs",), ("tasks",)])
def test_what_a_verb_does_not_need_is_not_imported(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert list_imported_modules(tmp_path, *words) & HEAVY_LIBRARIES == set()


def test_help_imports_neither_the_database_nor_the_models(tmp_path: Path) -> None:
    assert list_imported_modules(tmp_path, "--help") & {"pydantic", "sqlalchemy", "sqlmodel"} == set()


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    assert "alembic" in list_imported_modules(tmp_path, "runs")
    assert "alembic" not in list_imported_modules(tmp_path, "runs")


def test_a_link_of_files_imports_no_database_and_no_library_of_other_verbs(tmp_path: Path) -> None:
    films = tmp_path / "films.csv"
    films.write_text("id,title,year,countries\n1,Playtime,1967,France\n", "utf-8")
    imported = list_imported_modules(tmp_path, "link", str(films), str(films), "--output", str(tmp_path / "links.csv"))
    assert imported & {"asyncio", "multiprocessing", "pydantic_settings", "scipy", "sqlalchemy", "sqlmodel"} == set()
