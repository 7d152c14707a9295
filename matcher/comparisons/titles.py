"""Compare titles: their letters, their words, and their first word."""

from typing import NamedTuple

from rapidfuzz import fuzz

from matcher.comparisons.levels import EQUAL_TITLES, FirstWordLevel, TitleLevel, TitleSourceLevel, WordsLevel
from matcher.work import Work

_MIN_SPELLING_RATIO, _MIN_CLOSE_RATIO, _MIN_NEAR_RATIO, _MIN_VAGUE_RATIO = 94, 88, 75, 60
_EQUAL_RATIO = 100
_MAX_SHORT_WORD_LENGTH = 3


class TitleComparison(NamedTuple):
    """The level of the two most similar titles, and their keys."""

    level: TitleLevel
    entry_key: str
    film_key: str


def compare_titles(entry: Work, film: Work) -> TitleComparison:
    """Compare the most similar two titles of an entry and a film."""
    equal_level = _compare_equal_titles(entry, film)
    if equal_level:
        return TitleComparison(equal_level, entry.title_keys[0], entry.title_keys[0])
    ratio, entry_key, film_key = _find_closest_titles(entry.title_keys, film.title_keys)
    return TitleComparison(_get_title_level(entry, film, ratio, entry_key, film_key), entry_key, film_key)


def _compare_equal_titles(entry: Work, film: Work) -> TitleLevel | None:
    """Return how two titles are equal; None when none are."""
    if not _share_key(entry.exact_keys, film.exact_keys):
        return None
    if _share_key(entry.letter_keys, film.letter_keys):
        return TitleLevel.LETTER
    return TitleLevel.EXACT if _share_key(entry.article_keys, film.article_keys) else TitleLevel.ARTICLE


def _share_key(keys: tuple[str, ...], other_keys: tuple[str, ...]) -> bool:
    return any(key in other_keys for key in keys)


def compare_title_sources(title: TitleLevel, entry: Work, film: Work) -> TitleSourceLevel:
    """Return whether the film's equal title is its own, or only an alias."""
    if title not in EQUAL_TITLES:
        return TitleSourceLevel.UNEQUAL
    shared_keys = [key for key in entry.exact_keys if key in film.exact_keys]
    is_alias = all(key in film.alias_keys for key in shared_keys)
    return TitleSourceLevel.ALIAS if is_alias else TitleSourceLevel.TITLE


def _find_closest_titles(entry_keys: tuple[str, ...], film_keys: tuple[str, ...]) -> tuple[float, str, str]:
    ratios = [(fuzz.ratio(entry_key, film_key), entry_key, film_key) for entry_key in entry_keys for film_key in film_keys]
    return max(ratios, default=(0.0, "", ""))


def _get_title_level(entry: Work, film: Work, ratio: float, entry_key: str, film_key: str) -> TitleLevel:
    if ratio < _EQUAL_RATIO and _are_sister_titles(entry, film):
        return TitleLevel.SISTER
    if ratio >= _MIN_SPELLING_RATIO:
        return TitleLevel.SPELLING
    if ratio >= _MIN_CLOSE_RATIO:
        return TitleLevel.CLOSE
    if _is_part_of_title(entry, film) or _is_part_of_title(film, entry):
        return TitleLevel.PART
    if ratio >= _MIN_NEAR_RATIO:
        return TitleLevel.NEAR
    if entry_key and film_key and (_has_all_words(entry_key, film_key) or _has_all_words(film_key, entry_key)):
        return TitleLevel.CONTAINED
    return TitleLevel.VAGUE if ratio >= _MIN_VAGUE_RATIO else TitleLevel.UNLIKE


def _are_sister_titles(entry: Work, film: Work) -> bool:
    """« Trois couleurs : Bleu » and « Trois couleurs : Blanc » begin alike and have different subtitles."""
    if len(entry.part_keys) < 2 or len(film.part_keys) < 2:
        return False
    return (
        entry.part_keys[0] in film.part_keys
        and entry.part_keys[-1] not in film.part_keys
        and film.part_keys[-1] not in entry.part_keys
    )


def _is_part_of_title(whole: Work, part: Work) -> bool:
    return any(key in part.part_keys for key in whole.exact_keys)


def _has_all_words(key: str, other: str) -> bool:
    """Return whether the other key has all the words of the first one."""
    other_words = other.split()
    return all(word in other_words for word in key.split())


def compare_words(entry_key: str, film_key: str) -> WordsLevel:
    """Return MOST when the titles share half of the longer one's words; words of three letters or fewer do not count."""
    if entry_key == film_key:
        return WordsLevel.EQUAL
    entry_words = _get_long_words(entry_key)
    film_words = _get_long_words(film_key)
    shared_count = len(entry_words & film_words)
    if not shared_count:
        return WordsLevel.NONE
    is_half = 2 * shared_count >= max(len(entry_words), len(film_words))
    return WordsLevel.MOST if is_half else WordsLevel.SOME


def _get_long_words(key: str) -> set[str]:
    return {word for word in key.split() if len(word) > _MAX_SHORT_WORD_LENGTH}


def compare_first_words(entry_key: str, film_key: str) -> FirstWordLevel:
    """Compare the first words of two unequal titles."""
    if entry_key == film_key:
        return FirstWordLevel.EQUAL
    is_same = entry_key.split(" ", 1)[0] == film_key.split(" ", 1)[0]
    return FirstWordLevel.SAME if is_same else FirstWordLevel.OTHER
