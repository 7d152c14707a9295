"""Give views the application's title index."""

from flask import Flask, current_app
from sqlmodel import Session

from search.index_manager import IndexNotReadyError, TitleIndexManager
from search.title_index import TitleIndex
from webapp.core.context import ENGINE_KEY, UnavailableError
from webapp.core.i18n import gettext

_MANAGER_KEY = "ouvoir.titles"


def get_index_manager() -> TitleIndexManager:
    """Return the application's index manager."""
    manager: TitleIndexManager = current_app.extensions[_MANAGER_KEY]
    return manager


def get_title_index(session: Session) -> TitleIndex:
    """Return the current title index. Raise UnavailableError, answered 503, while the first one is being built."""
    try:
        return get_index_manager().get_index(session)
    except IndexNotReadyError:
        raise UnavailableError(gettext("La recherche se prépare : réessayez dans quelques instants.")) from None


def init_app(app: Flask) -> None:
    """Give the application an index manager; nothing is read until somebody searches."""
    app.extensions[_MANAGER_KEY] = TitleIndexManager(app.extensions[ENGINE_KEY])
