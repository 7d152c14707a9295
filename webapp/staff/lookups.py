"""Look up what several staff pages show: a row by its id, the names of agents, open tasks, films by title."""

from datetime import UTC, datetime
from typing import TypeVar

from sqlmodel import Session, SQLModel

from domain.accounts.agents import list_agents
from domain.common.enums import TaskKind
from domain.models.film import Film
from domain.models.task import Task
from domain.tasks import list_open_tasks
from search.results import search_films
from webapp.core.title_index import get_title_index

_Model = TypeVar("_Model", bound=SQLModel)


def find_row(db: Session, model: type[_Model], row_id: int | None) -> _Model | None:
    """Return the row of an id, None without an id or without a row."""
    return None if row_id is None else db.get(model, row_id)


def map_agent_names(db: Session) -> dict[int | None, str]:
    """Return the name of every agent, by id."""
    return {agent.id: agent.name for agent in list_agents(db)}


def list_open_tasks_of(db: Session, kind: TaskKind) -> list[Task]:
    """Return the open tasks of a kind, the oldest first."""
    return [task for task in list_open_tasks(db) if task.kind is kind]


def search_films_by_title(db: Session, query: str, limit: int) -> list[Film]:
    """Return the films that the site's search gives for a title, none for an empty query."""
    if not query:
        return []
    results = search_films(db, get_title_index, query, 1, datetime.now(UTC))
    return [hit.film for hit in results.hits[:limit]]
