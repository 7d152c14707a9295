"""Saved answers served on this machine are collected whole, with the files of the project."""

import base64
import json

import pytest

from crawlers.platform_files.loader import load_platform
from domain.common.enums import Outcome, RunState
from domain.runs.hold_reasons import format_verdict
from domain.runs.runs import get_run_counts
from tests.crawlers.conftest import PAGES, PLATFORMS, Collect, Site

CANAL = "/culture.gouv/tvod"


def test_canal_signs_its_index_and_each_film(run_once: Collect, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANAL_CREDENTIALS", "partenaire:motdepasse")
    index = json.loads((PAGES / "canal-partner-index.json").read_bytes())
    locations = [address.rsplit("/", 1)[-1] for address in index["locations"]]
    site.set_response(f"{CANAL}/latest.json", {"locations": locations})
    film = json.loads((PAGES / "canal-partner-program.json").read_bytes())
    site.set_response(f"{CANAL}/{locations[0]}", film)
    site.set_response(f"{CANAL}/{locations[1]}", film | {"id": "14283299_40099", "contentType": "serie"})
    run = run_once(load_platform("canal-vod", PLATFORMS), PLATFORMS)
    counts = get_run_counts(run)
    assert (run.state, run.outcome, format_verdict(run)) == (RunState.ACCEPTED, Outcome.COMPLETE, "")
    assert (counts.kept, counts.dropped, counts.missed) == (1, {"hors film": 1}, 0)
    signed = [headers.get("Authorization") for _, path, headers, _ in site.requests if path.startswith(CANAL)]
    assert signed == [f"Basic {base64.b64encode(b'partenaire:motdepasse').decode()}"] * 3


def test_adn_is_asked_by_steps_with_its_compulsory_header(run_once: Collect, site: Site) -> None:
    answer = json.loads((PAGES / "adn-show-catalog.json").read_bytes())
    site.set_response("/show/catalog?limit=100&offset=0", answer)
    run = run_once(load_platform("adn", PLATFORMS), PLATFORMS)
    assert (run.state, get_run_counts(run).kept) == (RunState.ACCEPTED, 1)
    requested_headers = [headers for _, path, headers, _ in site.requests if path.startswith("/show/")]
    assert [headers["X-Target-Distribution"] for headers in requested_headers] == ["fr"]
