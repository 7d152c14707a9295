"""Every kind of page, the style sheets and the icon before the Nu HTML checker: no error (`make checker` fetches it)."""

import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.common.enums import Complaint
from domain.common.environment import ROOT
from domain.db.engine import write_session
from domain.models.reader_report import ReaderReport
from tests.conftest import NOW
from tests.webapp.addresses import PAGES, REPORT
from webapp.core.context import ENGINE_KEY

CHECKER = ROOT / "var" / "vnu" / "vnu.jar"
STATIC = ROOT / "webapp" / "static"


def errors(*words: object) -> list[str]:
    """Return what the checker says is wrong in some files, a line each; what it only warns of is left out."""
    java = shutil.which("java")
    if java is None or not CHECKER.exists():
        pytest.skip("no Java, or no Nu HTML checker (make checker): the HTML of pages is not checked")
    command = [java, "-jar", str(CHECKER), "--errors-only", "--format", "gnu", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()


def test_no_page_has_an_error(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.add(ReaderReport(number=REPORT, complaint=Complaint.DEAD_LINK, film_id=1, received_at=NOW))
    folder = tmp_path / "pages"
    folder.mkdir()
    for index, address in enumerate(PAGES):
        page = folder / f"{index}{address.replace('/', '_').replace('?', '_')}.html"
        page.write_bytes(client.get(address).data)
    assert errors(folder) == []


def test_style_sheets_and_icon_have_no_error() -> None:
    assert errors("--css", *STATIC.glob("*.css")) == []
    assert errors("--svg", *STATIC.glob("*.svg")) == []


def test_an_error_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html lang=fr><title>Page</title><p><div></div></p>")
    assert len(errors(page)) == 1
