"""Check the files at the root that describe the project to people, catalogues and editors."""

import copy
import hashlib
import json
import re
from collections.abc import Hashable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "tests" / "publiccode.schema.json").read_text("utf-8"))
EUPL_SHA256 = "6fc9e709ccbfe0d77fbffa2427a983282be2eb88e47b1cdb49f21a83b4d1e665"


class StrictLoader(yaml.SafeLoader):
    """Load YAML and refuse a key that is written twice, which PyYAML would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.YAMLError(f"written twice: {repeated}")
        return super().construct_mapping(node, deep)


def load_yaml(name: str) -> Any:
    return yaml.load((ROOT / name).read_text("utf-8"), StrictLoader)


def find_errors(document: Any) -> list[str]:
    """Return what the standard refuses in a description, one line an error, with the key concerned."""
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return sorted(f"{error.json_path}: {error.message}" for error in validator.iter_errors(document))


@pytest.fixture
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = load_yaml("publiccode.yml")
    return loaded


def test_publiccode_follows_the_standard(description: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert find_errors(description) == []


def test_publiccode_names_screenshots_that_exist(description: dict[str, Any]) -> None:
    named = [name for text in description["description"].values() for name in text["screenshots"]]
    assert named and [name for name in named if not (ROOT / name).is_file()] == []


def test_publiccode_speaks_french_and_english(description: dict[str, Any]) -> None:
    assert set(description["description"]) == {"fr", "en"} == set(description["localisation"]["availableLanguages"])


def test_publiccode_names_the_licence_of_the_license_file(description: dict[str, Any]) -> None:
    assert description["legal"]["license"] == "EUPL-1.2"


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_a_missing_mandatory_key_is_refused(description: dict[str, Any], key: str) -> None:
    del description[key]
    assert find_errors(description) == [f"$: '{key}' is a required property"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("publiccodeYmlVersion", "0.1"),
        ("url", "ouvoir.git"),
        ("releaseDate", "2026-02-30"),
        ("releaseDate", "30/11/2026"),
        ("releaseDate", "20261130"),
        ("softwareVersion", 0.2),
        ("platforms", []),
        ("categories", ["cinema"]),
        ("developmentStatus", "alpha"),
        ("softwareType", "website"),
        ("logo", "docs/logo.jpg"),
        ("intendedAudience.countries", ["fr"]),
        ("intendedAudience.scope", ["cinema"]),
        ("description", {}),
        ("description.fr.shortDescription", "x" * 151),
        ("description.fr.shortDescription", "two\nlines"),
        ("description.fr.longDescription", "x" * 149),
        ("description.fr.longDescription", "x" * 10_001),
        ("description.fr.features", []),
        ("description.fr.genericName", "deprecated"),
        ("legal.repoOwner", "deprecated"),
        ("legal.license", ""),
        ("maintenance.type", "volunteers"),
        ("maintenance.contacts", []),
        ("maintenance.contacts", [{"email": "nobody@ouvoir.example"}]),
        ("maintenance.contractors", [{"name": "A company", "until": "2027-01-01"}]),
        ("localisation.localisationReady", "yes"),
        ("localisation.availableLanguages", ["French"]),
        ("dependsOn.open", [{"name": "Python", "versionMin": 3.11}]),
        ("supports", [{"id": "alias:unknown"}]),
        ("unknown", "key"),
    ],
)
def test_a_value_that_the_standard_refuses_is_named(description: dict[str, Any], path: str, value: object) -> None:
    changed = copy.deepcopy(description)
    *parents, last = path.split(".")
    place = changed
    for parent in parents:
        place = place[parent]
    place[last] = value
    errors = find_errors(changed)
    assert errors and all(last in error for error in errors)


@pytest.mark.parametrize("kind", ["internal", "community"])
def test_maintenance_without_a_contact_is_refused(description: dict[str, Any], kind: str) -> None:
    description["maintenance"] = {"type": kind}
    assert len(find_errors(description)) == 1


def test_maintenance_by_contract_names_who_until_when(description: dict[str, Any]) -> None:
    description["maintenance"] = {"type": "contract"}
    assert len(find_errors(description)) == 1
    description["maintenance"]["contractors"] = [{"name": "A company", "until": "2027-01-01"}]
    assert find_errors(description) == []


def test_the_licence_text_is_whole_and_unaltered() -> None:
    text = (ROOT / "LICENSE").read_bytes()
    articles = re.findall(rb"^(\d+)\. ", text, re.MULTILINE)
    assert [int(number) for number in articles] == list(range(1, 16))
    assert hashlib.sha256(text).hexdigest() == EUPL_SHA256


def test_the_hooks_run_what_make_check_runs() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.findall(r"^check:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE)[0]
    checks = [line.replace("$(BIN)/", ".venv/bin/") for line in recipe.split("\n\t")]
    hooks = [hook for repository in load_yaml(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]
    assert [hook["entry"] for hook in hooks] == [check.strip() for check in checks]
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in hooks)


def test_the_editor_settings_agree_with_the_formatter() -> None:
    settings = ConfigParser()
    settings.read_string("[general]\n" + (ROOT / ".editorconfig").read_text("utf-8"))
    ruff_line_length = re.findall(r"^line-length = (\d+)", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert settings["*.py"]["max_line_length"] == ruff_line_length[0]
    assert settings["Makefile"]["indent_style"] == "tab"
