"""The house keeps its shape: imports run one way, rooms stay light, the front door is documented."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.platform_files.loader import KNOWN_KEYS

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"records", "crawlers", "matcher", "opendata", "webapp"}
MAY_IMPORT = {"records": {"records"}} | {room: {room, "records"} for room in ("crawlers", "matcher", "opendata", "webapp")}
LIVES_IN = {
    **{library: {"crawlers"} for library in ("scrapy", "twisted")},
    **{library: {"webapp"} for library in ("flask", "joserfc", "tantivy", "rdflib")},
    "duckdb": {"opendata"},
    "httpx": {"crawlers", "opendata", "webapp"},
    "rapidfuzz": {"matcher", "webapp"},
}
OURS = [*ROOMS, "commands", "demonstration", "bench", "tests", "cli/main.py", "cli/console.py", "scheduler.py"]
FILES = sorted(path for name in OURS for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py")))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of what a file imports, lazily or not."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    found = set(imported(path))
    top = {"commands", "demonstration", "cli", "console", "scheduler", "bench", "tests"}
    if room in MAY_IMPORT:
        assert found & (ROOMS | top) <= MAY_IMPORT[room], f"{name_of(path)} imports {found & (ROOMS | top) - MAY_IMPORT[room]}"
    if room in ROOMS:
        strangers = {library for library, homes in LIVES_IN.items() if library in found and room not in homes}
        assert not strangers, f"{name_of(path)} imports {strangers}, which live elsewhere"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 300, f"{name_of(path)} is over 300 lines"
    ceiling = 30 if "tests" in path.parts else 40
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= ceiling, f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


def test_no_platform_file_can_loosen_courtesy() -> None:
    """robots.txt, reservations and identity are code: no key that a platform file may hold names them."""
    loosening = re.compile(r"robots|agent|obey|concurren|tdm|reserv|cookie", re.IGNORECASE)
    assert "delay" in KNOWN_KEYS and not [key for key in KNOWN_KEYS if loosening.search(key)]


def test_every_make_target_has_a_help_line() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in targets if f"make {target} " not in shown] == []


def test_the_lock_files_pin_everything_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text and "index-url" not in text
        pinned = re.findall(r"^([a-z0-9][^\s;]*)==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) and text.count("--hash=sha256:") >= len(pinned)


def test_the_readme_maps_every_room() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rooms = [*sorted(ROOMS), "commands", "demonstration", "cli/main.py", "cli/console.py", "scheduler.py", "data", "docs"]
    assert [room for room in rooms if f"`{room}" not in readme] == []
