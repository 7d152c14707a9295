"""The examples of `docs/api.md`, run as they are written against the site; those in JavaScript are run by a browser."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine

from tests.scene import build_scene
from tests.webapp.serving import serve_site
from webapp.api.guide import EXAMPLE_ORIGIN, EXAMPLES_PATH, LANGUAGES, Example, load_examples

SAID = ["La Grande Vadrouille", "Dune : première partie", "film-changed"]
"""What each says, in whatever language."""


@pytest.fixture
def site(sqlite_engine: Engine) -> Iterator[str]:
    build_scene(sqlite_engine, datetime.now(UTC))
    with serve_site(sqlite_engine) as address:
        yield address


def written_in(language: str) -> list[Example]:
    return [example for example in load_examples() if example.language == language]


def test_each_example_is_in_every_language() -> None:
    titles = {language: [example.title for example in written_in(language)] for language in LANGUAGES}
    assert titles["sh"] == titles["python"] == titles["js"] and len(titles["sh"]) == len(SAID)
    assert EXAMPLES_PATH.read_text("utf-8").count("```") == 2 * len(load_examples())


def test_python_examples_run(site: str, tmp_path: Path) -> None:
    for example, said in zip(written_in("python"), SAID, strict=True):
        file = tmp_path / "example.py"
        file.write_text(example.code.replace(EXAMPLE_ORIGIN, site), "utf-8")
        ran = subprocess.run([sys.executable, "-W", "error", str(file)], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "") and said in ran.stdout, example.title


def test_curl_examples_run(site: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine: its examples cannot be run")
    for example, said in zip(written_in("sh"), SAID, strict=True):
        command = example.code.replace(EXAMPLE_ORIGIN, site).replace("curl ", "curl --silent --show-error --fail --noproxy '*' ")
        ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "") and said in ran.stdout, example.title


def test_the_page_shows_them_with_its_own_address(site: str) -> None:
    with urlopen(f"{site}/api") as answer:
        page = answer.read().decode()
    assert f"curl {site}/api/v1/films/by/imdb/tt0060474" in page and EXAMPLE_ORIGIN not in page
