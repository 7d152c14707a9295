"""How similar two titles are does not depend on other titles."""

from hypothesis import given
from hypothesis import strategies as st

from matcher.trigrams import TrigramIndex, extract_trigrams

WORDS = st.sampled_from(["nuit", "nuits", "mer", "amour", "amours", "ville", "noel", "noels", "zazie"])
TITLES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


def list_similar(titles: list[str], key: str, limit: int) -> tuple[list[str], float]:
    """The titles similar to one, best first, and the cosine that another one needs."""
    similar = TrigramIndex.build(extract_trigrams(titles), len(titles)).find_similar([key], limit)[0]
    return [titles[position] for position in similar.positions], similar.floor


@given(st.lists(TITLES, unique=True, min_size=1, max_size=30), TITLES, st.integers(1, 4))
def test_a_title_that_is_not_similar_enough_changes_nothing(titles: list[str], key: str, limit: int) -> None:
    *others, added = titles
    similar, _ = list_similar(others, key, limit)
    with_added, _ = list_similar(titles, key, limit)
    alone, _ = list_similar([added], key, limit)
    if added not in with_added:
        assert with_added == similar
    else:
        assert alone == [added] and [title for title in with_added if title != added] == similar[: len(with_added) - 1]


@given(st.lists(TITLES, unique=True, min_size=2, max_size=30), TITLES)
def test_of_equally_similar_titles_the_first_are_found(titles: list[str], key: str) -> None:
    everything, _ = list_similar(titles, key, len(titles))
    assert [list_similar(titles, key, limit)[0] for limit in (1, 2, 5)] == [everything[:limit] for limit in (1, 2, 5)]


def test_titles_equally_similar_by_hundreds_are_found_in_their_order() -> None:
    titles = [f"{first}{second} alexandre" for first in "qwxz" for second in "abcdefghijklmnopqrstuvwxyz"]
    assert (
        list_similar(["alexandre", *titles], "alexandre", 8)[0] == list_similar(["alexandre", *titles], "alexandre", 105)[0][:8]
    )


def test_an_index_without_titles_finds_none() -> None:
    assert list_similar([], "zazie", 8)[0] == []
