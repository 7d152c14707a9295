"""Turn the titles of a record into rows of its film: displayed, original and of releases first, aliases last, each once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.common.enums import TitleKind
from domain.common.text import split_words
from domain.common.titles import build_title_key, split_title
from domain.films.formats import MAX_TITLE_LENGTH, FilmRecord

MAX_ALIASES = 40
"""How many aliases a film may gain from other sources."""
Rows = list[dict[str, Any]]
_Title = tuple[str | None, TitleKind, str | None]
_QUALIFIERS = frozenset(
    "film films movie movies telefilm metrage documentaire documentary version versions edition vf vo vost vostfr titre untitled "
    "serie series saison season episode partie part volume tome chapitre trailer".split()
)
_QUALIFIER_COMPLEMENTS = frozenset(
    "le la les l un une the a an de du des d of en et sans court long restauree restored longue courte originale original "
    "francaise french anglaise english integrale muette".split()
)


def build_title_rows(record: FilmRecord) -> Rows:
    """Return the titles of a film of its own source, each once by its key: displayed first, then original, French and aliases."""
    titles: list[_Title] = [
        (record.title, TitleKind.DISPLAY, None),
        *_iter_described_titles(record),
        (record.original_title, TitleKind.ORIGINAL, None),
        (record.french_title, TitleKind.ALTERNATIVE, "fr"),
    ]
    return _build_rows([*titles, *_iter_unspecified_titles(record)])


def build_gained_title_rows(record: FilmRecord) -> Rows:
    """Return the titles that a film of another source gains from a record, each once by its key.

    The record's own title is not displayed. Those that name nothing, or are too long, are left out.
    """
    titles: list[_Title] = [
        *_iter_described_titles(record),
        (record.original_title, TitleKind.ORIGINAL, None),
        (record.french_title, TitleKind.ALTERNATIVE, "fr"),
        (record.title, TitleKind.ALTERNATIVE, None),
    ]
    titles += _iter_unspecified_titles(record)
    return _build_rows(title for title in titles if title[1] is TitleKind.ORIGINAL or is_usable_title(title[0] or ""))


def _iter_unspecified_titles(record: FilmRecord) -> Iterator[_Title]:
    """Yield both titles of « Novembre (ex : 13/11) », then the other titles: aliases, for nobody says what they are."""
    for part in split_title(record.title).alternatives:
        yield part, TitleKind.ALTERNATIVE, None
    for other in record.other_titles:
        yield other, TitleKind.ALIAS, None


def _iter_described_titles(record: FilmRecord) -> Iterator[_Title]:
    for title in record.titles:
        yield title.title, title.kind, title.language


def _build_rows(titles: Iterable[_Title]) -> Rows:
    rows: dict[str, dict[str, Any]] = {}
    for title, kind, language in titles:
        if title:
            key = build_title_key(title)
            rows.setdefault(key, {"title": title, "kind": kind, "language": language, "key": key})
    return list(rows.values())


def is_usable_title(title: str) -> bool:
    """Tell whether a title names something: it is neither empty, nor too long, nor a bare qualifier such as « film de 1958 ».

    A title of punctuation may be one, « ??? »; a pictogram alone is not.
    """
    if not build_title_key(title) or len(title) > MAX_TITLE_LENGTH or not (split_words(title) or title.isascii()):
        return False
    words = [word for word in split_words(title) if not word.isdecimal()]
    is_qualified = any(word in _QUALIFIERS for word in words)
    return not (is_qualified and all(word in _QUALIFIERS or word in _QUALIFIER_COMPLEMENTS for word in words))


def limit_aliases(rows_by_key: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the titles without the aliases beyond MAX_ALIASES, in their order."""
    limited: dict[str, dict[str, Any]] = {}
    alias_count = 0
    for key, row in rows_by_key.items():
        alias_count += row["kind"] is TitleKind.ALIAS
        if row["kind"] is not TitleKind.ALIAS or alias_count <= MAX_ALIASES:
            limited[key] = row
    return limited
