"""Countries known by their ISO 3166 code, whatever language or spelling they come in."""

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
"""Names that the Unicode tables do not hold: former States and other spellings, each with the code of its main heir."""


@lru_cache(maxsize=1)
def _load_codes() -> dict[str, str]:
    found = {}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found[" ".join(split_words(name))] = code
                found[code.lower()] = code
    return found | _EXTRA_NAMES


@lru_cache(maxsize=4096)
def get_country_code(name: str) -> str | None:
    """« ETATS UNIS », « USA », « us » all give « US »; None for what is no country."""
    return _load_codes().get(" ".join(split_words(name)))


def parse_countries(names: Iterable[str]) -> tuple[str, ...]:
    """The codes of the countries named, each once."""
    return tuple(dict.fromkeys(code for name in names if (code := get_country_code(name))))
