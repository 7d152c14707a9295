"""Tell who the robot is: its name, its version, and who answers for it."""

from crawlers.addresses import get_url_host, is_loopback
from domain.common.errors import UserError
from domain.common.settings import VERSION, get_settings

ROBOT_NAME = "OuVoir"
FILE_PREFIX = "file:"


def require_identity(url: str) -> None:
    """Raise UserError when nobody answers for a robot that would ask a real site; a file or this machine needs no name."""
    contact = get_settings().contact
    if not contact and not url.startswith(FILE_PREFIX) and not is_loopback(get_url_host(url)):
        raise UserError("OUVOIR_CONTACT : adresse où répondre du robot attendue (page ou courriel), pour lire un vrai site")
    if contact and not contact.isascii():
        raise UserError("OUVOIR_CONTACT : adresse sans accents attendue")


def get_user_agent() -> str:
    """Return the program, its version and who answers for it: the same for every request of a run."""
    return f"{ROBOT_NAME}/{VERSION} (+{get_settings().contact or 'rehearsal'})"


def get_request_delay(host: str, requested: float) -> float:
    """Return the seconds between two requests to a host; only this very machine may be asked faster, in rehearsals."""
    rehearsal_delay = get_settings().loopback_delay
    if rehearsal_delay is not None and is_loopback(host):
        return rehearsal_delay
    return requested
