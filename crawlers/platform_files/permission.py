"""Whether a platform may be collected now: by law and by its file first, then by what this machine has."""

from urllib.parse import urlsplit

from sqlmodel import Session

from crawlers.addresses import is_loopback
from crawlers.identity import require_identity
from crawlers.platform_files.loader import AnyPlatformFile, PlatformFile, get_collection_obstacle
from crawlers.spiders.request_signing import build_auth_header, get_auth
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.common.text import clean_text
from domain.models.platform import Platform
from domain.tasks import is_collection_paused


def require_valid_origin(origin: str) -> None:
    """Raises Problem when a rehearsal's server is not « http://server:port »."""
    try:
        parts = urlsplit(origin)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        fit = False
    if not fit or parts.path.strip("/") or parts.query or parts.fragment:
        raise UserError(f"--origin : http://serveur:port attendu, lu « {clean_text(origin)} »")


def require_collectable(file: AnyPlatformFile, origin: str | None) -> PlatformFile:
    """The file of a platform that may be collected. Raises Problem saying why another may not."""
    rehearsal = origin is not None and is_loopback(urlsplit(origin).hostname or "") and get_settings().allow_loopback
    if (why := get_collection_obstacle(file, rehearsal)) is not None or not isinstance(file, PlatformFile):
        raise UserError(f"{file.slug} : {why}")
    return file


def require_credentials(platform: PlatformFile, origin: str | None) -> None:
    """Raises Problem when this machine lacks what the collection needs: who answers for the robot, a secret."""
    require_identity((platform.with_origin(origin) if origin else platform).source.url)
    if auth := get_auth(platform.source):
        build_auth_header(auth, platform.slug)


def require_unpaused(session: Session, platform: Platform) -> None:
    """Raises Problem while an agent is expected to read what changed in the platform's robots.txt."""
    if is_collection_paused(session, platform):
        raise UserError(f"{platform.slug} : robots.txt a changé, un agent doit le relire (voir « ouvoir tasks »)")
