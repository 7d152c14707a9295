"""Name who decides, as structured values; the text shown is made here, and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel import Session, select

from domain.common.enums import AuthorKind
from domain.models.agent import Agent
from domain.models.decision import AuthoredRow


class AuthorColumns(Protocol):
    """Define what tells an author: an `Author`, a row of a table of decisions, or a row of a query that names its columns."""

    @property
    def author_kind(self) -> AuthorKind | str:
        """What sort of author it is."""

    @property
    def agent_id(self) -> int | None:
        """The agent, where it is one."""

    @property
    def matcher_version(self) -> str:
        """The version of the matcher, where it is the matcher."""

    @property
    def author_label(self) -> str:
        """The name of a source, or a text."""


@dataclass(frozen=True, slots=True)
class Author:
    """Represent who decides; the fields are the columns of `domain.models.decision.AuthoredRow`."""

    author_kind: AuthorKind
    agent_id: int | None = None
    matcher_version: str = ""
    author_label: str = ""

    @classmethod
    def by_agent(cls, agent: Agent) -> "Author":
        """Return an agent as the author of a decision."""
        return cls(AuthorKind.AGENT, agent_id=agent.id)

    @classmethod
    def by_matcher(cls, version: str) -> "Author":
        """Return a version of the matcher as the author of a decision."""
        return cls(AuthorKind.MATCHER, matcher_version=version)

    @classmethod
    def by_source(cls, source: str) -> "Author":
        """Return a source of open data, whose record bears the film's own identifiers, as the author of a decision."""
        return cls(AuthorKind.SOURCE, author_label=source)

    @classmethod
    def from_text(cls, text: str) -> "Author":
        """Return an author of whom only a text is known; the text is shown as it is."""
        return cls(AuthorKind.LEGACY, author_label=text)

    @classmethod
    def from_row(cls, row: AuthoredRow) -> "Author":
        """Return the author that a row of a table of decisions tells."""
        return cls(row.author_kind, row.agent_id, row.matcher_version, row.author_label)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Author":
        """Return the author that `dataclasses.asdict` gave to a JSON column."""
        return cls(**{**stored, "author_kind": AuthorKind(stored["author_kind"])})


def get_agent_logins(session: Session) -> dict[int, str]:
    """Return the login of each agent, by id."""
    logins = session.exec(select(Agent.id, Agent.login))
    return {agent_id: login for agent_id, login in logins if agent_id is not None}


def format_author(author: AuthorColumns, logins: Mapping[int, str]) -> str:
    """Return the author as it is shown: « agent camille », « matcher 2026-11-22 », « wikidata ».

    `logins` are those of `get_agent_logins`; none are needed where the author is known to be a machine.
    """
    if author.author_kind == AuthorKind.MATCHER:
        return f"matcher {author.matcher_version}"
    if author.author_kind == AuthorKind.AGENT and author.agent_id is not None:
        return f"agent {logins[author.agent_id]}"
    return author.author_label
