"""Numbers between two sequels: what differs."""

from enum import StrEnum

_MAX_SEQUEL_NUMBER = 31
_OTHER_OBJECT_WORDS = frozenset(
    "acte annonce bonus chapitre chapter coffret coulisses court entretien episode epoque integrale interview making part partie "
    "saison season serie series tome trilogie trilogy trailer volume".split()
)


class NumbersLevel(StrEnum):
    """What the numbers in two titles say: nothing, the same, more of them in one (large: too large for an instalment),
    others; or that one is another object: a part, a series, a trailer."""

    NONE = "none"
    SAME = "same"
    MORE = "more"
    LARGE = "large"
    OBJECT = "object"
    DIFFERENT = "different"


def extract_numbers(key: str) -> frozenset[str]:
    """The numbers in a key already in figures, ordinals among them: « le parrain 2e partie » holds 2."""
    found = (word.removesuffix("e") for word in key.split() if word[0].isdigit())
    return frozenset(word.lstrip("0") or "0" for word in found if word.isdecimal())


def _extract_object_words(key: str) -> frozenset[str]:
    """What says that a title is another object than the film of that name: a part of it, a whole series, a trailer."""
    return frozenset(word for word in key.split() if word in _OTHER_OBJECT_WORDS)


def compare_numbers(left: str, right: str) -> NumbersLevel:
    """What the numbers of two keys in figures say."""
    if _extract_object_words(left) != _extract_object_words(right):
        return NumbersLevel.OBJECT
    mine, yours = extract_numbers(left), extract_numbers(right)
    if mine == yours:
        return NumbersLevel.SAME if mine else NumbersLevel.NONE
    if not (mine <= yours or yours <= mine):
        return NumbersLevel.DIFFERENT
    return NumbersLevel.LARGE if all(int(number) > _MAX_SEQUEL_NUMBER for number in mine ^ yours) else NumbersLevel.MORE
