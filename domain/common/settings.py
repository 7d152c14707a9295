"""What the environment may change, and where files stand."""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from domain.common.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
VAR = Path(os.environ.get("OUVOIR_VAR") or ROOT / "var")
VERSION = "0.1.0"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
_STRONG_ACR = "eidas0-mfa eidas1-mfa eidas2 eidas3"


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where agents identify themselves by OpenID Connect, who we are there, and which `acr` are strong enough."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    acr: tuple[str, ...]


def get_database_url() -> str:
    """SQLAlchemy address of the database; one SQLite file under var/ by default."""
    return os.environ.get("OUVOIR_DATABASE_URL") or f"sqlite:///{VAR / 'ouvoir.db'}"


def get_deposit_folder() -> Path:
    """Where catalogues delivered as files are left, for the sources written `file:folder/name`."""
    return Path(os.environ.get("OUVOIR_DEPOSIT") or VAR / "deposit")


def get_open_data_folder() -> Path:
    """Where the exports of open data stand, for the site to serve."""
    return Path(os.environ.get("OUVOIR_OPEN_DATA") or VAR / "opendata")


def get_site_hosts() -> list[str]:
    """The names under which the site may be asked for, in small letters; this machine's only, unless OUVOIR_HOSTS says others."""
    written = os.environ.get("OUVOIR_HOSTS") or "localhost,127.0.0.1,[::1]"
    return [host.strip() for host in written.lower().split(",") if host.strip()]


def get_site_url() -> str:
    """The site's own address, printed in files: https and the first public name of OUVOIR_HOSTS, else this machine's."""
    public = [host for host in get_site_hosts() if not host.startswith(("localhost", "127.", "[", "."))]
    return f"https://{public[0]}" if public else "http://127.0.0.1:8000"


def get_executor_address() -> str:
    """The Dask cluster that matches, « dask://host:port »; nothing means this machine."""
    return os.environ.get("OUVOIR_EXECUTOR", "")


def get_robot_contact() -> str | None:
    """The address that our crawlers give of themselves: a page or a mailbox where their operator answers."""
    return os.environ.get("OUVOIR_CONTACT") or None


def is_loopback_allowed() -> bool:
    """Whether loopback and private addresses may be collected: rehearsals and the demonstration only."""
    return os.environ.get("OUVOIR_ALLOW_LOOPBACK") == "1"


def get_loopback_delay() -> float | None:
    """Seconds between two requests to a loopback address; None means the usual courtesy.

    Raises Problem when the variable is not a number of seconds.
    """
    text = os.environ.get("OUVOIR_LOOPBACK_DELAY")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 3600:
        raise UserError(f"OUVOIR_LOOPBACK_DELAY : nombre de secondes attendu, lu « {text} »")
    return seconds


def get_identity_provider() -> IdentityProvider | None:
    """The provider of the environment; None when none is named. Raises Problem when it is half named, or not over https."""
    names = ("OUVOIR_OIDC_ISSUER", "OUVOIR_OIDC_CLIENT_ID", "OUVOIR_OIDC_CLIENT_SECRET")
    issuer, client_id, secret = (os.environ.get(name, "").strip() for name in names)
    if not (issuer or client_id or secret):
        return None
    if missing := [name for name in names if not os.environ.get(name, "").strip()]:
        raise UserError(
            f"{missing[0]} : valeur attendue, comme pour {' et '.join(name for name in names if name not in missing)}"
        )
    if not is_confidential(issuer):
        raise UserError(f"OUVOIR_OIDC_ISSUER : adresse en https:// attendue, lu « {issuer} »")
    issuer = issuer.removesuffix("/.well-known/openid-configuration").rstrip("/")
    acr = tuple((os.environ.get("OUVOIR_OIDC_ACR") or _STRONG_ACR).split())
    return IdentityProvider(issuer, client_id, secret, acr)


def is_confidential(address: str) -> bool:
    """Whether what is said to that address stays secret on the way: https, or this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS))
