"""Class films by nationality: which country a film counts for, and which countries are European."""

from functools import lru_cache

from babel import Locale

from domain.coverage.labels import UNKNOWN_LABEL
from domain.coverage.schema import CountryRule

FRENCH = "France"
AMERICAN = "États-Unis"
EUROPEAN_UNION = "Union européenne hors France"
OTHER_EUROPE = "Autres pays d’Europe"
OTHER = "Autres pays"
NATIONALITIES = (FRENCH, AMERICAN, EUROPEAN_UNION, OTHER_EUROPE, OTHER, UNKNOWN_LABEL)
_UNION_COUNTRIES = frozenset("AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
_EUROPE_COUNTRIES = frozenset("AD AL AM AZ BA BY CH GB GE IS LI MC MD ME MK NO RS RU SM TR UA VA XK".split())
# From memory: the parties of the Council of Europe's convention on transfrontier television, and the European Economic Area.
_CONVENTION_COUNTRIES = frozenset("AL BA CH GB IS LI MD ME MK NO RS SM TR UA VA".split())
_QUOTA_COUNTRIES = _UNION_COUNTRIES | _CONVENTION_COUNTRIES | {"FR"}
_COUNTRIES_BY_NATIONALITY = {
    FRENCH: frozenset({"FR"}),
    AMERICAN: frozenset({"US"}),
    EUROPEAN_UNION: _UNION_COUNTRIES,
    OTHER_EUROPE: _EUROPE_COUNTRIES,
}


def select_countries(countries: tuple[str, ...], rule: CountryRule) -> tuple[str, ...]:
    """Return which of a film's country codes count for its nationality: the first one, or all of them."""
    return countries[:1] if rule is CountryRule.FIRST else countries


@lru_cache(50_000)
def get_nationality(countries: tuple[str, ...], rule: CountryRule = CountryRule.FIRST) -> str:
    """Return the class of a film: that of its first country, or the first class that holds one of its countries."""
    if not countries:
        return UNKNOWN_LABEL
    selected = set(select_countries(countries, rule))
    return next((name for name, codes in _COUNTRIES_BY_NATIONALITY.items() if selected & codes), OTHER)


@lru_cache(50_000)
def is_european(countries: tuple[str, ...], rule: CountryRule = CountryRule.FIRST) -> bool | None:
    """Return whether a film is European by the quota decree's list of States; None when no country is known."""
    if not countries:
        return None
    return not _QUOTA_COUNTRIES.isdisjoint(select_countries(countries, rule))


@lru_cache(500)
def get_country_name(code: str) -> str:
    """Return the French name of a country: « Italie » for « IT »."""
    return str(Locale("fr").territories.get(code, code))


def list_country_names(countries: tuple[str, ...], rule: CountryRule) -> list[str]:
    """Return the French names under which a film counts; only UNKNOWN_LABEL when no country is known."""
    return [get_country_name(code) for code in select_countries(countries, rule)] or [UNKNOWN_LABEL]
