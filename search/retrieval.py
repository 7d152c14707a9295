"""From a query to the films that may be meant: exact, then misspelt, then begun words; in one word, or each on its own."""

from collections.abc import Iterable

import tantivy

from search.query import NormalisedTitle, get_significant_words, is_year, join_words
from search.title_index import Candidate, TitleIndex

_ONE_TYPO_LENGTH, _TWO_TYPOS_LENGTH = 4, 9
_EXACT_SCORE, _PREFIX_SCORE, _FUZZY_SCORE = 3.0, 2.5, 2.0
_SAME_TITLE_SCORE, _TITLE_PREFIX_SCORE = 8.0, 6.0


def get_max_typos(word: str) -> int:
    """How many slips of the finger a word may hold: none in a short one or a number, one, or two in a long one."""
    if len(word) < _ONE_TYPO_LENGTH or word.isdecimal():
        return 0
    return 1 if len(word) < _TWO_TYPOS_LENGTH else 2


def find_likely_candidates(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Candidate]:
    """Films with a title like the query, or that have all its words among their titles, directors and year."""
    ask = _QueryBuilder(index.schema)
    return index.find_nearest(
        ask.build_any(
            [*map(ask.build_title, query.keys), ask.build_fuzzy("whole", join_words(query.full_key), _SAME_TITLE_SCORE)]
        ),
        limit,
    )


def find_partial_candidates(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Candidate]:
    """Films that have some of the words, longest words first: for a query of which a word is wrong."""
    ask = _QueryBuilder(index.schema)
    return index.find_nearest(ask.build_any(map(ask.build_some_words, query.keys)), limit)


class _QueryBuilder:
    """Queries on one schema. Every kind of match has a fixed score: how rare a word is says nothing of what was meant."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def build_any(self, queries: Iterable[tantivy.Query]) -> tantivy.Query:
        return tantivy.Query.disjunction_max_query(list(queries))

    def build_fuzzy(self, field: str, text: str, score: float) -> tantivy.Query:
        query = tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=get_max_typos(text))
        return tantivy.Query.const_score_query(query, score)

    def build_prefix(self, field: str, text: str, score: float) -> tantivy.Query:
        query = tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=0, prefix=True)
        return tantivy.Query.const_score_query(query, score)

    def build_exact(self, word: str, score: float) -> tantivy.Query:
        return tantivy.Query.const_score_query(tantivy.Query.term_query(self._schema, "words", word), score)

    def build_word(self, word: str, is_last: bool) -> tantivy.Query:
        ways = [self.build_exact(word, _EXACT_SCORE)]
        ways += [self.build_fuzzy("words", word, _FUZZY_SCORE)] if get_max_typos(word) else []
        ways += [self.build_prefix("words", word, _PREFIX_SCORE)] if is_last else []
        return self.build_any(ways)

    def build_words(self, words: list[str]) -> list[tantivy.Query]:
        """Each word; a year beside other words is that of a release, which may be the next or the one before."""
        asked = [self.build_word(word, place == len(words) - 1) for place, word in enumerate(words)]
        for place, word in enumerate(words):
            if len(words) > 1 and is_year(word):
                around = [self.build_exact(str(int(word) + apart), _FUZZY_SCORE) for apart in (-1, 1)]
                asked[place] = self.build_any([asked[place], *around])
        return asked

    def build_title(self, key: str) -> tantivy.Query:
        words = get_significant_words(key)
        every = [(tantivy.Occur.Must, way) for way in self.build_words(words)]
        whole = join_words(key)
        ways = [tantivy.Query.boolean_query(every)] if every else []
        ways += [self.build_fuzzy("joined", whole, _SAME_TITLE_SCORE), self.build_prefix("joined", whole, _TITLE_PREFIX_SCORE)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])

    def build_some_words(self, key: str) -> tantivy.Query:
        words = key.split()
        telling = [word for word in words if len(word) >= _ONE_TYPO_LENGTH - 1] or words
        scored = [
            tantivy.Query.boost_query(way, float(len(word))) for word, way in zip(telling, self.build_words(telling), strict=True)
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in scored])
