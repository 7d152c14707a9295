"""Interpret a service's answer to a link."""

import re
from dataclasses import dataclass

from domain.common.enums import LinkFinding

HEAD_FALLBACK_STATUSES = frozenset({403, 405, 501})
"""Answers to HEAD that may only mean that HEAD itself is refused: the page is then requested by GET."""
_GONE_STATUSES = frozenset({404, 410})
_HOME_PATH = re.compile(r"/?([a-z]{2}([-_][a-z]{2})?/?)?", re.IGNORECASE)


@dataclass(frozen=True)
class LinkCheckResult:
    """Hold what a link gave in the end, with the last status that the service gave, if it gave one."""

    finding: LinkFinding
    status: int | None = None


def classify_status(status: int, has_retry_after: bool) -> LinkCheckResult:
    """Return the meaning of a final status; `has_retry_after` tells that the answer says when to come back (Retry-After)."""
    if 200 <= status < 300:
        return LinkCheckResult(LinkFinding.FINE, status)
    if status in _GONE_STATUSES:
        return LinkCheckResult(LinkFinding.GONE, status)
    if 400 <= status < 500 or (status == 503 and has_retry_after):
        return LinkCheckResult(LinkFinding.REFUSED, status)
    return LinkCheckResult(LinkFinding.FAULT, status)


def is_home_page(path: str) -> bool:
    """Tell whether a path is that of a site's home page, in any language: « / », « /fr », « /fr-FR/ »."""
    return _HOME_PATH.fullmatch(path) is not None
