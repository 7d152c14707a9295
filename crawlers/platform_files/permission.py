"""Check that a platform may be collected now: by law and by its file first, then by what this machine has."""

from urllib.parse import urlsplit

from sqlmodel import Session

from crawlers.addresses import get_url_host, is_loopback, is_web_url
from crawlers.identity import require_identity
from crawlers.platform_files.loader import AnyPlatformFile, PlatformFile, get_collection_obstacle
from crawlers.spiders.request_signing import build_auth_header, get_auth
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.common.text import clean_text
from domain.models.platform import Platform
from domain.tasks import is_collection_paused


def require_valid_origin(origin: str) -> None:
    """Raise UserError when a rehearsal's server is not « http://server:port »."""
    if not is_web_url(origin) or _has_path(origin):
        raise UserError(f"--origin : http://serveur:port attendu, lu « {clean_text(origin)} »")


def _has_path(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def require_collectable(file: AnyPlatformFile, origin: str | None) -> PlatformFile:
    """Return the file of a platform that may be collected. Raises UserError saying why another may not."""
    is_rehearsal = origin is not None and is_loopback(get_url_host(origin)) and get_settings().allow_loopback
    obstacle = get_collection_obstacle(file, is_rehearsal)
    if obstacle is not None or not isinstance(file, PlatformFile):
        raise UserError(f"{file.slug} : {obstacle}")
    return file


def require_credentials(platform: PlatformFile, origin: str | None) -> None:
    """Raise UserError when this machine lacks what the collection needs: who answers for the robot, a secret."""
    target = platform.with_origin(origin) if origin else platform
    require_identity(target.source.url)
    auth = get_auth(platform.source)
    if auth is not None:
        build_auth_header(auth, platform.slug)


def require_unpaused(session: Session, platform: Platform) -> None:
    """Raise UserError while an agent is expected to read what changed in the platform's robots.txt."""
    if is_collection_paused(session, platform):
        raise UserError(f"{platform.slug} : robots.txt a changé, un agent doit le relire (voir « ouvoir tasks »)")
