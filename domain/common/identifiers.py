"""Parse and check the identifiers of works, scheme by scheme."""

import re
from collections.abc import Iterable

SCHEMES = ("imdb", "tmdb", "allocine", "senscritique", "wikidata", "isan", "eidr", "visa")
ALL_SCHEMES = ("cnc", *SCHEMES)
"""The schemes above, and the CNC's own numbers, whose form is not checked."""
_ISAN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compute_isan_check(digits: str) -> str:
    """Return the check character of ISO 7064 MOD 37,36 for hexadecimal digits in capitals."""
    remainder = 36
    for digit in digits:
        remainder = (remainder + _ISAN_ALPHABET.index(digit)) % 36 or 36
        remainder = remainder * 2 % 37
    return _ISAN_ALPHABET[(37 - remainder) % 36]


def _parse_isan(text: str) -> str | None:
    """Return the sixteen digits that identify the work, which all its versions share; None for a wrong ISAN."""
    bare = re.sub(r"^ISAN|[\s:-]", "", text.strip().upper())
    match = re.fullmatch(r"([0-9A-F]{16})([0-9A-Z]?)(?:([0-9A-F]{8})([0-9A-Z]?))?", bare)
    if match is None:
        return None
    root, check, version, version_check = match.groups()
    if check and check != compute_isan_check(root):
        return None
    if version_check and version_check != compute_isan_check(root + version):
        return None
    return root


def _parse_eidr(text: str) -> str | None:
    """Return an EIDR, given alone or in an address: « urn:eidr:10.5240:… », « https://doi.org/10.5240/… »."""
    match = re.fullmatch(r"(?:.{0,30}[:/])?10\.5240[/:]((?:[0-9A-F]{4}-){5})([0-9A-Z])", text.upper())
    if match is None or compute_isan_check(match[1].replace("-", "")) != match[2]:
        return None
    return f"10.5240/{match[1]}{match[2]}"


def _parse_number(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        return None
    return text.lstrip("0") or None


def _parse_imdb(text: str) -> str | None:
    match = re.fullmatch(r"tt([0-9]{7,9})", text.lower())
    if match is None or not int(match[1]):
        return None
    return f"tt{int(match[1]):07d}"


def _parse_wikidata(text: str) -> str | None:
    """Return the id of a Wikidata item, given alone or in an address."""
    match = re.fullmatch(r"(?:https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9][0-9]{0,11})", text)
    return match[1] if match else None


_PARSERS = {"imdb": _parse_imdb, "isan": _parse_isan, "eidr": _parse_eidr, "wikidata": _parse_wikidata}


def parse_identifier(scheme: str, text: str) -> str | None:
    """Return an identifier in its canonical form; None when it is wrong, since a wrong number proves nothing."""
    return _PARSERS.get(scheme, _parse_number)(text.strip())


def parse_identifiers(written: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the valid identifiers of the schemes that are compared, as (scheme, value)."""
    parsed = ((scheme, parse_identifier(scheme, text)) for scheme, text in written if text and scheme in SCHEMES)
    return frozenset((scheme, value) for scheme, value in parsed if value)
