"""The age rating of a film, kept as one code: TP, 12, 13, 16 or 18, each with an A when a warning goes with it, or X."""

import re

_CODE = re.compile(r"(?:TP|12|13|16|18)A?|X")
_UNSAID = ("", "ND")


def read_rating(written: str) -> str | None:
    """The code of a rating as a base writes it; None when the base says nothing, or something else."""
    code = "".join(written.split()).upper()
    return code if _CODE.fullmatch(code) else None


def is_unknown_rating(written: str) -> bool:
    """Whether a base says something that is no rating."""
    return written.strip().upper() not in _UNSAID and read_rating(written) is None
