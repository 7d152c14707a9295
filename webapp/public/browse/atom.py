"""Atom 1.0 (RFC 4287): what happened, told to whoever follows, without an account."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from lxml import etree  # type: ignore[import-untyped]

from domain.common.settings import site_hosts
from domain.common.text import clean
from webapp.core.context import iso, keep_for_period
from webapp.core.i18n import is_english, language

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
_SINCE = "2026"  # the year from which the names are ours, as tag addresses want it (RFC 4151)


@dataclass(frozen=True)
class FeedEntry:
    """A fact: `key` names it for ever within its feed, `moment` is when it became true, `link` the page that tells it."""

    key: str
    title: str
    moment: datetime
    link: str
    summary: str


@dataclass(frozen=True)
class Feed:
    """A feed: `key` names it for ever, `page` is the page it follows, `at` when it is asked, `otherwise` its date when empty."""

    key: str
    title: str
    page: str
    entries: Iterable[FeedEntry]
    at: datetime
    otherwise: datetime


def answer(feed: Feed) -> Response:
    """The feed as it is sent, its fifty latest facts; « not modified » to whoever holds it already."""
    entries = sorted(feed.entries, key=lambda entry: (entry.moment, entry.key), reverse=True)[:MOST]
    updated = entries[0].moment if entries else feed.otherwise
    body = _document(feed, entries, updated)
    response = Response(body, mimetype="application/atom+xml")
    response.set_etag(hashlib.sha256(body).hexdigest()[:24])
    response.last_modified = updated
    response.make_conditional(request)
    return keep_for_period(response, feed.at)


def tag(key: str) -> str:
    """An address that names a thing and never changes, whatever the address of the site's pages."""
    return f"tag:{site_hosts()[0].strip('[]').split(':')[0] or 'localhost'},{_SINCE}:{key}"


def _document(feed: Feed, entries: Iterable[FeedEntry], updated: datetime) -> bytes:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language())
    key = f"{language()}/{feed.key}" if is_english() else feed.key  # the same facts in other words are another feed
    _put(root, "id", tag(key))
    _put(root, "title", feed.title)
    _put(root, "updated", iso(updated))
    author = etree.SubElement(root, f"{{{ATOM}}}author")
    _put(author, "name", "OùVoir")
    _put(author, "uri", url_for("films.home", _external=True))
    _put(root, "link", None, rel="self", type="application/atom+xml", href=request.url)
    _put(root, "link", None, rel="alternate", type="text/html", href=feed.page)
    for entry in entries:
        told = etree.SubElement(root, f"{{{ATOM}}}entry")
        _put(told, "id", tag(f"{key}/{entry.key}"))
        _put(told, "title", entry.title)
        _put(told, "updated", iso(entry.moment))
        _put(told, "link", None, rel="alternate", type="text/html", href=entry.link)
        _put(told, "summary", entry.summary)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _put(parent: Any, name: str, text: str | None, **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = None if text is None else clean(text)
