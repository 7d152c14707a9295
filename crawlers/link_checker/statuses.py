"""What a service's answer to a link means."""

import re
from dataclasses import dataclass

from domain.common.enums import LinkFinding

ASKED_AGAIN = frozenset({403, 405, 501})
"""Answers to HEAD that may only mean that HEAD itself is refused: the page is asked for by GET."""
_GONE = frozenset({404, 410})
_HOME = re.compile(r"/?([a-z]{2}([-_][a-z]{2})?/?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What a link gave in the end, with the last status that the service gave, if it gave one."""

    finding: LinkFinding
    status: int | None = None


def judge(status: int, told_when: bool) -> Answer:
    """The meaning of a final status; `told_when` is whether the answer says when to come back (Retry-After)."""
    if 200 <= status < 300:
        return Answer(LinkFinding.FINE, status)
    if status in _GONE:
        return Answer(LinkFinding.GONE, status)
    if 400 <= status < 500 or (status == 503 and told_when):
        return Answer(LinkFinding.REFUSED, status)
    return Answer(LinkFinding.FAULT, status)


def is_home(path: str) -> bool:
    """Whether a path is that of a site's home page, in any language: « / », « /fr », « /fr-FR/ »."""
    return _HOME.fullmatch(path) is not None
