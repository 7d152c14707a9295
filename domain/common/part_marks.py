"""Reduce the words that announce the part of a work to the part's number."""

import re

_MARKS = "part|partie|parte|teil|vol|volume|tome|chapitre|chapter|episode|volet|opus"
_MARKED_NUMBER = re.compile(rf"\b(?:{_MARKS}) (?:no? )?(one|une|un|uno|i|[0-9]+)\b")
_ORDINAL_PART = re.compile(r"\b([0-9]+)e (?:partie|part|volet|volume|tome|chapitre|epoque)\b")
_FIRST = frozenset(("one", "une", "un", "uno", "i"))


def remove_part_marks(key: str) -> str:
    """Return a title key without the words that announce a part's number.

    « kill bill vol 2 » gives « kill bill 2 », « dune 1e partie » and « dune part one » give « dune 1 ».
    """
    key = _MARKED_NUMBER.sub(lambda match: "1" if match[1] in _FIRST else match[1], key)
    return _ORDINAL_PART.sub(r"\1", key)
