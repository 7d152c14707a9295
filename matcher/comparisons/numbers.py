"""Compare the numbers in two titles: sequels, parts, series."""

from domain.common.numerals import extract_numbers, extract_object_words
from matcher.comparisons.levels import NumbersLevel

_MAX_SEQUEL_NUMBER = 31


def compare_numbers(entry_key: str, film_key: str) -> NumbersLevel:
    """Compare the numbers of two keys written in figures."""
    if extract_object_words(entry_key) != extract_object_words(film_key):
        return NumbersLevel.OBJECT
    entry_numbers = extract_numbers(entry_key)
    film_numbers = extract_numbers(film_key)
    if entry_numbers == film_numbers:
        return NumbersLevel.SAME if entry_numbers else NumbersLevel.NONE
    if not (entry_numbers <= film_numbers or film_numbers <= entry_numbers):
        return NumbersLevel.DIFFERENT
    unshared = entry_numbers ^ film_numbers
    if unshared == {"1"}:
        return NumbersLevel.FIRST
    are_large = all(int(number) > _MAX_SEQUEL_NUMBER for number in unshared)
    return NumbersLevel.LARGE if are_large else NumbersLevel.MORE
