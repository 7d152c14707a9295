"""Import every table. Tables refer to one another by name, so that writing in one, or migrating, needs all of them known.

Reading does not: a verb that only reads imports the tables that it queries, and starts sooner.
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
