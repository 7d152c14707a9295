"""The index of titles (Tantivy): one document a film, made from the base, kept in a folder of its own."""

import json
import shutil
from collections.abc import Iterator
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
from search.query import NormalisedTitle, join_words, normalise_title

_WRITER_HEAP_SIZE = 100_000_000  # bytes
_BATCH = 2_000
_MAX_POPULARITY = 100.0


@dataclass(frozen=True)
class Candidate:
    """A film as the index knows it: the keys of its titles, the words of its directors' names, how well known from 0 to 100."""

    film_id: int
    keys: tuple[str, ...]
    people: tuple[str, ...]
    year: str
    popularity: float


def build_schema() -> tantivy.Schema:
    """`words` are those of titles, names and year; `joined` and `whole` are titles in one word, `whole` with its article."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="default", index_option="basic")
    builder.add_text_field("joined", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("whole", tokenizer_name="raw", index_option="basic")
    builder.add_float_field("popularity", fast=True)
    builder.add_bytes_field("facts", stored=True)
    return builder.build()


def build_index(session: Session, folder: Path) -> None:
    """Indexes the whole base in a new folder; it appears at once, complete, or not at all."""
    made = folder.with_name(f"{folder.name}.{uuid4().hex[:8]}")
    made.mkdir(parents=True)
    try:
        writer = tantivy.Index(build_schema(), path=str(made)).writer(heap_size=_WRITER_HEAP_SIZE, num_threads=1)
        for document in _build_documents(session):
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # another process may have made the same one first
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _build_documents(session: Session) -> Iterator[tantivy.Document]:
    titles = select(col(FilmTitle.film_id), col(FilmTitle.title)).order_by(col(FilmTitle.film_id), col(FilmTitle.id))
    facts = select(*map(col, (Film.id, Film.title, Film.directors, Film.year, Film.popularity)))
    facts = facts.where(is_canonical()).order_by(col(Film.id))
    grouped = groupby(session.execute(titles.execution_options(yield_per=_BATCH)), key=lambda row: row[0])
    current, rows = next(grouped, (None, iter(())))
    for film_id, title, directors, year, popularity in session.execute(facts.execution_options(yield_per=_BATCH)):
        known = [title]
        if current == film_id:
            known += [told for _, told in rows]
            current, rows = next(grouped, (None, iter(())))
        people = tuple(dict.fromkeys(word for name in directors for word in split_words(name)))
        fame = min(max(popularity or 0.0, 0.0), _MAX_POPULARITY)
        yield _build_document(film_id, [normalise_title(told) for told in known], people, str(year or ""), fame)


def _build_document(
    film_id: int, titles: list[NormalisedTitle], people: tuple[str, ...], year: str, popularity: float
) -> tantivy.Document:
    keys = tuple(dict.fromkeys(key for title in titles for key in (*title.keys, title.full_key)))
    document = tantivy.Document()
    document.add_text("words", " ".join({*" ".join(keys).split(), *people, year}))
    for key in {join_words(key) for title in titles for key in title.keys}:
        document.add_text("joined", key)
    for key in {join_words(title.full_key) for title in titles}:
        document.add_text("whole", key)
    document.add_float("popularity", popularity)
    document.add_bytes("facts", json.dumps([film_id, keys, people, year, popularity]).encode())
    return document


class TitleIndex:
    """An index open for reading; any thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        index = tantivy.Index.open(str(folder))
        self.schema = index.schema
        self._searcher = index.searcher()

    def find_nearest(self, query: tantivy.Query, limit: int) -> list[Candidate]:
        """The best documents of a query, at most so many, the well known first among equals."""
        hits = self._searcher.search(query, limit=limit, count=False, weight_by_field="popularity").hits
        return [self._load_candidate(address) for _, address in hits]

    def _load_candidate(self, address: tantivy.DocAddress) -> Candidate:
        film_id, keys, people, year, fame = json.loads(bytes(self._searcher.doc(address)["facts"][0]))
        return Candidate(film_id, tuple(keys), tuple(people), year, fame)
