"""From the lines of a list to films: a number first, then the same title with its year or director; doubt is told as doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import tantivy
from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from domain.common.enums import Kind
from domain.common.identifiers import parse_identifiers
from domain.common.text import split_words
from domain.common.titles import build_title_key
from domain.models.film import Film, FilmIdentifier, FilmTitle
from search.evidence import compare_years, find_compatible_films, find_single_film, get_year
from search.query import join_words, normalise_query, normalise_title
from search.requested_film import InputLine, Interpretation
from search.results import find_matches
from search.title_index import Candidate, TitleIndex
from search.typed_lines import interpret_text

_MAX_HOMONYMS, _MAX_NEAR_FILMS = 200, 20
_MAX_WORDS = 8  # of a line that no title equals: each costs a search among misspelt words
_SERIES_KINDS = (Kind.SERIES, Kind.EPISODE)


class LineState(StrEnum):
    """What became of a line."""

    FOUND = "found"
    TO_CHECK = "to-check"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class ResolvedLine:
    """A line and its film: the one asked for when FOUND, the likeliest when TO_CHECK, none otherwise.

    `homonyms` is how many films have the title asked for; `other_year` tells that the film is not of the year asked for.
    """

    input_line: InputLine
    state: LineState
    film: Film | None = None
    homonyms: int = 0
    has_other_year: bool = False


@dataclass(frozen=True)
class _IdentifiedFilms:
    """What the base says of the numbers of the lines: the films that bear them, their titles, and the numbers of films."""

    film_ids: dict[tuple[str, str], int]
    films: dict[int, Film]
    title_keys: dict[int, set[str]]


@dataclass(frozen=True)
class _FilmChoice:
    """The film of a line before it is read from the base, and whether it is the one asked for."""

    film_id: int | None
    is_certain: bool
    homonyms: int = 0


def resolve_lines(session: Session, index: TitleIndex, lines: Sequence[InputLine]) -> list[ResolvedLine]:
    """Each line with its film, in the order of the lines; in as many queries for one line as for all."""
    known = _load_identified_films(session, lines)
    choices = [_choose_film(index, line, known) for line in lines]
    numbers = {choice.film_id for choice in choices if choice.film_id is not None}
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(numbers)))}
    others = _load_film_identifiers(session, numbers)
    return [_build_resolved_line(line, choice, films, others) for line, choice in zip(lines, choices, strict=True)]


def _load_identified_films(session: Session, lines: Iterable[InputLine]) -> _IdentifiedFilms:
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in (pair for line in lines for pair in parse_identifiers(line.identifiers)):
        by_scheme.setdefault(scheme, set()).add(value)
    if not by_scheme:
        return _IdentifiedFilms({}, {}, {})
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
    return _IdentifiedFilms(bearers, films, keys)


def _load_film_identifiers(session: Session, films: Iterable[int]) -> dict[tuple[int, str], set[str]]:
    """The numbers of films, by film and scheme."""
    found: dict[tuple[int, str], set[str]] = {}
    asked = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    for film_id, scheme, value in session.exec(asked.where(col(FilmIdentifier.film_id).in_(list(films)))):
        found.setdefault((film_id, scheme), set()).add(value)
    return found


def _choose_film(index: TitleIndex, line: InputLine, known: _IdentifiedFilms) -> _FilmChoice:
    if line.fault:
        return _FilmChoice(None, False)
    borne = {known.film_ids[pair] for pair in parse_identifiers(line.identifiers) if pair in known.film_ids}
    if borne:
        film_id = min(borne)
        return _FilmChoice(film_id, len(borne) == 1 and not _is_contradicted(line, film_id, known))
    return _choose_by_title(index, line)


def _interpret_line(line: InputLine) -> list[Interpretation]:
    if line.titles:
        return [Interpretation(title, line.year, line.directors) for title in line.titles]
    return interpret_text(line.typed)


def _is_contradicted(line: InputLine, film_id: int, known: _IdentifiedFilms) -> bool:
    """Whether title and year both speak against the number; a title that the base does not know may be a translation."""
    ways = _interpret_line(line)
    years = [compare_years(way.year, known.films[film_id].year) for way in ways]
    if True in years or False not in years:
        return False
    return not any(build_title_key(way.title) in known.title_keys.get(film_id, ()) for way in ways)


def _choose_by_title(index: TitleIndex, line: InputLine) -> _FilmChoice:
    ways = _interpret_line(line)
    same = [_find_same_title(index, way.title) for way in ways]
    meant = [find_compatible_films(way, candidates) for way, candidates in zip(ways, same, strict=True)]
    film_id = find_single_film(meant, is_same_film=bool(line.titles))
    if film_id is not None and all(len(some) < _MAX_HOMONYMS for some in same):
        return _FilmChoice(film_id, True)
    near = dict.fromkeys(candidate for some in same for candidate in some) or _find_near_films(index, ways)
    homonyms = len({candidate.film_id for some in same for candidate in some})
    return _FilmChoice(_pick_likeliest(near, set().union(*meant), ways), False, homonyms)


def _find_same_title(index: TitleIndex, title: str) -> list[Candidate]:
    """Films of which a title is the same, « Spider-Man » and « Spiderman » or « 400 coups » and « quatre cents coups » alike."""
    keys = dict.fromkeys(map(join_words, normalise_title(title).keys))
    terms = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "joined", key)) for key in keys if key]
    return index.find_nearest(tantivy.Query.boolean_query(terms), _MAX_HOMONYMS) if terms else []


def _find_near_films(index: TitleIndex, interpretations: Sequence[Interpretation]) -> Iterable[Candidate]:
    """Films that look like the line as a whole, the likest first."""
    if not interpretations:
        return []
    told = (
        *split_words(interpretations[0].title),
        str(interpretations[0].year or ""),
        *(word for name in interpretations[0].directors[:1] for word in split_words(name)),
    )
    query = normalise_query(" ".join(told[:_MAX_WORDS]))
    return [match.candidate for match in find_matches(index, query, _MAX_NEAR_FILMS)] if query.keys[0] else []


def _pick_likeliest(
    candidates: Iterable[Candidate], compatible_ids: set[int], interpretations: Sequence[Interpretation]
) -> int | None:
    """Of films in their order of likeness, the first that a reading may mean, else the first of the year told, else the first."""
    order = list(candidates)
    years = [candidate for candidate in order if any(compare_years(way.year, get_year(candidate)) for way in interpretations)]
    likely = [candidate for candidate in order if candidate.film_id in compatible_ids]
    return next((candidate.film_id for candidate in (*likely, *years, *order)), None)


def _build_resolved_line(
    line: InputLine, choice: _FilmChoice, films: dict[int, Film], film_identifiers: dict[tuple[int, str], set[str]]
) -> ResolvedLine:
    if line.fault:
        return ResolvedLine(line, LineState.UNREADABLE)
    film = films.get(choice.film_id or 0)
    if film is None:
        return ResolvedLine(line, LineState.MISSING)
    numbers = parse_identifiers(line.identifiers)
    borne = [value in film_identifiers[film.id, scheme] for scheme, value in numbers if (film.id, scheme) in film_identifiers]
    of_its_kind = bool(borne) or line.series is None or line.series == (film.kind in _SERIES_KINDS)
    state = LineState.FOUND if choice.is_certain and all(borne) and of_its_kind else LineState.TO_CHECK
    years = [compare_years(way.year, film.year) for way in _interpret_line(line)]
    return ResolvedLine(line, state, film, choice.homonyms, False in years and True not in years)
