"""Say how to reach those who operate the site, at the address that its robot gives too."""

from datetime import UTC, datetime, time, timedelta

from flask import Response, abort, request, url_for

from domain.common.settings import get_settings

_VALID_FOR = timedelta(days=180)
_FORBIDDEN_MAILBOX_CHARACTERS = set(" <>\"'?&")


def get_contact_link() -> str | None:
    """Return a web page or a mailbox as a link; None when OUVOIR_CONTACT says nothing that can be followed."""
    contact = get_settings().contact or ""
    if contact.startswith(("https://", "http://")):
        return contact
    mailbox = contact.removeprefix("mailto:")
    is_mailbox = mailbox.count("@") == 1 and not set(mailbox) & _FORBIDDEN_MAILBOX_CHARACTERS
    return f"mailto:{mailbox}" if is_mailbox else None


def render_security_txt() -> Response:
    """Return security.txt (RFC 9116); answered 404 when nobody has said where to write, or when only an unsafe page is known."""
    link = get_contact_link()
    if link is None or link.startswith("http:"):
        abort(404)
    expires_at = datetime.combine(datetime.now(UTC).date() + _VALID_FOR, time(), UTC)
    fields = [f"Contact: {link}", f"Expires: {expires_at:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: fr, en"]
    if request.is_secure:
        fields.append(f"Canonical: {url_for('about.show_security_txt', _external=True)}")
    return Response("\n".join(fields) + "\n", content_type="text/plain; charset=utf-8")
