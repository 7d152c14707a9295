"""Batches hold every item once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from domain.common.batches import iter_batches


@given(st.lists(st.integers()), st.integers(1, 20))
def test_batches_hold_every_item_once_in_order(items: list[int], size: int) -> None:
    batches = list(iter_batches(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(1 <= len(batch) <= size for batch in batches)
