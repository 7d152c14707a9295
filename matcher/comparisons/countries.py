"""Compare the countries of two works."""

from matcher.comparisons.levels import CountriesLevel

_COMMON_COUNTRIES = frozenset(("US", "GB", "FR", "IN"))


def compare_countries(entry_countries: tuple[str, ...], film_countries: tuple[str, ...]) -> CountriesLevel:
    """Compare two lists of ISO codes; one shared country is enough, as sources list all co-producers or only the first."""
    if not entry_countries or not film_countries:
        return CountriesLevel.UNKNOWN
    shared = [code for code in entry_countries if code in film_countries]
    if not shared:
        return CountriesLevel.DISJOINT
    has_rare_country = any(code not in _COMMON_COUNTRIES for code in shared)
    return CountriesLevel.RARE if has_rare_country else CountriesLevel.SAME
