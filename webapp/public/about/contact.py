"""How to reach those who operate the site: the address that its robot gives too."""

from datetime import UTC, datetime, time, timedelta

from flask import Response, abort, request, url_for

from domain.common.settings import get_settings

_VALID_FOR = timedelta(days=180)


def get_contact_link() -> str | None:
    """A web page or a mailbox as a link; None when OUVOIR_CONTACT says nothing that can be followed."""
    told = get_settings().contact or ""
    if told.startswith(("https://", "http://")):
        return told
    mailbox = told.removeprefix("mailto:")
    return f"mailto:{mailbox}" if mailbox.count("@") == 1 and not set(mailbox) & set(" <>\"'?&") else None


def render_security_txt() -> Response:
    """security.txt (RFC 9116); 404 when nobody has said where to write, or when only an unsafe page is known."""
    link = get_contact_link()
    if link is None or link.startswith("http:"):
        abort(404)
    expires = datetime.combine(datetime.now(UTC).date() + _VALID_FOR, time(), UTC)
    lines = [f"Contact: {link}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: fr, en"]
    if request.is_secure:
        lines.append(f"Canonical: {url_for('about.show_security_txt', _external=True)}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
