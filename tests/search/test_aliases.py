"""A film is found by an alias as by another title, and by none that was removed."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.db.engine import write_session
from domain.films.aliases import add_alias, remove_alias
from domain.models.columns import get_id
from domain.models.entry import Entry
from tests.conftest import NOW
from tests.domain.review_scene import make_agent
from tests.scene import add_service, make_offer
from tests.search.conftest import POULE, SAMURAI, Find, get_film_ids
from webapp.core.title_index import get_index_manager

ALIAS = "Seven Samurai au Caire"


def _keep_alias(session: Session) -> int:
    """Keep the title of a service's entry as an alias of a film, and return its id."""
    add_service(session, "alias", "Alias Exemple", NOW, {POULE: [make_offer(Access.RENT, 299)]})
    entry = session.exec(select(Entry).order_by(col(Entry.id).desc())).first()
    assert entry is not None
    entry.title = ALIAS
    alias = add_alias(session, entry, POULE, make_agent(session), NOW + timedelta(seconds=1))
    assert alias is not None
    return get_id(alias)


def _find_ids(site: Flask, find: Find, query: str) -> list[int]:
    """Return the films that a query finds once the index is up to date."""
    find(query)
    with site.app_context():
        get_index_manager().wait_until_ready()
    return get_film_ids(find(query))


def test_an_alias_finds_its_film_as_another_title_does_until_it_is_removed(site: Flask, engine: Engine, find_added: Find) -> None:
    with write_session(engine) as session:
        alias_id = _keep_alias(session)
    assert _find_ids(site, find_added, ALIAS)[0] == POULE
    assert _find_ids(site, find_added, "seven samurai") == [SAMURAI, POULE]
    with write_session(engine) as session:
        remove_alias(session, alias_id, ALIAS, NOW + timedelta(seconds=2))
    assert _find_ids(site, find_added, "seven samurai") == [SAMURAI]
