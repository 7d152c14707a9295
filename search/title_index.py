"""Build and read the full-text index of titles (Tantivy): one document a film, in a folder of its own."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import tantivy
from sqlalchemy import select
from sqlmodel import Session, col

from domain.common.text import split_words
from domain.linking.redirects import is_canonical
from domain.models.film import Film, FilmTitle
from matcher.comparisons.people import normalise_names
from search.query import NormalisedTitle, join_words, normalise_title

_WRITER_HEAP_SIZE = 100_000_000  # bytes
_BATCH_SIZE = 2_000
_MAX_POPULARITY = 100.0


@dataclass(frozen=True)
class Candidate:
    """A film as the index stores it.

    `keys` are those of its titles, `people` the words of its directors' names, `directors` these names normalised for
    comparison, `year` its year of production or an empty text, `popularity` from 0 to 100.
    """

    film_id: int
    keys: tuple[str, ...]
    people: tuple[str, ...]
    year: str
    popularity: float
    directors: tuple[str, ...] = ()
    release_year: int | None = None


def build_schema() -> tantivy.Schema:
    """Return the schema: `words` of titles, names and year; titles without spaces, `joined`, and `whole` with their article."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="default", index_option="basic")
    builder.add_text_field("joined", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("whole", tokenizer_name="raw", index_option="basic")
    builder.add_float_field("popularity", fast=True)
    builder.add_bytes_field("facts", stored=True)
    return builder.build()


def build_index(session: Session, folder: Path) -> None:
    """Index every film in a new folder, which appears complete or not at all."""
    scratch = folder.with_name(f"{folder.name}.{uuid4().hex[:8]}")
    scratch.mkdir(parents=True)
    try:
        writer = tantivy.Index(build_schema(), path=str(scratch)).writer(heap_size=_WRITER_HEAP_SIZE, num_threads=1)
        for candidate, titles in _iter_candidates(session):
            writer.add_document(_build_document(candidate, titles))
        writer.commit()
        writer.wait_merging_threads()
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():  # another process may have built the same one first
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _iter_candidates(session: Session) -> Iterator[tuple[Candidate, list[NormalisedTitle]]]:
    columns = (Film.id, Film.title, Film.directors, Film.year, Film.popularity, Film.release_date)
    stmt = select(*map(col, columns)).where(is_canonical()).order_by(col(Film.id))
    other_titles = _iter_titles(session)
    next_id, next_titles = next(other_titles, (None, []))
    for film_id, title, names, year, popularity, release_date in session.execute(stmt.execution_options(yield_per=_BATCH_SIZE)):
        texts = [title]
        while next_id is not None and next_id <= film_id:
            if next_id == film_id:
                texts += next_titles
            next_id, next_titles = next(other_titles, (None, []))
        titles = [normalise_title(text) for text in texts]
        candidate = Candidate(
            film_id,
            keys=_list_keys(titles),
            people=tuple(dict.fromkeys(word for name in names for word in split_words(name))),
            year=str(year or ""),
            popularity=min(max(popularity or 0.0, 0.0), _MAX_POPULARITY),
            directors=normalise_names(names),
            release_year=release_date.year if release_date else None,
        )
        yield candidate, titles


def _iter_titles(session: Session) -> Iterator[tuple[int | None, list[str]]]:
    """Yield the titles of each film, by film id."""
    stmt = select(col(FilmTitle.film_id), col(FilmTitle.title)).order_by(col(FilmTitle.film_id), col(FilmTitle.id))
    rows = session.execute(stmt.execution_options(yield_per=_BATCH_SIZE))
    for film_id, group in groupby(rows, key=lambda row: row[0]):
        yield film_id, [title for _, title in group]


def _list_keys(titles: Iterable[NormalisedTitle]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for title in titles for key in (*title.keys, title.full_key)))


def _build_document(candidate: Candidate, titles: list[NormalisedTitle]) -> tantivy.Document:
    title_words = " ".join(candidate.keys).split()
    document = tantivy.Document()
    document.add_text("words", " ".join({*title_words, *candidate.people, candidate.year}))
    for key in {join_words(key) for title in titles for key in title.keys}:
        document.add_text("joined", key)
    for key in {join_words(title.full_key) for title in titles}:
        document.add_text("whole", key)
    document.add_float("popularity", candidate.popularity)
    document.add_bytes("facts", _dump_candidate(candidate))
    return document


def _dump_candidate(candidate: Candidate) -> bytes:
    fields = (
        candidate.film_id,
        candidate.keys,
        candidate.people,
        candidate.year,
        candidate.popularity,
        candidate.directors,
        candidate.release_year,
    )
    return json.dumps(fields).encode()


def _load_candidate(facts: bytes) -> Candidate:
    film_id, keys, people, year, popularity, directors, release_year = json.loads(facts)
    return Candidate(film_id, tuple(keys), tuple(people), year, popularity, tuple(directors), release_year)


class TitleIndex:
    """Represent an index open for reading; any thread may search it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        index = tantivy.Index.open(str(folder))
        self.schema = index.schema
        self._searcher = index.searcher()

    def find_nearest(self, query: tantivy.Query, limit: int) -> list[Candidate]:
        """Return the best films for a query, at most `limit`; among equals, the best known first."""
        hits = self._searcher.search(query, limit=limit, count=False, weight_by_field="popularity").hits
        return [_load_candidate(bytes(self._searcher.doc(address)["facts"][0])) for _, address in hits]
