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
_PREFIX = f"/{ENGLISH}"
_MARK = "ouvoir.language"
# Agents, editors and programs have one address each.
_FRENCH_ONLY = ("/agents/", "/editeurs/", "/api/")
_CATALOGUE = Path(__file__).parents[1] / "translations" / "english.po"

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefix:
    """Takes /en off the path before the application sees it; every address that the application makes then starts with it."""

    def __init__(self, application: Wsgi) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        rest = path.removeprefix(_PREFIX)
        if path == _PREFIX:
            return redirect(f"{_PREFIX}/", 308)(environ, start)
        if path.startswith(f"{_PREFIX}/") and rest.startswith(_FRENCH_ONLY):
            query = environ.get("QUERY_STRING")
            return redirect(f"{quote(rest)}?{query}" if query else quote(rest), 308)(environ, start)
        if path.startswith(f"{_PREFIX}/"):
            environ |= {_MARK: ENGLISH, "PATH_INFO": rest, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + _PREFIX}
        return self.application(environ, start)


def language() -> str:
    """The language of the page being made: « fr » or « en »."""
    return request.environ.get(_MARK, FRENCH) if has_request_context() else FRENCH


def is_english() -> bool:
    """Whether the page being made is in English."""
    return language() == ENGLISH


def other_language() -> tuple[str, str]:
    """The other language, and the address of this page in it."""
    query = request.query_string.decode("latin-1")
    # One slash in front: two, or a backslash, would lead to another site.
    path = "/" + quote(request.path.lstrip("/\\")) + (f"?{query}" if query else "")
    outside = (request.script_root or "").removesuffix(_PREFIX)
    return (FRENCH, outside + path) if is_english() else (ENGLISH, outside + _PREFIX + path)


def alone(address: str) -> str:
    """The address of this site without the prefix, for what is the same in every language."""
    root = request.script_root or ""
    return address.replace(f"{root}/", f"{root.removesuffix(_PREFIX)}/", 1) if is_english() else address


def gettext(message: str) -> str:
    """The message in the language of the page; messages are written in French."""
    found = _english().get(message) if is_english() else None
    if found is None or not found.string:
        return message
    return str(found.string if isinstance(found.string, str) else found.string[0])


def ngettext(singular: str, plural: str, number: int) -> str:
    """The same, for a number of things: in French the plural starts at two."""
    found = _english().get(singular) if is_english() else None
    if found and isinstance(found.string, tuple) and all(found.string):
        return str(found.string[number != 1])
    return singular if number < 2 else plural


def in_french(text: str) -> str:
    """Data that is French, a film's title or a reason, marked as such on a page in English: screen readers change their voice."""
    return Markup('<span lang="fr">{}</span>').format(text) if is_english() else text


@cache
def _english() -> Catalog:
    with _CATALOGUE.open("rb") as file:
        return read_po(file, locale=ENGLISH)


def register(app: Flask) -> None:
    """Puts the prefix before the application, and the words within reach of templates: `_`, `{% trans %}`."""
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[assignment,method-assign]
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(alone=alone, in_french=in_french)
    app.jinja_env.globals.update(language=language, other_language=other_language)
