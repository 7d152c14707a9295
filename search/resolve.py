"""Resolve the lines of a list to films: by identifier first, then by title with the year or a director."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import tantivy
from sqlmodel import Session, col, select

from domain.common.enums import Kind
from domain.common.identifiers import parse_identifiers
from domain.common.text import split_words
from domain.models.film import Film
from matcher.comparisons.levels import EQUAL_TITLES
from matcher.comparisons.titles import compare_titles
from matcher.loaders.database import make_film_work
from matcher.work import Work
from search.evidence import (
    Evidence,
    Reading,
    build_candidate_work,
    build_reading,
    find_compatible_films,
    find_single_film,
    get_year_evidence,
)
from search.identified_films import IdentifiedFilms, load_identified_films, load_identifiers
from search.query import join_words, normalise_query, normalise_title
from search.requested_film import InputLine, Interpretation
from search.results import find_matches
from search.title_index import Candidate, TitleIndex
from search.typed_lines import interpret_text

_MAX_HOMONYMS, _MAX_NEAR_FILMS = 200, 20
_MAX_NEAR_WORDS = 8
"""Words searched for when no title is equal: each one costs a search among misspelt words."""
_SERIES_KINDS = (Kind.SERIES, Kind.EPISODE)


class LineState(StrEnum):
    """Say what became of a line."""

    FOUND = "found"
    TO_CHECK = "to-check"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class ResolvedLine:
    """A line and its film: the requested one when FOUND, the likeliest one when TO_CHECK, none otherwise.

    `homonyms` counts the films of the requested title; `has_other_year`: the film is not of the requested year.
    """

    input_line: InputLine
    state: LineState
    film: Film | None = None
    homonyms: int = 0
    has_other_year: bool = False


@dataclass(frozen=True)
class _ReadLine:
    """A line with the ways to understand it."""

    input_line: InputLine
    readings: Sequence[Reading]


@dataclass(frozen=True)
class _FilmChoice:
    """The id of the film chosen for a line, and whether it is surely the requested one."""

    film_id: int | None
    is_certain: bool
    homonyms: int = 0


def resolve_lines(session: Session, index: TitleIndex, lines: Sequence[InputLine]) -> list[ResolvedLine]:
    """Return each line with its film, in their order; a long list takes as many SQL queries as one line."""
    identified = load_identified_films(session, lines)
    read_lines = [_read_line(line) for line in lines]
    choices = [_choose_film(index, line, identified) for line in read_lines]
    film_ids = {choice.film_id for choice in choices if choice.film_id is not None}
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    identifiers = load_identifiers(session, film_ids)
    return [_build_resolved_line(line, choice, films, identifiers) for line, choice in zip(read_lines, choices, strict=True)]


def _read_line(line: InputLine) -> _ReadLine:
    if line.titles:
        interpretations = [Interpretation(title, line.year, line.directors) for title in line.titles]
    else:
        interpretations = interpret_text(line.typed)
    return _ReadLine(line, [build_reading(interpretation) for interpretation in interpretations])


def _choose_film(index: TitleIndex, line: _ReadLine, identified: IdentifiedFilms) -> _FilmChoice:
    if line.input_line.fault:
        return _FilmChoice(None, False)
    film_ids = identified.find_film_ids(line.input_line)
    if not film_ids:
        return _choose_by_title(index, line)
    film_id = min(film_ids)
    is_certain = len(film_ids) == 1 and not _is_contradicted(line, identified.works[film_id])
    return _FilmChoice(film_id, is_certain)


def _is_contradicted(line: _ReadLine, film: Work) -> bool:
    """Return whether title and year both contradict an identifier; an unknown title alone may be a translation."""
    if not _has_other_year(line, film):
        return False
    return not any(compare_titles(reading.work, film).level in EQUAL_TITLES for reading in line.readings)


def _has_other_year(line: _ReadLine, film: Work) -> bool:
    evidence = {get_year_evidence(reading.work, film) for reading in line.readings}
    return Evidence.CONTRADICTS in evidence and Evidence.CONFIRMS not in evidence


def _choose_by_title(index: TitleIndex, line: _ReadLine) -> _FilmChoice:
    homonym_lists = [_find_same_title(index, reading.interpretation.title) for reading in line.readings]
    compatible_sets = [
        find_compatible_films(reading, homonyms) for reading, homonyms in zip(line.readings, homonym_lists, strict=True)
    ]
    film_id = find_single_film(compatible_sets, is_same_film=bool(line.input_line.titles))
    # A list cut at its limit may lack the other film that the line means.
    if film_id is not None and all(len(homonyms) < _MAX_HOMONYMS for homonyms in homonym_lists):
        return _FilmChoice(film_id, True)
    homonyms = dict.fromkeys(candidate for candidates in homonym_lists for candidate in candidates)
    candidates = homonyms or _find_near_films(index, line.readings)
    likeliest_id = _pick_likeliest(candidates, set().union(*compatible_sets), line.readings)
    return _FilmChoice(likeliest_id, False, len({candidate.film_id for candidate in homonyms}))


def _find_same_title(index: TitleIndex, title: str) -> list[Candidate]:
    """Return the films that have the title; « Spider-Man » equals « Spiderman », « 400 coups » « quatre cents coups »."""
    keys = dict.fromkeys(map(join_words, normalise_title(title).keys))
    terms = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "joined", key)) for key in keys if key]
    if not terms:
        return []
    return index.find_nearest(tantivy.Query.boolean_query(terms), _MAX_HOMONYMS)


def _find_near_films(index: TitleIndex, readings: Sequence[Reading]) -> Iterable[Candidate]:
    """Return films that look like the whole line, most similar first."""
    if not readings:
        return []
    interpretation = readings[0].interpretation
    words = [*split_words(interpretation.title), str(interpretation.year or "")]
    for name in interpretation.directors[:1]:
        words += split_words(name)
    query = normalise_query(" ".join(words[:_MAX_NEAR_WORDS]))
    if not query.keys[0]:
        return []
    return [match.candidate for match in find_matches(index, query, _MAX_NEAR_FILMS)]


def _pick_likeliest(candidates: Iterable[Candidate], compatible_ids: set[int], readings: Sequence[Reading]) -> int | None:
    """Return the first film that a reading may mean, else the first of the requested year, else the first."""
    ordered = list(candidates)
    for candidate in ordered:
        if candidate.film_id in compatible_ids:
            return candidate.film_id
    for candidate in ordered:
        film = build_candidate_work(candidate)
        if any(get_year_evidence(reading.work, film) is Evidence.CONFIRMS for reading in readings):
            return candidate.film_id
    return ordered[0].film_id if ordered else None


def _build_resolved_line(
    line: _ReadLine, choice: _FilmChoice, films: Mapping[int, Film], identifiers: Mapping[tuple[int, str], set[str]]
) -> ResolvedLine:
    input_line = line.input_line
    if input_line.fault:
        return ResolvedLine(input_line, LineState.UNREADABLE)
    if choice.film_id is None or choice.film_id not in films:
        return ResolvedLine(input_line, LineState.MISSING)
    film = films[choice.film_id]
    is_found = choice.is_certain and _agrees_with_film(input_line, film, identifiers)
    state = LineState.FOUND if is_found else LineState.TO_CHECK
    return ResolvedLine(input_line, state, film, choice.homonyms, _has_other_year(line, make_film_work(film)))


def _agrees_with_film(line: InputLine, film: Film, identifiers: Mapping[tuple[int, str], set[str]]) -> bool:
    """Return whether the film has the line's identifiers, in the schemes where it has some, and is of its kind.

    An identifier that agrees is enough for the kind: lists and sources differ on what a series is.
    """
    agreements = [
        value in identifiers[film.id, scheme]
        for scheme, value in parse_identifiers(line.identifiers)
        if (film.id, scheme) in identifiers
    ]
    if agreements:
        return all(agreements)
    return line.series is None or line.series == (film.kind in _SERIES_KINDS)
