"""`ouvoir partner`: private addresses address once, listed without being shown, revoked."""

import pytest
from click.testing import Result

from tests.cli.command import run_ouvoir


def run_partner(*words: str) -> Result:
    return run_ouvoir("partner", *words)


def test_an_address_is_given_once_listed_without_it_and_revoked() -> None:
    assert run_partner("list").stdout == "aucun partenaire\n"
    address = run_partner("add", "cinema.example").stdout.strip()
    assert address.startswith("/partenaires/") and len(address) > 50
    listed = run_partner("list").stdout
    assert "cinema.example" in listed and "adresse donnée" in listed and address.rpartition("/")[2] not in listed
    assert "révoquée" in run_partner("revoke", "cinema.example").stdout
    assert "sans adresse" in run_partner("list").stdout


@pytest.mark.parametrize("words", [("add", "localhost"), ("revoke", "cinema.example")])
def test_what_cannot_be_is_said_in_one_line(words: tuple[str, ...]) -> None:
    result = run_partner(*words)
    assert result.exit_code == 2 and len(result.stderr.strip().splitlines()) == 1 and result.stderr.startswith("ouvoir : ")
