"""Define the database's tables, one file a subject.

Tables refer to one another by name, so that importing any of them imports them all.
"""

from domain.models import (
    agent,
    delivery,
    entry,
    film,
    judgement,
    link_check,
    offer,
    page_read,
    partner,
    platform,
    public_use,
    reader_report,
    review_case,
    robots,
    run,
    task,
)

__all__ = [
    "agent",
    "delivery",
    "entry",
    "film",
    "judgement",
    "link_check",
    "offer",
    "page_read",
    "partner",
    "platform",
    "public_use",
    "reader_report",
    "review_case",
    "robots",
    "run",
    "task",
]
