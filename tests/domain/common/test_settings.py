"""Check what the environment may change, and how a bad value is told."""

from pathlib import Path

import pytest

from domain.common.environment import DATA, MIGRATIONS, ROOT
from domain.common.errors import UserError
from domain.common.settings import VARIABLES, IdentityProvider, get_settings

PROVIDER = {
    "OUVOIR_OIDC_ISSUER": "https://idp.example/api/.well-known/openid-configuration",
    "OUVOIR_OIDC_CLIENT_ID": "us",
    "OUVOIR_OIDC_CLIENT_SECRET": "hidden-value",
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = get_settings()
    assert settings.database_url == f"sqlite:///{ROOT / 'var' / 'ouvoir.db'}"
    assert (settings.deposit, settings.open_data) == (ROOT / "var" / "deposit", ROOT / "var" / "opendata")
    assert settings.hosts == ("localhost", "127.0.0.1", "[::1]") and settings.site_url == "http://127.0.0.1:8000"
    assert (settings.contact, settings.loopback_delay) == (None, None)
    assert not settings.allow_loopback and settings.identity_provider is None and settings.datagouv_key is None


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = get_settings()
    for name in VARIABLES.values():
        monkeypatch.setenv(name, "")
    assert get_settings() == defaults


def test_a_changed_variable_is_seen_at_once_and_the_rest_is_not_parsed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = get_settings()
    assert get_settings() is before
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    assert get_settings().database_url == f"sqlite:///{tmp_path / 'ouvoir.db'}" and get_settings().deposit == tmp_path / "deposit"


def test_hosts_are_read_in_small_letters_and_the_first_public_one_is_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_HOSTS", "localhost, .Cinema.example ,OuVoir.Example,")
    assert get_settings().hosts == ("localhost", ".cinema.example", "ouvoir.example")
    assert get_settings().site_url == "https://ouvoir.example"


def test_a_setting_that_was_removed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_EXECUTOR", "dask://10.0.0.1:8786")
    with pytest.raises(UserError, match="^OUVOIR_EXECUTOR : ce réglage n'existe plus"):
        get_settings()
    monkeypatch.setenv("OUVOIR_EXECUTOR", "")
    assert get_settings().contact is None


@pytest.mark.parametrize(("value", "allowed"), [("1", True), ("0", False), ("true", False), ("oui", False)])
def test_only_a_one_allows_loopback(monkeypatch: pytest.MonkeyPatch, value: str, allowed: bool) -> None:
    monkeypatch.setenv("OUVOIR_ALLOW_LOOPBACK", value)
    assert get_settings().allow_loopback is allowed


@pytest.mark.parametrize("value", ["vite", "nan", "inf", "-1", "3601"])
def test_a_delay_that_is_no_number_of_seconds_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", value)
    with pytest.raises(UserError) as error:
        get_settings()
    assert str(error.value) == f"OUVOIR_LOOPBACK_DELAY : nombre de secondes attendu, lu « {value} »"


def test_an_identity_provider_is_whole_and_its_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    acr = ("eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3")
    assert get_settings().identity_provider == IdentityProvider("https://idp.example/api", "us", "hidden-value", acr)
    assert "hidden-value" not in repr(get_settings()) + repr(get_settings().identity_provider)


@pytest.mark.parametrize("absent", PROVIDER)
def test_a_provider_that_is_half_named_is_refused(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    for name in PROVIDER.keys() - {absent}:
        monkeypatch.setenv(name, PROVIDER[name])
    with pytest.raises(UserError, match=f"^{absent} : valeur attendue, comme pour OUVOIR_.* et OUVOIR_"):
        get_settings()


def test_the_data_and_the_migrations_of_the_repository_are_found() -> None:
    assert (DATA, MIGRATIONS) == (ROOT / "data", ROOT / "migrations")
