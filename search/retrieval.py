"""From a query to the films that may be meant: exact, then misspelt, then begun words; in one word, or each on its own."""

from collections.abc import Iterable

import tantivy

from search.query import Wording, is_year, joined, telling
from search.title_index import Candidate, TitleIndex

_SHORT, _LONG = 4, 9
_EXACT, _BEGUN, _MISSPELT = 3.0, 2.5, 2.0
_SAME_TITLE, _SAME_BEGINNING = 8.0, 6.0


def slips(word: str) -> int:
    """How many slips of the finger a word may hold: none in a short one or a number, one, or two in a long one."""
    if len(word) < _SHORT or word.isdecimal():
        return 0
    return 1 if len(word) < _LONG else 2


def likely(index: TitleIndex, query: Wording, most: int) -> list[Candidate]:
    """Films with a title like the query, or that have all its words among their titles, directors and year."""
    ask = _Asked(index.schema)
    return index.nearest(ask.any_of([*map(ask.title, query.keys), ask.near("whole", joined(query.whole), _SAME_TITLE)]), most)


def remote(index: TitleIndex, query: Wording, most: int) -> list[Candidate]:
    """Films that have some of the words, longest words first: for a query of which a word is wrong."""
    ask = _Asked(index.schema)
    return index.nearest(ask.any_of(map(ask.some_words, query.keys)), most)


class _Asked:
    """Queries on one schema. Every kind of match has a fixed score: how rare a word is says nothing of what was meant."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def any_of(self, queries: Iterable[tantivy.Query]) -> tantivy.Query:
        return tantivy.Query.disjunction_max_query(list(queries))

    def near(self, field: str, text: str, score: float) -> tantivy.Query:
        query = tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=slips(text))
        return tantivy.Query.const_score_query(query, score)

    def begun(self, field: str, text: str, score: float) -> tantivy.Query:
        query = tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=0, prefix=True)
        return tantivy.Query.const_score_query(query, score)

    def exact(self, word: str, score: float) -> tantivy.Query:
        return tantivy.Query.const_score_query(tantivy.Query.term_query(self._schema, "words", word), score)

    def word(self, word: str, last: bool) -> tantivy.Query:
        ways = [self.exact(word, _EXACT)]
        ways += [self.near("words", word, _MISSPELT)] if slips(word) else []
        ways += [self.begun("words", word, _BEGUN)] if last else []
        return self.any_of(ways)

    def words(self, words: list[str]) -> list[tantivy.Query]:
        """Each word; a year beside other words is that of a release, which may be the next or the one before."""
        asked = [self.word(word, place == len(words) - 1) for place, word in enumerate(words)]
        for place, word in enumerate(words):
            if len(words) > 1 and is_year(word):
                around = [self.exact(str(int(word) + apart), _MISSPELT) for apart in (-1, 1)]
                asked[place] = self.any_of([asked[place], *around])
        return asked

    def title(self, key: str) -> tantivy.Query:
        words = telling(key)
        every = [(tantivy.Occur.Must, way) for way in self.words(words)]
        whole = joined(key)
        ways = [tantivy.Query.boolean_query(every)] if every else []
        ways += [self.near("joined", whole, _SAME_TITLE), self.begun("joined", whole, _SAME_BEGINNING)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])

    def some_words(self, key: str) -> tantivy.Query:
        words = key.split()
        telling = [word for word in words if len(word) >= _SHORT - 1] or words
        scored = [
            tantivy.Query.boost_query(way, float(len(word))) for word, way in zip(telling, self.words(telling), strict=True)
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in scored])
