"""Choose the language of a page: French by default, English under /en; the same addresses and the same templates."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import flask_babel  # type: ignore[import-untyped]
from babel.support import NullTranslations
from flask import Flask, has_app_context, has_request_context, request
from markupsafe import Markup
from werkzeug.utils import redirect

from webapp.core.translations import FRENCH as FRENCH
from webapp.core.translations import FrenchTranslations, PoDomain

ENGLISH = "en"
LOCALES = {FRENCH: "fr", ENGLISH: "en_GB"}
"""The locale in which figures and dates are written, by language."""
_ENGLISH_PREFIX = f"/{ENGLISH}"
_LANGUAGE_KEY = "ouvoir.language"
# Agents, editors and programs have one address each.
_FRENCH_ONLY_PATHS = ("/agents/", "/editeurs/", "/api/")

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefixMiddleware:
    """Move /en from the path to the root of the application, so that every address it makes starts with /en too."""

    def __init__(self, application: WSGIApp) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        rest = path.removeprefix(_ENGLISH_PREFIX)
        if path == _ENGLISH_PREFIX:
            return redirect(f"{_ENGLISH_PREFIX}/", 308)(environ, start_response)
        if not path.startswith(f"{_ENGLISH_PREFIX}/"):
            return self.application(environ, start_response)
        if rest.startswith(_FRENCH_ONLY_PATHS):
            return redirect(_append_query(quote(rest), environ.get("QUERY_STRING", "")), 308)(environ, start_response)
        environ[_LANGUAGE_KEY] = ENGLISH
        environ["PATH_INFO"] = rest
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _ENGLISH_PREFIX
        return self.application(environ, start_response)


def get_language() -> str:
    """Return the language of the current page, « fr » or « en »; French outside a request."""
    return request.environ.get(_LANGUAGE_KEY, FRENCH) if has_request_context() else FRENCH


def is_english() -> bool:
    """Return whether the current page is in English."""
    return get_language() == ENGLISH


def get_other_language() -> tuple[str, str]:
    """Return the other language and the address of the current page in it."""
    query = request.query_string.decode("latin-1")
    # One slash in front: two, or a backslash, would lead to another site.
    path = _append_query("/" + quote(request.path.lstrip("/\\")), query)
    root = (request.script_root or "").removesuffix(_ENGLISH_PREFIX)
    if is_english():
        return FRENCH, root + path
    return ENGLISH, root + _ENGLISH_PREFIX + path


def _append_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def strip_language_prefix(address: str) -> str:
    """Return an address of this site without the language prefix, for what is the same in every language."""
    if not is_english():
        return address
    root = request.script_root or ""
    return address.replace(f"{root}/", f"{root.removesuffix(_ENGLISH_PREFIX)}/", 1)


def gettext(message: str) -> str:
    """Return a message, written in French, in the language of the current page."""
    return str(_get_translations().ugettext(message))


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a message that agrees with a count, in the language of the current page."""
    return str(_get_translations().ungettext(singular, plural, count))


def _get_translations() -> NullTranslations:
    return flask_babel.get_translations() if has_app_context() else FrenchTranslations()


def mark_as_french(text: str) -> str:
    """Return text that is always French, such as a title, marked so on an English page: screen readers change their voice."""
    return Markup('<span lang="fr">{}</span>').format(text) if is_english() else text


def init_app(app: Flask) -> None:
    """Read the language from the address, and give templates their translations (`_`, `{% trans %}`) through Flask-Babel."""
    app.wsgi_app = LanguagePrefixMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    babel = flask_babel.Babel()
    babel.domain_instance = PoDomain()
    babel.init_app(app, default_locale=FRENCH, locale_selector=get_language)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update(alone=strip_language_prefix, in_french=mark_as_french)
    app.jinja_env.globals.update(language=get_language, other_language=get_other_language)
