"""Spread files of tests over workers: the longest first, so that none is left alone with one at the end."""

import pytest
from xdist.scheduler import LoadFileScheduling

LONGEST = (
    "real/test_real_catalogues.py",
    "real/test_real_days.py",
    "real/test_real_faults.py",
    "browser/test_accessibility.py",
    "crawlers/spiders/test_site.py",
    "crawlers/test_collect.py",
    "browser/test_journeys.py",
    "webapp/test_english.py",
    "browser/test_reflow.py",
    "webapp/staff/test_oidc_attacks.py",
    "crawlers/spiders/test_lookup.py",
    "crawlers/spiders/test_feed.py",
    "webapp/test_site.py",
    "webapp/test_html.py",
)
REHEARSED = ("tests/real/test_real_catalogues.py", "tests/real/test_real_days.py")
"""The files for which the same catalogues are collected and linked first: one worker does it for both."""


class FileScheduling(LoadFileScheduling):  # type: ignore[misc]
    """Keep together the tests of a file, and the files that share what takes minutes to prepare."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return "rehearsal" if scope in REHEARSED else scope


def get_rank(item: pytest.Item) -> int:
    """Return the position of a test's file among the longest; the others follow, as they were."""
    return next((rank for rank, name in enumerate(LONGEST) if item.path.as_posix().endswith(name)), len(LONGEST))
