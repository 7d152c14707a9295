"""The age rating of a film, kept as one code: TP, 12, 13, 16 or 18, each with an A when a warning goes with it, or X."""

import re

_CODE_PATTERN = re.compile(r"(?:TP|12|13|16|18)A?|X")
_BLANK_RATINGS = ("", "ND")


def parse_rating(written: str) -> str | None:
    """The code of a rating as a base writes it; None when the base says nothing, or something else."""
    code = "".join(written.split()).upper()
    return code if _CODE_PATTERN.fullmatch(code) else None


def is_unknown_rating(written: str) -> bool:
    """Whether a base says something that is no rating."""
    return written.strip().upper() not in _BLANK_RATINGS and parse_rating(written) is None
