"""Render the page behind an offer of the demonstration, where a real service would show the film."""

from collections.abc import Sequence
from html import escape

from demonstration.http_service import Request, Response
from demonstration.listing import Listing

_PAGE_TEMPLATE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – {service}</title>
{head}</head>
<body>
<main>
<p>{service}</p>
<h1>{title}</h1>
<p>Plateforme inventée : ici, le service vous ferait voir le film « {title} ».</p>
{body}</main>
</body>
</html>
"""


def build_offer_url(origin: str, listing: Listing) -> str:
    """Build the address of the page of a listing's offers."""
    return f"{origin}/voir/{listing.ref}"


def render_page(service: str, title: str, head: str = "", body: str = "") -> Response:
    """Render a small French page; `head` and `body` are markup already."""
    markup = _PAGE_TEMPLATE.format(service=escape(service), title=escape(title), head=head, body=body)
    return Response(markup.encode(), "text/html; charset=utf-8")


def find_offer_page(service: str, listings: Sequence[Listing], request: Request) -> Response | None:
    """Find the page of offers that is requested; None when the service lists no such film."""
    for listing in listings:
        if request.path == f"/voir/{listing.ref}":
            return render_page(service, listing.title)
    return None
