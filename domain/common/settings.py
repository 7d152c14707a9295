"""Read the settings of the environment."""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.common.environment import get_default_var, get_removed_values, refuse_removed_variables
from domain.common.errors import UserError

VERSION = "0.2.0"
ENV_PREFIX = "OUVOIR_"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
_EXPECTED_VALUES = {"loopback_delay": "nombre de secondes attendu"}


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Describe the OpenID Connect provider of agents, our account there, and the `acr` levels that are strong enough."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    acr: tuple[str, ...]


def _split_hosts(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = [name.strip() for name in value.lower().split(",")]
    return tuple(filter(None, names))


def _split_words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _describe(meaning: str, default: str) -> dict[str, Any]:
    """Return the documentation of a field: what it means, and its default as the documentation prints it (Markdown)."""
    return {"description": meaning, "json_schema_extra": {"default": default}}


class Settings(BaseSettings):
    """Hold what the environment may change: `contact` is the variable OUVOIR_CONTACT; an empty variable counts as absent."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    # Before the fields whose default stands under it.
    var: Path = Field(
        default_factory=get_default_var,
        **_describe("where logs, locks, the key that signs forms and the default database stand", "`var`"),
    )
    database_url: str = Field(
        default_factory=lambda fields: f"sqlite:///{fields['var'] / 'ouvoir.db'}",
        **_describe(
            "`sqlite:///FILE` or `postgresql://…`", "one SQLite file, `ouvoir.db` under `OUVOIR_VAR` (`make run`: `var/demo.db`)"
        ),
    )
    contact: str | None = Field(
        default=None,
        **_describe(
            "where the robot's operator answers (page or mailbox), sent with every request; compulsory to collect a real site. "
            "Also the site's own contact, and that of `security.txt`",
            "none",
        ),
    )
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_hosts)] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        **_describe(
            "names under which the site may be asked for, with commas, with the port where it is unusual; "
            "other names and ports are refused",
            "`localhost,127.0.0.1,[::1]`",
        ),
    )
    deposit: Path = Field(
        default_factory=lambda fields: fields["var"] / "deposit",
        **_describe('the folder where partners\' files are dropped (`url = "file:…"` in a platform file)', "`var/deposit`"),
    )
    open_data: Path = Field(
        default_factory=lambda fields: fields["var"] / "opendata",
        **_describe("the folder of the exports that the site serves", "`var/opendata`"),
    )
    datagouv_key: SecretStr | None = Field(
        default=None, **_describe("the key of the data.gouv.fr API, for `ouvoir publish --yes`", "none")
    )
    oidc_issuer: str = Field(
        default="",
        **_describe(
            "the `https://` address of ProConnect, or of another OpenID Connect provider, where agents sign in "
            "(docs/decisions/0024-signing-in.md); goes with the two next",
            "local accounts only",
        ),
    )
    oidc_client_id: str = Field(default="", **_describe("our identifier at that provider", "none"))
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), **_describe("our secret at that provider", "none"))
    oidc_acr: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words)] = Field(
        default=("eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3"),
        **_describe("the levels (`acr`) that are strong enough, with spaces", "`eidas0-mfa eidas1-mfa eidas2 eidas3`"),
    )
    allow_loopback: Annotated[bool, BeforeValidator(lambda value: value in ("1", True))] = Field(
        default=False, **_describe("`1` lets loopback addresses be collected (rehearsals)", "refused")
    )
    loopback_delay: float | None = Field(
        default=None, ge=0, le=3600, **_describe("seconds between two requests to a loopback address", "the usual courtesy")
    )

    @property
    def site_url(self) -> str:
        """Return the site's own address, printed in files: https and the first public name of `hosts`, else this machine's."""
        public = [host for host in self.hosts if not host.startswith(("localhost", "127.", "[", "."))]
        return f"https://{public[0]}" if public else "http://127.0.0.1:8000"

    @property
    def identity_provider(self) -> IdentityProvider | None:
        """Return the provider that the `oidc_*` fields name; None when they are empty."""
        if not self.oidc_issuer.strip():
            return None
        issuer = self.oidc_issuer.strip().removesuffix("/.well-known/openid-configuration").rstrip("/")
        secret = self.oidc_client_secret.get_secret_value().strip()
        return IdentityProvider(issuer, self.oidc_client_id.strip(), secret, self.oidc_acr)

    @model_validator(mode="after")
    def _check_identity_provider(self) -> "Settings":
        """Refuse a provider that is half named, or not reached over https."""
        values = {
            "OUVOIR_OIDC_ISSUER": self.oidc_issuer.strip(),
            "OUVOIR_OIDC_CLIENT_ID": self.oidc_client_id.strip(),
            "OUVOIR_OIDC_CLIENT_SECRET": self.oidc_client_secret.get_secret_value().strip(),
        }
        missing = [name for name, value in values.items() if not value]
        if len(missing) == len(values):
            return self
        if missing:
            given = " et ".join(name for name in values if name not in missing)
            raise ValueError(f"{missing[0]} : valeur attendue, comme pour {given}")
        issuer = values["OUVOIR_OIDC_ISSUER"]
        if not is_confidential(issuer):
            raise ValueError(f"OUVOIR_OIDC_ISSUER : adresse en https:// attendue, lu « {issuer} »")
        return self


VARIABLES = {name: f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
"""The environment variable of each field."""


def get_settings() -> Settings:
    """Return the settings of the environment as it is now; they are parsed again only when one of its variables changed.

    Raises UserError, in one French line, when a variable cannot be understood.
    """
    return _parse_settings((*map(os.environ.get, VARIABLES.values()), *get_removed_values()))


@lru_cache(maxsize=1)
def _parse_settings(_values: tuple[str | None, ...]) -> Settings:
    """Parse the environment, whose values are the key of the cache."""
    refuse_removed_variables()
    try:
        return Settings()
    except ValidationError as error:
        fault = error.errors()[0]
    if not fault["loc"]:
        raise UserError(str(fault["ctx"]["error"]))
    name = str(fault["loc"][0])
    raise UserError(f"{VARIABLES[name]} : {_EXPECTED_VALUES.get(name, 'valeur refusée')}, lu « {fault['input']} »")


def is_confidential(address: str) -> bool:
    """Tell whether what is sent to that address stays secret on the way: https, or this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS))
