"""ISAN numbers, checked: a number mistyped or cut would link an entry to another work."""

import re

_WRITTEN = re.compile(r"(?:ISAN)?([0-9A-F]{12})([0-9A-F]{4})([0-9A-Z])(?:([0-9A-F]{8})([0-9A-Z]))?")
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_sign(digits: str) -> str:
    """The check character of ISO 7064 MOD 37,36 for hexadecimal digits."""
    product = 36
    for digit in digits:
        total = (product + _SIGNS.index(digit)) % 36 or 36
        product = total * 2 % 37
    return _SIGNS[(37 - product) % 36]


def isan(value: object) -> str:
    """A number in its full form, « 0000-0009-00A1-0000-K-0000-0000-E »; the version is zero when left out.

    Raises ValueError when it is cut, or when a check character is wrong.
    """
    found = _WRITTEN.fullmatch(re.sub(r"[\s-]", "", str(value)).upper())
    if found is None:
        raise ValueError("numéro ISAN incomplet ou mal formé")
    root, episode, sign, version, last = found.groups()
    version = version or "00000000"
    expected = check_sign(root + episode), check_sign(root + episode + version)
    if (sign, last or expected[1]) != expected:
        raise ValueError("numéro ISAN dont la clé de contrôle est fausse")
    blocks = [root[:4], root[4:8], root[8:], episode, sign, version[:4], version[4:], expected[1]]
    return "-".join(blocks)
