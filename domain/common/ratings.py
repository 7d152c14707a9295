"""Parse the age rating of a film: TP, 12, 13, 16 or 18, each followed by A with a warning, or X."""

import re

_CODE_PATTERN = re.compile(r"(?:TP|12|13|16|18)A?|X")
_BLANK_RATINGS = ("", "ND")


def parse_rating(written: str) -> str | None:
    """Return the code of a rating as a source writes it; None for an empty or unknown one."""
    code = "".join(written.split()).upper()
    return code if _CODE_PATTERN.fullmatch(code) else None


def is_unknown_rating(written: str) -> bool:
    """Tell whether a source gives something that is not a rating."""
    return written.strip().upper() not in _BLANK_RATINGS and parse_rating(written) is None
