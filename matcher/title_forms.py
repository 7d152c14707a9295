"""Build the comparable forms of a work's titles."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.common.numerals import normalise_numbers
from domain.common.part_marks import remove_part_marks
from domain.common.text import clean_text, romanise_text, split_words
from domain.common.titles import VERSION_WORDS, build_title_key, get_first_article, restore_article, split_title

_PART_SEPARATOR = re.compile(r"\s*[:;/]\s*|\s+[-–—]\s*|\s*[-–—]\s+|,\s+|\s*[()]\s*")
_TITLE_SEPARATOR = re.compile(r"\s+[/|]\s+")
_VERSION_SUFFIX = re.compile(rf"\s+(?:{VERSION_WORDS})$", re.IGNORECASE)
_MIN_PART_LENGTH = 4
_MAX_TITLE_LENGTH = 500


class TitleForms(NamedTuple):
    """The forms under which titles are compared, from the strictest to the loosest.

    `letter_keys`: folded words, nothing removed; `article_keys`: without spaces, numbers in figures, « & » as « et »;
    `exact_keys`: the same without a first article; `title_keys`: with spaces, for similarity; `part_keys`: the parts of titles
    that have a subtitle; `alias_keys`: the exact keys that only aliases have.
    """

    letter_keys: tuple[str, ...] = ()
    article_keys: tuple[str, ...] = ()
    exact_keys: tuple[str, ...] = ()
    title_keys: tuple[str, ...] = ()
    part_keys: tuple[str, ...] = ()
    alias_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class WrittenTitles:
    """The spellings of a work's titles, and the year and directors written in them.

    `main_title` is the first title, `letters` are the titles as written but for a year, `spellings` these and what they stand
    for without an edition, a version or a second title.
    """

    main_title: str = ""
    letters: list[str] = field(default_factory=list)
    spellings: list[str] = field(default_factory=list)
    year: int | None = None
    directors: list[str] = field(default_factory=list)


def remove_spaces(key: str) -> str:
    """Return a key without spaces: « 5 x 2 » and « 5x2 » are one title."""
    return key.replace(" ", "")


def read_titles(titles: Iterable[str]) -> WrittenTitles:
    """Split titles into their spellings, and the years and directors written in them."""
    written = WrittenTitles()
    for text in dict.fromkeys(title[:_MAX_TITLE_LENGTH] for title in titles if title):
        parts = split_title(text)
        written.main_title = written.main_title or clean_text(text)
        written.letters.append(text if parts.edition or parts.director else parts.title)
        written.spellings += [parts.title, *parts.alternatives, *_split_versions(parts.title)]
        written.year = written.year or parts.year
        if parts.director:
            written.directors.append(parts.director)
    return written


def _split_versions(title: str) -> list[str]:
    """Return the two titles of « Аватар / Avatar », and the film of « Gravity 3D »."""
    titles = _TITLE_SEPARATOR.split(title)
    versions = titles if len(titles) > 1 else []
    without_suffix = _VERSION_SUFFIX.sub("", title)
    return versions if without_suffix == title else [*versions, without_suffix]


def build_title_forms(written: WrittenTitles, aliases: WrittenTitles) -> TitleForms:
    """Return the comparable forms of a work's titles and aliases."""
    spellings = list(dict.fromkeys((*written.spellings, *aliases.spellings)))
    names = [name for title in spellings for name in _build_names(title)]
    exact_keys = _build_exact_keys(names)
    main_keys = exact_keys
    if aliases.spellings:
        main_keys = _build_exact_keys([name for title in written.spellings for name in _build_names(title)])
    part_keys = dict.fromkeys(key for title in spellings for key in _build_part_keys(title))
    return TitleForms(
        letter_keys=_build_letter_keys((*written.letters, *aliases.letters)),
        article_keys=_build_article_keys(names),
        exact_keys=exact_keys,
        title_keys=tuple(dict.fromkeys(name.key for name in names)),
        part_keys=tuple(key for key in part_keys if key not in exact_keys),
        alias_keys=tuple(key for key in exact_keys if key not in main_keys),
    )


class _TitleName(NamedTuple):
    """A title's key with numbers in figures, the same with numbers as written, and the article left out of both."""

    key: str
    plain_key: str
    article: str


def _build_names(title: str) -> list[_TitleName]:
    """Return the keys of a title; one in another script also has those of its romanised form."""
    plain_key = build_title_key(_spell_signs(title))
    if not plain_key:
        return []
    names = [_TitleName(_normalise_key(plain_key), plain_key, get_first_article(title))]
    if not plain_key.isascii() and (romanised_key := build_title_key(romanise_text(plain_key))):
        names.append(_TitleName(_normalise_key(romanised_key), romanised_key, ""))
    return names


def _build_exact_keys(names: Iterable[_TitleName]) -> tuple[str, ...]:
    keys = [key for name in names for key in (name.key, name.plain_key)]
    return tuple(dict.fromkeys(map(remove_spaces, keys)))


def _build_article_keys(names: Iterable[_TitleName]) -> tuple[str, ...]:
    keys = [name.article + key for name in names for key in (name.key, name.plain_key)]
    return tuple(dict.fromkeys(map(remove_spaces, keys)))


def _build_letter_keys(titles: Iterable[str]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for title in titles:
        key = " ".join(split_words(restore_article(clean_text(title))))
        keys[key] = None
        if not key.isascii():
            keys[" ".join(split_words(romanise_text(key)))] = None
    return tuple(filter(None, keys))


def _spell_signs(title: str) -> str:
    """Return a title with its plus signs in words: « Canal + » is « Canal plus »."""
    return title.replace("+", " plus ") if "+" in title else title


def _normalise_key(key: str) -> str:
    """Return a title key with its numbers in figures and without the words that announce the number of a part."""
    return remove_part_marks(normalise_numbers(key))


def _build_part_keys(title: str) -> list[str]:
    """Return the keys, long enough to mean something, of the parts of a title that has several."""
    parts = [part for part in _PART_SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return []
    keys = [remove_spaces(_normalise_key(build_title_key(part))) for part in parts]
    return [key for key in keys if len(key) >= _MIN_PART_LENGTH]
