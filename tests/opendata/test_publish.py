"""data.gouv.fr receives each data set once, its files when they changed, and nothing hidden there is made public."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from cli.main import main
from domain.common.errors import UserError
from opendata.manifest import read_manifest
from opendata.publish import PublicationOptions, publish_export
from tests.opendata.portal import KEY, Portal, serve_portal
from tests.opendata.scene import NOW, export_database


@pytest.fixture
def portal() -> Iterator[Portal]:
    with serve_portal() as portal:
        yield portal


def publish_folder(
    folder: Path, portal: Portal, key: str | None = KEY, organisation: str | None = "cnc", public: bool = False
) -> str:
    return publish_export(folder, PublicationOptions(portal.root, organisation, public), key, lambda line: None)


def test_every_file_arrives_as_it_is_and_a_second_run_sends_nothing(folder: Path, portal: Portal) -> None:
    assert publish_folder(folder, portal).startswith("19 fichiers envoyés")
    manifest = read_manifest(folder)
    assert manifest and len(portal.datasets) == len(manifest.sets) == 7
    resources = [resource for dataset in portal.datasets.values() for resource in dataset["resources"].values()]
    received = {resource["filename"]: resource["data"].encode("latin-1") for resource in resources}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in received.items()} == {
        file.name: file.sha256 for dataset in manifest.sets for file in dataset.files
    }
    films = portal.datasets["jeu-1"]
    assert (films["license"], films["frequency"], films["organization"]) == ("lov2", "daily", "cnc")
    assert {resource["type"] for resource in films["resources"].values()} == {"main", "documentation"}
    before, portal.reads = list(portal.writes), 0
    assert publish_folder(folder, portal).startswith("0 fichier envoyé") and portal.writes == before and portal.reads == 0


def test_a_new_day_replaces_the_files_that_changed_under_the_same_numbers(
    folder: Path, portal: Portal, filled_engine: Engine
) -> None:
    publish_folder(folder, portal)
    export_database(filled_engine, folder, NOW + timedelta(hours=2))
    portal.writes.clear()
    publish_folder(folder, portal)
    assert [method for method, _ in portal.writes] == ["POST", "PUT"] * 3  # coverage and its Parquet, the date of the feed
    assert {path.endswith("/upload") for method, path in portal.writes if method == "POST"} == {True}
    assert len(portal.datasets) == 7 and sum(len(dataset["resources"]) for dataset in portal.datasets.values()) == 19


def test_a_draft_stays_a_draft_until_a_person_opens_it_and_what_is_hidden_stays_hidden(
    folder: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_folder(folder, portal)
    assert all(dataset["private"] is True for dataset in portal.datasets.values())
    portal.datasets["jeu-2"]["private"] = False
    monkeypatch.setattr("opendata.publish._Publisher._build_payload", lambda self, dataset: {"title": "Autre titre"})
    publish_folder(folder, portal)
    assert [dataset["private"] for dataset in portal.datasets.values()] == [True, False, True, True, True, True, True]
    assert all(dataset["title"] == "Autre titre" for dataset in portal.datasets.values())


def test_a_format_that_the_portal_refuses_is_left_and_the_rest_is_sent(folder: Path, portal: Portal) -> None:
    portal.formats.remove("parquet")
    for summary in ("13 fichiers envoyés", "0 fichier envoyé"):
        assert publish_folder(folder, portal).startswith(summary)
    assert sum(len(dataset["resources"]) for dataset in portal.datasets.values()) == 13


def test_public_at_once_when_asked(folder: Path, portal: Portal) -> None:
    publish_folder(folder, portal, public=True)
    assert all(dataset["private"] is False for dataset in portal.datasets.values())


def test_what_was_cut_short_goes_on_without_creating_anything_twice(folder: Path, portal: Portal) -> None:
    for failing in ("/jeu-3/upload/", "jeu-5/resources/jeu-5-fichier-1"):
        portal.fails = {failing: (500, b"oops")}
        with pytest.raises(UserError, match="refus 500"):
            publish_folder(folder, portal)
    portal.fails = {}
    publish_folder(folder, portal)
    assert len(portal.datasets) == 7 and sum(len(dataset["resources"]) for dataset in portal.datasets.values()) == 19
    for dataset in portal.datasets.values():
        assert all(resource["title"].startswith(dataset["title"]) for resource in dataset["resources"].values())


def test_a_dry_run_asks_nothing_of_the_portal(folder: Path, portal: Portal) -> None:
    assert publish_folder(folder, portal, key=None).startswith("à blanc : 19 fichiers à envoyer")
    assert (portal.writes, portal.reads) == ([], 0)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{"message": "Invalid API Key"}', "clé refusée .OUVOIR_DATAGOUV_KEY. : Invalid API Key"),
        (403, b"{}", "pas le droit"),
        (413, b"<html>", "trop lourd"),
        (400, b'{"errors": {"title": ["requis"]}}', r"refus 400 : \{'title': \['requis'\]\}"),
        (201, b"[]", "réponse incomprise"),
        (200, b"", "réponse incomprise"),
    ],
)
def test_refusals_are_told_in_one_sentence(folder: Path, portal: Portal, status: int, body: bytes, message: str) -> None:
    portal.fails = {"/datasets/": (status, body)}
    with pytest.raises(UserError, match=message):
        publish_folder(folder, portal)


def test_a_wrong_key_is_refused(folder: Path, portal: Portal) -> None:
    with pytest.raises(UserError, match="clé refusée"):
        publish_folder(folder, portal, key="autre")


def test_a_data_set_deleted_at_the_portal_is_not_made_again_behind_anybody(
    folder: Path, portal: Portal, filled_engine: Engine
) -> None:
    publish_folder(folder, portal)
    export_database(filled_engine, folder, NOW + timedelta(hours=2))
    portal.datasets.clear()
    with pytest.raises(UserError, match=r"media_actions : jeu jeu-5 supprimé sur le portail"):
        publish_folder(folder, portal)


def test_creating_needs_an_organisation(folder: Path, portal: Portal) -> None:
    with pytest.raises(UserError, match="--organization attendu"):
        publish_folder(folder, portal, organisation=None)


def test_a_memory_that_cannot_be_read_is_not_taken_for_an_empty_one(folder: Path, portal: Portal) -> None:
    publish_folder(folder, portal)
    (state_path,) = folder.glob("*.json")
    state_path.write_text("{", "utf-8")
    with pytest.raises(UserError, match="illisible"):
        publish_folder(folder, portal)


@pytest.mark.parametrize(
    "site", ["https://evil.example", "http://10.0.0.1", "data.gouv.fr.evil.example", "http://localhost/api", ""]
)
def test_the_key_goes_nowhere_else(folder: Path, site: str) -> None:
    with pytest.raises(UserError, match="attendu, ou une adresse de cette machine"):
        publish_export(folder, PublicationOptions(site, None, False), KEY, print)


def test_the_command_sends_only_when_told(folder: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["publish", "--to", portal.root, "--folder", str(folder), "--organization", "cnc"]
    assert CliRunner().invoke(main, arguments).stdout.startswith("à blanc")
    monkeypatch.delenv("OUVOIR_DATAGOUV_KEY", raising=False)
    assert "OUVOIR_DATAGOUV_KEY" in CliRunner().invoke(main, [*arguments, "--yes"]).stderr
    monkeypatch.setenv("OUVOIR_DATAGOUV_KEY", KEY)
    assert CliRunner().invoke(main, [*arguments, "--yes"]).stdout.startswith("19 fichiers envoyés") and len(portal.datasets) == 7


def test_nothing_to_publish_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="aucun export"):
        publish_export(tmp_path, PublicationOptions("data.gouv.fr", None, False), None, print)
