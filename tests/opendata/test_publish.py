"""data.gouv.fr is sent each data set once, its files when they changed, and never made to show what somebody hid."""

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
from tests.opendata.base import NOW, export_database
from tests.opendata.portal import KEY, Portal, serve_portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    with serve_portal() as portal:
        yield portal


def send(folder: Path, portal: Portal, key: str | None = KEY, organisation: str | None = "cnc", public: bool = False) -> str:
    return publish_export(folder, PublicationOptions(portal.root, organisation, public), key, lambda line: None)


def test_every_file_arrives_as_it_is_and_a_second_run_sends_nothing(folder: Path, portal: Portal) -> None:
    assert send(folder, portal).startswith("19 fichiers envoyés")
    manifest = read_manifest(folder)
    assert manifest and len(portal.datasets) == len(manifest.sets) == 7
    sent = {
        one["filename"]: one["data"].encode("latin-1") for told in portal.datasets.values() for one in told["resources"].values()
    }
    assert {name: hashlib.sha256(data).hexdigest() for name, data in sent.items()} == {
        file.name: file.sha256 for one in manifest.sets for file in one.files
    }
    films = portal.datasets["jeu-1"]
    assert (films["license"], films["frequency"], films["organization"]) == ("lov2", "daily", "cnc")
    assert {one["type"] for one in films["resources"].values()} == {"main", "documentation"}
    before, portal.reads = list(portal.writes), 0
    assert send(folder, portal).startswith("0 fichier envoyé") and portal.writes == before and portal.reads == 0


def test_a_new_day_replaces_the_files_that_changed_under_the_same_numbers(folder: Path, portal: Portal, base: Engine) -> None:
    send(folder, portal)
    export_database(base, folder, NOW + timedelta(hours=2))
    portal.writes.clear()
    send(folder, portal)
    assert [method for method, _ in portal.writes] == ["POST", "PUT"] * 3  # coverage and its Parquet, the date of the feed
    assert {path.endswith("/upload") for method, path in portal.writes if method == "POST"} == {True}
    assert len(portal.datasets) == 7 and sum(len(told["resources"]) for told in portal.datasets.values()) == 19


def test_a_draft_stays_a_draft_until_a_person_opens_it_and_what_is_hidden_stays_hidden(
    folder: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(folder, portal)
    assert all(told["private"] is True for told in portal.datasets.values())
    portal.datasets["jeu-2"]["private"] = False
    monkeypatch.setattr("opendata.publish._Publisher._build_payload", lambda self, told: {"title": "Autre titre"})
    send(folder, portal)
    assert [told["private"] for told in portal.datasets.values()] == [True, False, True, True, True, True, True]
    assert all(told["title"] == "Autre titre" for told in portal.datasets.values())


def test_a_format_that_the_portal_refuses_is_left_and_the_rest_is_sent(folder: Path, portal: Portal) -> None:
    portal.formats.remove("parquet")
    for sent in ("13 fichiers envoyés", "0 fichier envoyé"):
        assert send(folder, portal).startswith(sent)
    assert sum(len(told["resources"]) for told in portal.datasets.values()) == 13


def test_public_at_once_when_asked(folder: Path, portal: Portal) -> None:
    send(folder, portal, public=True)
    assert all(told["private"] is False for told in portal.datasets.values())


def test_what_was_cut_short_goes_on_without_creating_anything_twice(folder: Path, portal: Portal) -> None:
    for failing in ("/jeu-3/upload/", "jeu-5/resources/jeu-5-fichier-1"):
        portal.fails = {failing: (500, b"oops")}
        with pytest.raises(UserError, match="refus 500"):
            send(folder, portal)
    portal.fails = {}
    send(folder, portal)
    assert len(portal.datasets) == 7 and sum(len(told["resources"]) for told in portal.datasets.values()) == 19
    assert all(one["title"].startswith(told["title"]) for told in portal.datasets.values() for one in told["resources"].values())


def test_a_dry_run_asks_nothing_of_the_portal(folder: Path, portal: Portal) -> None:
    assert send(folder, portal, key=None).startswith("à blanc : 19 fichiers à envoyer")
    assert (portal.writes, portal.reads) == ([], 0)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"message": "Invalid API Key"}', "clé refusée .OUVOIR_DATAGOUV_KEY. : Invalid API Key"),
        (403, b"{}", "pas le droit"),
        (413, b"<html>", "trop lourd"),
        (400, b'{"errors": {"title": ["requis"]}}', r"refus 400 : \{'title': \['requis'\]\}"),
        (201, b"[]", "réponse incomprise"),
        (200, b"", "réponse incomprise"),
    ],
)
def test_refusals_are_told_in_one_sentence(folder: Path, portal: Portal, status: int, body: bytes, said: str) -> None:
    portal.fails = {"/datasets/": (status, body)}
    with pytest.raises(UserError, match=said):
        send(folder, portal)


def test_a_wrong_key_is_refused(folder: Path, portal: Portal) -> None:
    with pytest.raises(UserError, match="clé refusée"):
        send(folder, portal, key="autre")


def test_a_data_set_deleted_at_the_portal_is_not_made_again_behind_anybody(folder: Path, portal: Portal, base: Engine) -> None:
    send(folder, portal)
    export_database(base, folder, NOW + timedelta(hours=2))
    portal.datasets.clear()
    with pytest.raises(UserError, match=r"media_actions : jeu jeu-5 supprimé sur le portail"):
        send(folder, portal)


def test_creating_needs_an_organisation(folder: Path, portal: Portal) -> None:
    with pytest.raises(UserError, match="--organization attendu"):
        send(folder, portal, organisation=None)


def test_a_memory_that_cannot_be_read_is_not_taken_for_an_empty_one(folder: Path, portal: Portal) -> None:
    send(folder, portal)
    (kept,) = folder.glob("*.json")
    kept.write_text("{", "utf-8")
    with pytest.raises(UserError, match="illisible"):
        send(folder, portal)


@pytest.mark.parametrize(
    "site", ["https://evil.example", "http://10.0.0.1", "data.gouv.fr.evil.example", "http://localhost/api", ""]
)
def test_the_key_goes_nowhere_else(folder: Path, site: str) -> None:
    with pytest.raises(UserError, match="attendu, ou une adresse de cette machine"):
        publish_export(folder, PublicationOptions(site, None, False), KEY, print)


def test_the_command_sends_only_when_told(folder: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["publish", "--to", portal.root, "--folder", str(folder), "--organization", "cnc"]
    assert CliRunner().invoke(main, words).stdout.startswith("à blanc")
    monkeypatch.delenv("OUVOIR_DATAGOUV_KEY", raising=False)
    assert "OUVOIR_DATAGOUV_KEY" in CliRunner().invoke(main, [*words, "--yes"]).stderr
    monkeypatch.setenv("OUVOIR_DATAGOUV_KEY", KEY)
    assert CliRunner().invoke(main, [*words, "--yes"]).stdout.startswith("19 fichiers envoyés") and len(portal.datasets) == 7


def test_nothing_to_publish_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="aucun export"):
        publish_export(tmp_path, PublicationOptions("data.gouv.fr", None, False), None, print)
