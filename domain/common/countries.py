"""Recognise countries in French or English, and return their ISO 3166 codes."""

from collections.abc import Iterable
from functools import lru_cache

from babel import Locale

from domain.common.text import split_words

_EXTRA_NAMES = {
    "usa": "US",
    "uk": "GB",
    "grande bretagne": "GB",
    "great britain": "GB",
    "angleterre": "GB",
    "england": "GB",
    "urss": "RU",
    "ussr": "RU",
    "soviet union": "RU",
    "union sovietique": "RU",
    "rfa": "DE",
    "rda": "DE",
    "west germany": "DE",
    "east germany": "DE",
    "federal republic of germany": "DE",
    "tchecoslovaquie": "CZ",
    "czechoslovakia": "CZ",
    "republique tcheque": "CZ",
    "czech republic": "CZ",
    "yougoslavie": "RS",
    "yugoslavia": "RS",
    "federal republic of yugoslavia": "RS",
    "serbia and montenegro": "RS",
    "hong kong": "HK",
    "coree": "KR",
    "south korea": "KR",
    "turkey": "TR",
    "palestine": "PS",
    "macedoine": "MK",
    "republic of macedonia": "MK",
    "bosnie": "BA",
    "bosnie herzegovine": "BA",
    "birmanie": "MM",
    "lybie": "LY",
    "ivory coast": "CI",
}
"""Names missing from the Unicode tables: former states and other spellings, each with the code of its main successor."""


@lru_cache(maxsize=1)
def _load_codes() -> dict[str, str]:
    """Return the codes of all countries by folded name, and by code in lower case."""
    codes = {}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                codes[" ".join(split_words(name))] = code
                codes[code.lower()] = code
    return codes | _EXTRA_NAMES


@lru_cache(maxsize=4096)
def get_country_code(name: str) -> str | None:
    """Return the code of a country: « ETATS UNIS », « USA » and « us » give « US »; None for anything else."""
    return _load_codes().get(" ".join(split_words(name)))


def parse_countries(names: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the countries that are recognised, each once, in order."""
    codes = map(get_country_code, names)
    return tuple(dict.fromkeys(code for code in codes if code))
