"""The rooms of the site stand side by side over a core that knows none of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webapp.messages import WEBAPP_FOLDER

CORE = "core"
ROOMS = sorted(path.name for path in WEBAPP_FOLDER.iterdir() if (path / "__init__.py").exists())


def list_imported_rooms(path: Path) -> Iterator[str]:
    """Yield the rooms of the site that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "webapp":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("webapp."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_itself_and_the_core_alone(room: str) -> None:
    strangers = {
        f"{path.relative_to(WEBAPP_FOLDER)} imports {imported}"
        for path in (WEBAPP_FOLDER / room).rglob("*.py")
        for imported in list_imported_rooms(path)
        if imported not in (room, CORE)
    }
    assert strangers == set()
