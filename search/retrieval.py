"""Retrieve from the index the films that a query may mean: exact words first, then misspelt ones, then unfinished ones."""

from collections.abc import Iterable

import tantivy

from search.query import NormalisedTitle, get_significant_words, is_year, join_words
from search.title_index import Candidate, TitleIndex

_ONE_TYPO_LENGTH, _TWO_TYPOS_LENGTH = 4, 9
_EXACT_SCORE, _PREFIX_SCORE, _FUZZY_SCORE = 3.0, 2.5, 2.0
_SAME_TITLE_SCORE, _TITLE_PREFIX_SCORE = 8.0, 6.0


def get_max_typos(word: str) -> int:
    """Return how many typing errors a word may have: none in a short one or a number, one, or two in a long one."""
    if len(word) < _ONE_TYPO_LENGTH or word.isdecimal():
        return 0
    return 1 if len(word) < _TWO_TYPOS_LENGTH else 2


def find_likely_candidates(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Candidate]:
    """Return films with a title like the query, or with all its words in their titles, directors and year."""
    builder = _QueryBuilder(index.schema)
    same_title = builder.build_fuzzy("whole", join_words(query.full_key), _SAME_TITLE_SCORE)
    titles = [builder.build_title(key) for key in query.keys]
    return index.find_nearest(builder.build_any([*titles, same_title]), limit)


def find_partial_candidates(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Candidate]:
    """Return films that have some of the words, the longest counting most: for a query with a wrong word."""
    builder = _QueryBuilder(index.schema)
    return index.find_nearest(builder.build_any(map(builder.build_some_words, query.keys)), limit)


class _QueryBuilder:
    """Build queries on a schema. Each kind of match has a fixed score: a rare word is not what a person means more."""

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
        queries = [self.build_exact(word, _EXACT_SCORE)]
        if get_max_typos(word):
            queries.append(self.build_fuzzy("words", word, _FUZZY_SCORE))
        if is_last:
            queries.append(self.build_prefix("words", word, _PREFIX_SCORE))
        return self.build_any(queries)

    def build_words(self, words: list[str]) -> list[tantivy.Query]:
        """Return a query for each word; a year beside other words also matches the year before and the next."""
        queries = []
        for position, word in enumerate(words, 1):
            query = self.build_word(word, is_last=position == len(words))
            if len(words) > 1 and is_year(word):
                near_years = [self.build_exact(str(int(word) + gap), _FUZZY_SCORE) for gap in (-1, 1)]
                query = self.build_any([query, *near_years])
            queries.append(query)
        return queries

    def build_title(self, key: str) -> tantivy.Query:
        word_queries = self.build_words(get_significant_words(key))
        joined_key = join_words(key)
        queries = [
            self.build_fuzzy("joined", joined_key, _SAME_TITLE_SCORE),
            self.build_prefix("joined", joined_key, _TITLE_PREFIX_SCORE),
        ]
        if word_queries:
            queries.insert(0, tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in word_queries]))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])

    def build_some_words(self, key: str) -> tantivy.Query:
        words = key.split()
        long_words = [word for word in words if len(word) >= _ONE_TYPO_LENGTH - 1] or words
        queries = []
        for word, query in zip(long_words, self.build_words(long_words), strict=True):
            queries.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, float(len(word)))))
        return tantivy.Query.boolean_query(queries)
