"""Numbers between two sequels: what differs."""

from enum import StrEnum

_LAST_INSTALMENT = 31
_OTHER_OBJECT = frozenset(
    "acte annonce bonus chapitre chapter coffret coulisses court entretien episode epoque integrale interview making part partie "
    "saison season serie series tome trilogie trilogy trailer volume".split()
)


class Numbering(StrEnum):
    """What the numbers in two titles say: nothing, the same, more of them in one (large: too large for an instalment),
    others; or that one is another object: a part, a series, a trailer."""

    NONE = "none"
    SAME = "same"
    MORE = "more"
    LARGE = "large"
    OBJECT = "object"
    DIFFERENT = "different"


def numbers_of(key: str) -> frozenset[str]:
    """The numbers in a key already in figures, ordinals among them: « le parrain 2e partie » holds 2."""
    found = (word.removesuffix("e") for word in key.split() if word[0].isdigit())
    return frozenset(word.lstrip("0") or "0" for word in found if word.isdecimal())


def _marks_of(key: str) -> frozenset[str]:
    """What says that a title is another object than the film of that name: a part of it, a whole series, a trailer."""
    return frozenset(word for word in key.split() if word in _OTHER_OBJECT)


def compare_numbers(left: str, right: str) -> Numbering:
    """What the numbers of two keys in figures say."""
    if _marks_of(left) != _marks_of(right):
        return Numbering.OBJECT
    mine, yours = numbers_of(left), numbers_of(right)
    if mine == yours:
        return Numbering.SAME if mine else Numbering.NONE
    if not (mine <= yours or yours <= mine):
        return Numbering.DIFFERENT
    return Numbering.LARGE if all(int(number) > _LAST_INSTALMENT for number in mine ^ yours) else Numbering.MORE
