"""Add to a film the title of an entry that an agent says is this film, and remove it when the answer is undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from domain.common.enums import ProvenanceKind, TitleKind
from domain.common.numerals import extract_numbers, extract_object_words, normalise_numbers
from domain.common.part_marks import remove_part_marks
from domain.common.text import clean_text
from domain.common.titles import build_title_key, split_title
from domain.films.edits import lock_film
from domain.films.overrides import format_title_token, get_removed_tokens
from domain.films.title_rows import is_usable_title
from domain.linking.provenance import Provenance
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film, FilmTitle
from domain.models.platform import Platform


@dataclass(frozen=True, slots=True)
class AliasProposal:
    """Represent a title of an entry that a film does not have; `is_likely` tells whether to keep it unless an agent objects."""

    title: str
    is_likely: bool


def propose_alias(session: Session, entry: Entry, film: Film) -> AliasProposal | None:
    """Return the title that a film would gain from an entry; None when it has it already, or when the title names nothing."""
    title = _extract_title(entry)
    key = build_title_key(title)
    film_keys = session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film.id)).all()
    if not is_usable_title(title) or key in film_keys:
        return None
    is_removed = format_title_token(key) in get_removed_tokens(film.edited)
    return AliasProposal(title, _names_same_object(key, [*film_keys, build_title_key(film.title)]) and not is_removed)


def _extract_title(entry: Entry) -> str:
    return clean_text(split_title(entry.title).title)


def _names_same_object(key: str, film_keys: Iterable[str]) -> bool:
    """Tell whether a title has the numbers, and the words such as « épisode » or « bonus », of one of a film's titles."""
    marks = _extract_marks(key)
    return any(_extract_marks(film_key) == marks for film_key in film_keys)


def _extract_marks(key: str) -> tuple[frozenset[str], frozenset[str]]:
    figures_key = remove_part_marks(normalise_numbers(key))
    return extract_numbers(figures_key), extract_object_words(figures_key)


def add_alias(session: Session, entry: Entry, film_id: int, agent: Agent, now: datetime) -> FilmTitle | None:
    """Add an entry's title to the film's aliases, and return it; None when the film has it already. Raises UserError."""
    film = lock_film(session, film_id)
    proposal = propose_alias(session, entry, film)
    if proposal is None:
        return None
    platform = session.get_one(Platform, entry.platform_id)
    alias = FilmTitle(
        film_id=film_id,
        title=proposal.title,
        kind=TitleKind.ALIAS,
        key=build_title_key(proposal.title),
        **Provenance.by_platform(platform.slug, agent).to_columns(),
    )
    film.updated_at = now
    session.add_all((film, alias))
    session.flush()
    return alias


def remove_alias(session: Session, alias_id: int, title: str | None, now: datetime) -> None:
    """Remove an alias that an agent kept of an entry, unless it has become something else since.

    `title` is its text, None where the trail does not tell: a row's id may serve again.
    """
    alias = session.get(FilmTitle, alias_id)
    if alias is None or title not in (alias.title, None) or not _is_kept_from_entry(alias):
        return
    film = session.get_one(Film, alias.film_id)
    film.updated_at = now
    session.add(film)
    session.delete(alias)
    session.flush()


def _is_kept_from_entry(title: FilmTitle) -> bool:
    return title.kind is TitleKind.ALIAS and title.source_kind is ProvenanceKind.PLATFORM
