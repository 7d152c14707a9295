"""Read the month that a page of counts is asked for, and find the months beside it."""

import re
from datetime import date, datetime
from typing import TypedDict

from flask import request

from domain.common.paris_time import get_paris_date
from domain.partners.stats import get_oldest_month
from domain.windows.rules import add_months
from webapp.core.context import RequestError
from webapp.core.i18n import gettext

_MONTH_PATTERN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class MonthNavigation(TypedDict):
    """Name a month, and the months before and after it that may hold counts, each by its first day."""

    month: date
    previous_month: date | None
    next_month: date | None


def parse_month(now: datetime) -> date:
    """Return the first day of the month asked for (`mois=2026-11`), this month by default.

    Raises RequestError when it is badly written, or when no counts of it are kept.
    """
    this_month = get_paris_date(now).replace(day=1)
    text = request.args.get("mois")
    if text is None:
        return this_month
    match = _MONTH_PATTERN.fullmatch(text)
    month = date(int(match[1]), int(match[2]), 1) if match else None
    oldest_month = get_oldest_month(now)
    if month is None or not oldest_month <= month <= this_month:
        message = gettext("Le mois (paramètre « mois ») s’écrit 2026-11, de %(oldest)s à %(latest)s.")
        raise RequestError(message % {"oldest": f"{oldest_month:%Y-%m}", "latest": f"{this_month:%Y-%m}"})
    return month


def get_month_navigation(month: date, now: datetime) -> MonthNavigation:
    """Return a month with those before and after it, None where no counts can be kept of them."""
    previous_month = add_months(month, -1)
    next_month = add_months(month, 1)
    return {
        "month": month,
        "previous_month": previous_month if previous_month >= get_oldest_month(now) else None,
        "next_month": next_month if next_month <= get_paris_date(now) else None,
    }
