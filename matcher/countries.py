"""Countries of two works compared."""

from enum import StrEnum

_COMMON_COUNTRIES = frozenset(("US", "GB", "FR", "IN"))


class CountriesLevel(StrEnum):
    """Whether two works share a country, and one that tells something: so many films are American or French."""

    RARE = "rare"
    SAME = "same"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


def compare_countries(left: tuple[str, ...], right: tuple[str, ...]) -> CountriesLevel:
    """Same as soon as one country is shared: co-productions are told in full or by their leader."""
    if not left or not right:
        return CountriesLevel.UNKNOWN
    shared = [code for code in left if code in right]
    if not shared:
        return CountriesLevel.DISJOINT
    return CountriesLevel.SAME if all(code in _COMMON_COUNTRIES for code in shared) else CountriesLevel.RARE
