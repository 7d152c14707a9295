"""French by default, English under /en: the same addresses, the same templates, the words of one catalogue."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request
from markupsafe import Markup
from werkzeug.utils import redirect

FRENCH, ENGLISH = "fr", "en"
_ENGLISH_PREFIX = f"/{ENGLISH}"
_LANGUAGE_KEY = "ouvoir.language"
# Agents, editors and programs have one address each.
_FRENCH_ONLY_PATHS = ("/agents/", "/editeurs/", "/api/")
_CATALOG_PATH = Path(__file__).parents[1] / "translations" / "english.po"

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefixMiddleware:
    """Takes /en off the path before the application sees it; every address that the application makes then starts with it."""

    def __init__(self, application: WSGIApp) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        rest = path.removeprefix(_ENGLISH_PREFIX)
        if path == _ENGLISH_PREFIX:
            return redirect(f"{_ENGLISH_PREFIX}/", 308)(environ, start_response)
        if path.startswith(f"{_ENGLISH_PREFIX}/") and rest.startswith(_FRENCH_ONLY_PATHS):
            query = environ.get("QUERY_STRING")
            return redirect(f"{quote(rest)}?{query}" if query else quote(rest), 308)(environ, start_response)
        if path.startswith(f"{_ENGLISH_PREFIX}/"):
            environ |= {
                _LANGUAGE_KEY: ENGLISH,
                "PATH_INFO": rest,
                "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + _ENGLISH_PREFIX,
            }
        return self.application(environ, start_response)


def get_language() -> str:
    """The language of the page being made: « fr » or « en »."""
    return request.environ.get(_LANGUAGE_KEY, FRENCH) if has_request_context() else FRENCH


def is_english() -> bool:
    """Whether the page being made is in English."""
    return get_language() == ENGLISH


def get_other_language() -> tuple[str, str]:
    """The other language, and the address of this page in it."""
    query = request.query_string.decode("latin-1")
    # One slash in front: two, or a backslash, would lead to another site.
    path = "/" + quote(request.path.lstrip("/\\")) + (f"?{query}" if query else "")
    outside = (request.script_root or "").removesuffix(_ENGLISH_PREFIX)
    return (FRENCH, outside + path) if is_english() else (ENGLISH, outside + _ENGLISH_PREFIX + path)


def strip_language_prefix(address: str) -> str:
    """The address of this site without the prefix, for what is the same in every language."""
    root = request.script_root or ""
    return address.replace(f"{root}/", f"{root.removesuffix(_ENGLISH_PREFIX)}/", 1) if is_english() else address


def gettext(message: str) -> str:
    """The message in the language of the page; messages are written in French."""
    found = _load_english_catalog().get(message) if is_english() else None
    if found is None or not found.string:
        return message
    return str(found.string if isinstance(found.string, str) else found.string[0])


def ngettext(singular: str, plural: str, number: int) -> str:
    """The same, for a number of things: in French the plural starts at two."""
    found = _load_english_catalog().get(singular) if is_english() else None
    if found and isinstance(found.string, tuple) and all(found.string):
        return str(found.string[number != 1])
    return singular if number < 2 else plural


def mark_as_french(text: str) -> str:
    """Data that is French, a film's title or a reason, marked as such on a page in English: screen readers change their voice."""
    return Markup('<span lang="fr">{}</span>').format(text) if is_english() else text


@cache
def _load_english_catalog() -> Catalog:
    with _CATALOG_PATH.open("rb") as file:
        return read_po(file, locale=ENGLISH)


def init_app(app: Flask) -> None:
    """Puts the prefix before the application, and the words within reach of templates: `_`, `{% trans %}`."""
    app.wsgi_app = LanguagePrefixMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(alone=strip_language_prefix, in_french=mark_as_french)
    app.jinja_env.globals.update(language=get_language, other_language=get_other_language)
