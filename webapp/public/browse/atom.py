"""Write Atom 1.0 feeds (RFC 4287): what happened, for whoever follows it without an account."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from lxml import etree  # type: ignore[import-untyped]

from domain.common.settings import get_settings
from domain.common.text import clean_text
from webapp.core.context import cache_for_period, format_iso
from webapp.core.i18n import get_language, is_english

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
MAX_ENTRIES = 50
_TAG_YEAR = "2026"  # the year from which the names are ours, as tag addresses want it (RFC 4151)


@dataclass(frozen=True)
class FeedEntry:
    """Represent a fact: `key` names it within its feed for ever, `occurred_at` is when it became true, `url` its page."""

    key: str
    title: str
    occurred_at: datetime
    url: str
    summary: str


@dataclass(frozen=True)
class Feed:
    """Represent a feed at the moment of a request: `key` names it for ever, `page_url` is the page that it follows.

    `default_updated_at` is its date when it has no entry.
    """

    key: str
    title: str
    page_url: str
    entries: Iterable[FeedEntry]
    requested_at: datetime
    default_updated_at: datetime


def render_feed(feed: Feed) -> Response:
    """Render the fifty latest facts of a feed, or « not modified » for whoever has them already."""
    entries = sorted(feed.entries, key=lambda entry: (entry.occurred_at, entry.key), reverse=True)[:MAX_ENTRIES]
    updated_at = entries[0].occurred_at if entries else feed.default_updated_at
    body = _build_document(feed, entries, updated_at)
    response = Response(body, mimetype="application/atom+xml")
    response.set_etag(hashlib.sha256(body).hexdigest()[:24])
    response.last_modified = updated_at
    response.make_conditional(request)
    return cache_for_period(response, feed.requested_at)


def build_tag_uri(key: str) -> str:
    """Return a URI that names a thing and never changes, whatever the address of the site's pages."""
    host = get_settings().hosts[0].strip("[]").split(":")[0] or "localhost"
    return f"tag:{host},{_TAG_YEAR}:{key}"


def _build_document(feed: Feed, entries: Iterable[FeedEntry], updated_at: datetime) -> bytes:
    root = etree.Element(f"{{{ATOM_NAMESPACE}}}feed", nsmap={None: ATOM_NAMESPACE})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", get_language())
    key = f"{get_language()}/{feed.key}" if is_english() else feed.key  # the same facts in other words are another feed
    _add_element(root, "id", build_tag_uri(key))
    _add_element(root, "title", feed.title)
    _add_element(root, "updated", format_iso(updated_at))
    author = etree.SubElement(root, f"{{{ATOM_NAMESPACE}}}author")
    _add_element(author, "name", "OùVoir")
    _add_element(author, "uri", url_for("films.show_home", _external=True))
    _add_element(root, "link", None, rel="self", type="application/atom+xml", href=request.url)
    _add_element(root, "link", None, rel="alternate", type="text/html", href=feed.page_url)
    for entry in entries:
        _add_entry(root, entry, key)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add_entry(root: Any, entry: FeedEntry, feed_key: str) -> None:
    element = etree.SubElement(root, f"{{{ATOM_NAMESPACE}}}entry")
    _add_element(element, "id", build_tag_uri(f"{feed_key}/{entry.key}"))
    _add_element(element, "title", entry.title)
    _add_element(element, "updated", format_iso(entry.occurred_at))
    _add_element(element, "link", None, rel="alternate", type="text/html", href=entry.url)
    _add_element(element, "summary", entry.summary)


def _add_element(parent: Any, name: str, text: str | None, **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{ATOM_NAMESPACE}}}{name}", attributes)
    element.text = None if text is None else clean_text(text)
