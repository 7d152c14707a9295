"""See all that an index holds."""

import numpy as np

from matcher.blocking import FilmIndex
from matcher.work import Work


def describe_index(index: FilmIndex) -> tuple[list[Work], list[bytes]]:
    """Every film and every array of an index."""
    arrays = [array for column in index.columns for array in (column if isinstance(column, tuple) else (column,))]
    return list(index.films), [np.ascontiguousarray(array).tobytes() for array in arrays]
