"""Build the two queries put to Wikidata: which items bear these numbers, and what it says of these items."""

from collections.abc import Sequence

from crawlers.wikidata.titles import NAME_LANGUAGES
from domain.common.identifiers import compute_isan_check
from domain.films.attribute_merge import IdentifierPair

ENDPOINT_URL = "https://query.wikidata.org/sparql"
PAGE_SIZE = 2000
PROPERTIES = {
    "imdb": "P345",
    "allocine": "P1265",
    "senscritique": "P10100",
    "tmdb": "P4947",
    "eidr": "P2704",
    "isan": "P3212",
    "visa": "P2755",
}
"""The property of each scheme. All were seen in public code but ISAN's, which is remembered: to be checked on the real site."""

_IS_IN_NAME_LANGUAGE = " || ".join(f'LANGMATCHES(LANG(?value), "{language}")' for language in NAME_LANGUAGES)
_IS_IN_WANTED_LANGUAGE = (
    f"{_IS_IN_NAME_LANGUAGE} || EXISTS {{ ?item wdt:P1476 ?original . FILTER(LANGMATCHES(LANG(?value), LANG(?original))) }}"
)
_IS_OF_FOREIGN_SCRIPT = 'EXISTS { ?item wdt:P1476 ?original . FILTER(!REGEX(STR(?original), "[A-Za-z]")) }'
"""The labels of every language may transliterate such a title."""
_FACTS_PATTERN = f"""
  {{ ?item rdfs:label ?value . FILTER({_IS_IN_WANTED_LANGUAGE} || {_IS_OF_FOREIGN_SCRIPT}) BIND("label" AS ?fact) }}
  UNION {{ ?item skos:altLabel ?value . FILTER({_IS_IN_WANTED_LANGUAGE}) BIND("alias" AS ?fact) }}
  UNION {{ ?item wdt:P1476 ?value . BIND("original" AS ?fact) }}
  UNION {{
    ?item wdt:P57 ?about . ?about rdfs:label ?value . FILTER({_IS_IN_NAME_LANGUAGE}) BIND("director" AS ?fact)
  }}
  UNION {{ ?item wdt:P577 ?value . BIND("published" AS ?fact) }}
  UNION {{
    ?item p:P577 ?shown . ?shown pq:P291 wd:Q142 ; psv:P577 ?day . ?day wikibase:timePrecision 11 ; wikibase:timeValue ?value .
    FILTER NOT EXISTS {{ ?shown wikibase:rank wikibase:DeprecatedRank }} BIND("released" AS ?fact)
  }}
  UNION {{
    ?item p:P2047 ?lasts . ?lasts a wikibase:BestRank ; psv:P2047 ?time .
    ?time wikibase:quantityAmount ?value ; wikibase:quantityUnit ?about . BIND("runtime" AS ?fact)
  }}"""
_IDENTIFIERS_PATTERN = "".join(
    f'\n  UNION {{ ?item wdt:{code} ?value . BIND("{scheme}" AS ?fact) }}' for scheme, code in PROPERTIES.items()
)


def build_items_query(pairs: Sequence[IdentifierPair]) -> str:
    """Return the query of `?scheme ?value ?item` for numbers in their normal form."""
    values = " ".join(
        f'("{scheme}" wdt:{PROPERTIES[scheme]} "{value}" "{_format_identifier(scheme, value)}")' for scheme, value in pairs
    )
    return (
        f"SELECT ?scheme ?value ?item WHERE {{\n  VALUES (?scheme ?property ?value ?written) {{ {values} }}\n"
        "  ?item ?property ?written .\n}\nORDER BY ?item ?scheme ?value"
    )


def build_facts_query(items: Sequence[str]) -> str:
    """Return the query of `?item ?fact ?value ?about` for items: titles, people, dates, running time and numbers."""
    values = " ".join(f"wd:{item}" for item in items)
    facts = f"{_FACTS_PATTERN}{_IDENTIFIERS_PATTERN}"
    return (
        f"SELECT ?item ?fact ?value ?about WHERE {{\n  VALUES ?item {{ {values} }}{facts}\n}}\nORDER BY ?item ?fact ?value ?about"
    )


def paginate_query(query: str, page: int) -> str:
    """Return the query of one page of its rows, from 0."""
    return f"{query}\nLIMIT {PAGE_SIZE} OFFSET {page * PAGE_SIZE}"


def _format_identifier(scheme: str, value: str) -> str:
    """Return a number as Wikidata writes it: an ISAN in groups of four, with its check character."""
    if scheme != "isan":
        return value
    groups = [value[start : start + 4] for start in range(0, 16, 4)]
    return "-".join([*groups, compute_isan_check(value)])
