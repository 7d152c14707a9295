"""Represent a film or a catalogue's entry in the form that the matcher compares, prepared once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.common.countries import parse_countries
from domain.common.enums import Kind
from domain.common.identifiers import parse_identifier, parse_identifiers
from matcher.comparisons.people import NormalisedName, normalise_names
from matcher.title_forms import build_title_forms, read_titles


@dataclass(frozen=True, slots=True)
class Work:
    """The comparable facts of a film or an entry.

    The keys of its titles are those of `matcher.title_forms.TitleForms`. `people` are the normalised names of `directors`;
    `countries` are ISO codes; `popularity` goes from 0 to 100; `ids` are written « imdb:tt0120616 », `unread_ids` those that
    their scheme does not allow, `weak_ids` those that may be wrong; `rejected_film_ids` are the films that a person rejected
    for an entry.
    """

    id: str
    title: str
    title_keys: tuple[str, ...]
    exact_keys: tuple[str, ...]
    part_keys: tuple[str, ...]
    letter_keys: tuple[str, ...] = ()
    article_keys: tuple[str, ...] = ()
    alias_keys: tuple[str, ...] = ()
    year: int | None = None
    release_year: int | None = None
    runtime_min: int | None = None
    people: tuple[NormalisedName, ...] = ()
    directors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    popularity: float | None = None
    ids: tuple[str, ...] = ()
    unread_ids: tuple[str, ...] = ()
    weak_ids: tuple[str, ...] = ()
    rejected_film_ids: frozenset[str] = frozenset()

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years known: of production, then of the French release."""
        return tuple(filter(None, (self.year, self.release_year)))


def make_work(
    work_id: str,
    titles: Iterable[str],
    *,
    aliases: Iterable[str] = (),
    year: int | None = None,
    release_date: date | None = None,
    runtime_min: int | None = None,
    directors: Iterable[str] = (),
    countries: Iterable[str] = (),
    kind: Kind | None = None,
    popularity: float | None = None,
    ids: Iterable[tuple[str, str]] = (),
    rejected_film_ids: Iterable[str] = (),
) -> Work:
    """Return a work from its facts as they are written; the first title is its main one, aliases are names given by others.

    A year or a director written in a title is used when it is not given otherwise.
    """
    written = read_titles(titles)
    forms = build_title_forms(written, read_titles(aliases))
    written_ids = [(scheme, text) for scheme, text in ids if text]
    names = tuple(directors) or tuple(written.directors)
    return Work(
        work_id,
        title=written.main_title,
        **forms._asdict(),
        year=year or written.year,
        release_year=release_date.year if release_date else None,
        runtime_min=runtime_min or None,
        people=normalise_names(names),
        directors=names,
        countries=parse_countries(countries),
        kind=kind,
        popularity=popularity,
        ids=tuple(sorted(f"{scheme}:{value}" for scheme, value in parse_identifiers(written_ids))),
        unread_ids=tuple(f"{scheme}:{text}" for scheme, text in written_ids if parse_identifier(scheme, text) is None),
        rejected_film_ids=frozenset(rejected_film_ids),
    )
