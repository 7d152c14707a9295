"""From the lines of a list to films: a number first, then the same title with its year or director; doubt is told as doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import tantivy
from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from domain.common.enums import Kind
from domain.common.identifiers import read_identifiers
from domain.common.text import words
from domain.common.titles import title_key
from domain.models.film import Film, FilmIdentifier, FilmTitle
from search.evidence import compatible, one_meant, same_year, year_of
from search.query import joined, query_wording, title_wording
from search.requested_film import Asked, Reading
from search.results import matches
from search.title_index import Candidate, TitleIndex
from search.typed_lines import readings

_MOST_HOMONYMS, _MOST_NEAR = 200, 20
_MOST_WORDS = 8  # of a line that no title equals: each costs a search among misspelt words
_SERIES = (Kind.SERIES, Kind.EPISODE)


class State(StrEnum):
    """What became of a line."""

    FOUND = "found"
    TO_CHECK = "to-check"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Resolved:
    """A line and its film: the one asked for when FOUND, the likeliest when TO_CHECK, none otherwise.

    `homonyms` is how many films have the title asked for; `other_year` tells that the film is not of the year asked for.
    """

    asked: Asked
    state: State
    film: Film | None = None
    homonyms: int = 0
    other_year: bool = False


@dataclass(frozen=True)
class _Known:
    """What the base says of the numbers of the lines: the films that bear them, their titles, and the numbers of films."""

    bearers: dict[tuple[str, str], int]
    films: dict[int, Film]
    keys: dict[int, set[str]]


@dataclass(frozen=True)
class _Choice:
    """The film of a line before it is read from the base, and whether it is the one asked for."""

    film_id: int | None
    sure: bool
    homonyms: int = 0


def resolve(session: Session, index: TitleIndex, asked: Sequence[Asked]) -> list[Resolved]:
    """Each line with its film, in the order of the lines; in as many queries for one line as for all."""
    known = _known(session, asked)
    choices = [_choice(index, line, known) for line in asked]
    numbers = {choice.film_id for choice in choices if choice.film_id is not None}
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(numbers)))}
    others = _numbers_of(session, numbers)
    return [_resolved(line, choice, films, others) for line, choice in zip(asked, choices, strict=True)]


def _known(session: Session, asked: Iterable[Asked]) -> _Known:
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in (pair for line in asked for pair in read_identifiers(line.identifiers)):
        by_scheme.setdefault(scheme, set()).add(value)
    if not by_scheme:
        return _Known({}, {}, {})
    named = or_(
        *(and_(col(FilmIdentifier.scheme) == name, col(FilmIdentifier.value).in_(some)) for name, some in by_scheme.items())
    )
    rows = session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id).where(named))
    bearers = {(scheme, value): film_id for scheme, value, film_id in rows}
    numbers = set(bearers.values())
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(numbers)))}
    keys: dict[int, set[str]] = {}
    titles = select(FilmTitle.film_id, FilmTitle.key).where(col(FilmTitle.film_id).in_(numbers))
    for film_id, key in session.exec(titles):
        keys.setdefault(film_id, set()).add(key)
    return _Known(bearers, films, keys)


def _numbers_of(session: Session, films: Iterable[int]) -> dict[tuple[int, str], set[str]]:
    """The numbers of films, by film and scheme."""
    found: dict[tuple[int, str], set[str]] = {}
    asked = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    for film_id, scheme, value in session.exec(asked.where(col(FilmIdentifier.film_id).in_(list(films)))):
        found.setdefault((film_id, scheme), set()).add(value)
    return found


def _choice(index: TitleIndex, line: Asked, known: _Known) -> _Choice:
    if line.fault:
        return _Choice(None, False)
    borne = {known.bearers[pair] for pair in read_identifiers(line.identifiers) if pair in known.bearers}
    if borne:
        film_id = min(borne)
        return _Choice(film_id, len(borne) == 1 and not _contradicted(line, film_id, known))
    return _by_title(index, line)


def _ways(line: Asked) -> list[Reading]:
    if line.titles:
        return [Reading(title, line.year, line.directors) for title in line.titles]
    return readings(line.typed)


def _contradicted(line: Asked, film_id: int, known: _Known) -> bool:
    """Whether title and year both speak against the number; a title that the base does not know may be a translation."""
    ways = _ways(line)
    years = [same_year(way.year, known.films[film_id].year) for way in ways]
    if True in years or False not in years:
        return False
    return not any(title_key(way.title) in known.keys.get(film_id, ()) for way in ways)


def _by_title(index: TitleIndex, line: Asked) -> _Choice:
    ways = _ways(line)
    same = [_same_title(index, way.title) for way in ways]
    meant = [compatible(way, candidates) for way, candidates in zip(ways, same, strict=True)]
    film_id = one_meant(meant, titles_of_one=bool(line.titles))
    if film_id is not None and all(len(some) < _MOST_HOMONYMS for some in same):
        return _Choice(film_id, True)
    near = dict.fromkeys(candidate for some in same for candidate in some) or _near(index, ways)
    homonyms = len({candidate.film_id for some in same for candidate in some})
    return _Choice(_likeliest(near, set().union(*meant), ways), False, homonyms)


def _same_title(index: TitleIndex, title: str) -> list[Candidate]:
    """Films of which a title is the same, « Spider-Man » and « Spiderman » or « 400 coups » and « quatre cents coups » alike."""
    keys = dict.fromkeys(map(joined, title_wording(title).keys))
    terms = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "joined", key)) for key in keys if key]
    return index.nearest(tantivy.Query.boolean_query(terms), _MOST_HOMONYMS) if terms else []


def _near(index: TitleIndex, ways: Sequence[Reading]) -> Iterable[Candidate]:
    """Films that look like the line as a whole, the likest first."""
    if not ways:
        return []
    told = (*words(ways[0].title), str(ways[0].year or ""), *(word for name in ways[0].directors[:1] for word in words(name)))
    query = query_wording(" ".join(told[:_MOST_WORDS]))
    return [match.candidate for match in matches(index, query, _MOST_NEAR)] if query.keys[0] else []


def _likeliest(near: Iterable[Candidate], meant: set[int], ways: Sequence[Reading]) -> int | None:
    """Of films in their order of likeness, the first that a reading may mean, else the first of the year told, else the first."""
    order = list(near)
    years = [candidate for candidate in order if any(same_year(way.year, year_of(candidate)) for way in ways)]
    likely = [candidate for candidate in order if candidate.film_id in meant]
    return next((candidate.film_id for candidate in (*likely, *years, *order)), None)


def _resolved(line: Asked, choice: _Choice, films: dict[int, Film], others: dict[tuple[int, str], set[str]]) -> Resolved:
    if line.fault:
        return Resolved(line, State.UNREADABLE)
    film = films.get(choice.film_id or 0)
    if film is None:
        return Resolved(line, State.MISSING)
    numbers = read_identifiers(line.identifiers)
    borne = [value in others[film.id, scheme] for scheme, value in numbers if (film.id, scheme) in others]
    of_its_kind = bool(borne) or line.series is None or line.series == (film.kind in _SERIES)
    state = State.FOUND if choice.sure and all(borne) and of_its_kind else State.TO_CHECK
    years = [same_year(way.year, film.year) for way in _ways(line)]
    return Resolved(line, state, film, choice.homonyms, False in years and True not in years)
