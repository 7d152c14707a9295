"""Count the pages of a long list."""


def count_pages(total: int, size: int) -> int:
    """Return how many pages of `size` rows hold `total` rows; an empty list has one page."""
    return max(1, -(-total // size))
