"""Compute the EcoIndex of a page from its elements, its requests and its kilobytes.

Formula and classes of the Web: github.com/cnumr/lighthouse-plugin-ecoindex, libs/ecoindex-lh-plugin-ts/src/utils/ecoindex-js.ts.
"""

import numpy as np

_ELEMENTS = (0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603, 674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601)
_REQUESTS = (0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78, 86, 95, 105, 117, 130, 147, 170, 205, 281, 3920)
_KILOBYTES = (
    *(0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32, 1648.27, 1876.08, 2142.06),
    *(2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26),
)


def compute_ecoindex(elements: int, requests: int, kilobytes: float) -> float:
    """Return the index, from 0 to 100 for the lightest; a kilobyte is 1,000 bytes."""
    tables = ((3, _ELEMENTS, elements), (2, _REQUESTS, requests), (1, _KILOBYTES, kilobytes))
    ranks = sum(weight * np.interp(value, table, range(len(table))) for weight, table, value in tables)
    return float(100 - 5 * ranks / 6)
