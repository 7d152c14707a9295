"""The house keeps its shape: imports run one way, rooms stay light, the front door is documented."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.platform_files.loader import KNOWN_KEYS

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "domain": set[str](),
    "crawlers": {"domain"},
    "matcher": {"domain"},
    "opendata": {"domain"},
    "search": {"domain", "matcher"},
    "ingest": {"domain", "matcher"},
    "webapp": {"domain", "search", "ingest", "matcher"},
}
"""The rooms that a room may import, beside itself. `webapp` also reads `opendata.manifest`."""
ENTRANCES = {"cli", "demonstration", "scheduler", "bench", "tests"}
"""They may import every room, and no room imports them."""
DOMAIN_FLOORS = (
    {"common"},
    {"models"},
    {"db"},
    {"linking"},
    {"accounts"},
    {"tasks"},
    {"runs"},
    {"offers"},
    {"films", "monitoring", "windows"},
    {"partners", "review"},
    {"reports"},
    {"coverage", "dashboard"},
)
"""Inside `domain`, a package imports those of the floors before its own, and never its neighbours."""
LIBRARY_ROOMS = {
    **{library: {"crawlers"} for library in ("scrapy", "twisted")},
    **{library: {"webapp"} for library in ("flask", "joserfc", "rdflib")},
    "tantivy": {"search"},
    "duckdb": {"opendata"},
    "httpx": {"crawlers", "opendata", "webapp"},
    "rapidfuzz": {"matcher", "search"},
}
OURS = [*MAY_IMPORT, "cli", "demonstration", "bench", "tests", "scheduler.py"]
FILES = sorted(path for name in OURS for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py")))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def list_imports(path: Path) -> Iterator[str]:
    """Yield the dotted names of what a file imports, lazily or not."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def get_floor(package: str) -> int:
    return next(floor for floor, packages in enumerate(DOMAIN_FLOORS) if package in packages)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    if room not in MAY_IMPORT:
        return
    imports = [name for name in list_imports(path) if not (room == "webapp" and name.startswith("opendata.manifest."))]
    imported_rooms = {name.split(".")[0] for name in imports}
    forbidden = imported_rooms & (MAY_IMPORT.keys() | ENTRANCES) - MAY_IMPORT[room] - {room}
    assert not forbidden, f"{name_of(path)} imports {forbidden}"
    strangers = {library for library, rooms in LIBRARY_ROOMS.items() if library in imported_rooms and room not in rooms}
    assert not strangers, f"{name_of(path)} imports {strangers}, which live elsewhere"


@pytest.mark.parametrize("path", sorted((ROOT / "domain").rglob("*.py")), ids=name_of)
def test_packages_of_the_domain_import_the_floors_before_theirs(path: Path) -> None:
    package = path.relative_to(ROOT / "domain").parts[0].removesuffix(".py")
    if package == "__init__":
        return
    imported = {name.split(".")[1] for name in list_imports(path) if name.startswith("domain.")}
    above = {other for other in imported - {package} if get_floor(other) >= get_floor(package)}
    assert not above, f"{name_of(path)} imports {above}, on its own floor or above"


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


def test_the_architecture_page_names_every_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = [*MAY_IMPORT, "cli", "demonstration", "scheduler.py", "data", "migrations", "bench", "docs", "tests"]
    assert [room for room in rooms if f"`{room}" not in page] == []


def test_the_life_of_an_entry_is_told_through_files_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/-]+\.(?:py|toml|html))`", page[page.index("## The life of an entry") :]))
    assert 15 <= len(named) <= 25 and [name for name in named if not (ROOT / name).is_file()] == []
