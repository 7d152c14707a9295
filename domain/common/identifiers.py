"""Identifiers of works, checked by scheme before they count."""

import re
from collections.abc import Iterable

SCHEMES = ("imdb", "tmdb", "allocine", "senscritique", "wikidata", "isan", "eidr", "visa")
ALL_SCHEMES = ("cnc", *SCHEMES)
"""Those, and the CNC's own numbers, whose form is not checked."""
_ISAN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compute_isan_check(digits: str) -> str:
    """The check character of ISO 7064 MOD 37,36 for hexadecimal digits in capitals."""
    rest = 36
    for digit in digits:
        rest = (rest + _ISAN_ALPHABET.index(digit)) % 36 or 36
        rest = rest * 2 % 37
    return _ISAN_ALPHABET[(37 - rest) % 36]


def _parse_isan(text: str) -> str | None:
    """The sixteen digits that name the work; versions of one work share them."""
    bare = re.sub(r"^ISAN|[\s:-]", "", text.strip().upper())
    found = re.fullmatch(r"([0-9A-F]{16})([0-9A-Z]?)(?:([0-9A-F]{8})([0-9A-Z]?))?", bare)
    if found is None:
        return None
    root, check, version, version_check = found.groups()
    if check and check != compute_isan_check(root):
        return None
    if version_check and version_check != compute_isan_check(root + version):
        return None
    return root


def _parse_eidr(text: str) -> str | None:
    """The work's number, alone or in one of its addresses: « urn:eidr:10.5240:… », « https://doi.org/10.5240/… »."""
    found = re.fullmatch(r"(?:.{0,30}[:/])?10\.5240[/:]((?:[0-9A-F]{4}-){5})([0-9A-Z])", text.upper())
    if found is None or compute_isan_check(found[1].replace("-", "")) != found[2]:
        return None
    return f"10.5240/{found[1]}{found[2]}"


def _parse_number(text: str) -> str | None:
    return text.lstrip("0") or None if re.fullmatch(r"[0-9]{1,12}", text) else None


def _parse_imdb(text: str) -> str | None:
    found = re.fullmatch(r"tt([0-9]{7,9})", text.lower())
    return f"tt{int(found[1]):07d}" if found and int(found[1]) else None


def _parse_wikidata(text: str) -> str | None:
    """An item's number, alone or at the end of its address."""
    found = re.fullmatch(r"(?:https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9][0-9]{0,11})", text)
    return found[1] if found else None


_PARSERS = {"imdb": _parse_imdb, "isan": _parse_isan, "eidr": _parse_eidr, "wikidata": _parse_wikidata}


def parse_identifier(scheme: str, text: str) -> str | None:
    """The identifier in its one form, or None when it is not one: a wrong number is no evidence."""
    return _PARSERS.get(scheme, _parse_number)(text.strip())


def parse_identifiers(written: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The identifiers that are well formed, of the schemes that are compared, as (scheme, value)."""
    found = ((scheme, parse_identifier(scheme, text)) for scheme, text in written if text and scheme in SCHEMES)
    return frozenset((scheme, value) for scheme, value in found if value)
