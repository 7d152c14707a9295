"""Compare the numbers in two titles: sequels, parts, series."""

from matcher.comparisons.levels import NumbersLevel

_MAX_SEQUEL_NUMBER = 31
_OTHER_OBJECT_WORDS = frozenset(
    "acte annonce bonus chapitre chapter coffret coulisses court entretien episode epoque integrale interview making part partie "
    "saison season serie series tome trilogie trilogy trailer volume".split()
)


def extract_numbers(key: str) -> frozenset[str]:
    """Return the numbers of a key written in figures, ordinals included: « le parrain 2e partie » has 2."""
    figures = (word.removesuffix("e") for word in key.split() if word[0].isdigit())
    return frozenset(figure.lstrip("0") or "0" for figure in figures if figure.isdecimal())


def _extract_object_words(key: str) -> frozenset[str]:
    """Return the words that make a title name another object than the film: a part of it, a whole series, a trailer."""
    return frozenset(word for word in key.split() if word in _OTHER_OBJECT_WORDS)


def compare_numbers(entry_key: str, film_key: str) -> NumbersLevel:
    """Compare the numbers of two keys written in figures."""
    if _extract_object_words(entry_key) != _extract_object_words(film_key):
        return NumbersLevel.OBJECT
    entry_numbers = extract_numbers(entry_key)
    film_numbers = extract_numbers(film_key)
    if entry_numbers == film_numbers:
        return NumbersLevel.SAME if entry_numbers else NumbersLevel.NONE
    if not (entry_numbers <= film_numbers or film_numbers <= entry_numbers):
        return NumbersLevel.DIFFERENT
    unshared = entry_numbers ^ film_numbers
    are_large = all(int(number) > _MAX_SEQUEL_NUMBER for number in unshared)
    return NumbersLevel.LARGE if are_large else NumbersLevel.MORE
