"""Build the wheel, install it alone in an empty virtual environment, and use it there."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from domain.common.environment import ROOT
from domain.common.settings import VERSION

pytestmark = pytest.mark.long
_IGNORED = shutil.ignore_patterns(".*", "var", "build", "*.egg-info", "__pycache__", "tests", "bench")
_PORTS_OF_THE_DEMONSTRATION = 7
_SECONDS_TO_BUILD_THE_DEMONSTRATION = 300


def run(*command: object, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("OUVOIR_VAR", "PYTHONPATH")}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the source distribution, itself made from a copy of the project."""
    source = tmp_path_factory.mktemp("source") / "ouvoir"
    shutil.copytree(ROOT, source, ignore=_IGNORED)
    run(sys.executable, "-m", "build", "--no-isolation", cwd=source)
    (path,) = (source / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel; what it depends on is lent by the environment of the tests, without network."""
    home = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    python = home / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel, cwd=home)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip()
    (Path(packages) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def find_free_ports() -> int:
    """Return the first of as many free ports in a row as the demonstration needs."""
    for first in range(20000, 30000, _PORTS_OF_THE_DEMONSTRATION):
        if all(is_free(port) for port in range(first, first + _PORTS_OF_THE_DEMONSTRATION)):
            return first
    raise AssertionError("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def demonstration(installed: Path) -> Iterator[str]:
    """The address of the demonstration, served by the installed program."""
    port = find_free_ports()
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OUVOIR_OPEN_DATA")}
    command = [str(installed / "venv" / "bin" / "ouvoir"), "demo", "--port", str(port)]
    log = installed / "demo.log"
    with log.open("wb") as output, subprocess.Popen(command, cwd=installed, env=environment, stderr=output) as program:
        try:
            wait_until_served(f"http://127.0.0.1:{port}/", program, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            program.terminate()


def wait_until_served(address: str, program: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _SECONDS_TO_BUILD_THE_DEMONSTRATION
    while time.monotonic() < until and program.poll() is None:
        try:
            httpx.get(address)
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(log.read_text("utf-8"))


def test_the_wheel_holds_what_the_program_reads(wheel: Path) -> None:
    names = {name.partition(".data/data/")[2] or name for name in zipfile.ZipFile(wheel).namelist()}
    rooms = (
        "cli",
        "crawlers",
        "data",
        "demonstration",
        "domain",
        "ingest",
        "matcher",
        "migrations",
        "opendata",
        "search",
        "webapp",
    )
    tracked = run("git", "ls-files", *rooms, cwd=ROOT).splitlines()
    needed = {name for name in tracked if Path(name).suffix != ".md"}
    shared = {f"share/ouvoir/{name}" if name.startswith(("data/", "migrations/")) else name for name in needed}
    assert shared - names == set()
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_installed_program_is_this_version_and_its_files_are_right(installed: Path) -> None:
    ouvoir = installed / "venv" / "bin" / "ouvoir"
    assert VERSION in run(ouvoir, "--version", cwd=installed)
    assert run(ouvoir, "platforms", "--check", cwd=installed) == "0 faute\n"
    assert run(ouvoir, "runs", cwd=installed) == "aucune collecte\n"
    assert (installed / "var" / "ouvoir.db").is_file()


def test_the_installed_program_serves_the_demonstration(demonstration: str) -> None:
    home = httpx.get(f"{demonstration}/")
    assert home.status_code == 200 and "OùVoir" in home.text
    assert "Playtime" in httpx.get(f"{demonstration}/recherche", params={"q": "playtime"}, follow_redirects=True).text
    for path in (
        "/services",
        "/methode",
        "/methode/rapport.txt",
        "/fenetres",
        "/couverture",
        "/api",
        "/api/v1/openapi.json",
        "/agents/",
    ):
        assert httpx.get(demonstration + path, follow_redirects=True).status_code == 200, path
