"""Nationality classes: of which country a film is counted, and what « European » means."""

from functools import lru_cache

from babel import Locale

from domain.coverage.labels import UNKNOWN_LABEL
from domain.coverage.schema import CountryRule

FRENCH, AMERICAN, EUROPEAN_UNION, OTHER_EUROPE, OTHER = (
    "France",
    "États-Unis",
    "Union européenne hors France",
    "Autres pays d’Europe",
    "Autres pays",
)
NATIONALITIES = (FRENCH, AMERICAN, EUROPEAN_UNION, OTHER_EUROPE, OTHER, UNKNOWN_LABEL)
_UNION_COUNTRIES = frozenset("AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
_EUROPE_COUNTRIES = frozenset("AD AL AM AZ BA BY CH GB GE IS LI MC MD ME MK NO RS RU SM TR UA VA XK".split())
# From memory: the parties of the Council of Europe's convention on transfrontier television, and the European Economic Area.
_CONVENTION_COUNTRIES = frozenset("AL BA CH GB IS LI MD ME MK NO RS SM TR UA VA".split())
_NATIONALITY_RANKS = (
    (FRENCH, frozenset({"FR"})),
    (AMERICAN, frozenset({"US"})),
    (EUROPEAN_UNION, _UNION_COUNTRIES),
    (OTHER_EUROPE, _EUROPE_COUNTRIES),
)


@lru_cache(50_000)
def get_nationality(countries: tuple[str, ...], rule: CountryRule = CountryRule.FIRST) -> str:
    """The class of a film: that of its first country, or the first class that one of its countries is of."""
    if not countries:
        return UNKNOWN_LABEL
    looked = set(countries[:1] if rule is CountryRule.FIRST else countries)
    return next((name for name, codes in _NATIONALITY_RANKS if looked & codes), OTHER)


@lru_cache(50_000)
def is_european(countries: tuple[str, ...], rule: CountryRule = CountryRule.FIRST) -> bool | None:
    """Whether a film is taken for European by the décret's list of States; None when no country is known."""
    if not countries:
        return None
    looked = countries[:1] if rule is CountryRule.FIRST else countries
    return any(code == "FR" or code in _UNION_COUNTRIES or code in _CONVENTION_COUNTRIES for code in looked)


@lru_cache(500)
def get_country_name(code: str) -> str:
    """« Italie » of « IT »."""
    return str(Locale("fr").territories.get(code, code))
