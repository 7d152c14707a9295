"""What a partner sees of its own counts, at an address that only it knows."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date
from flask import Response, abort, make_response, render_template, request

from domain.common.paris_time import get_paris_date
from domain.partners.partners import find_partner
from domain.partners.stats import (
    ROUNDING_STEP,
    FilmDayCounts,
    count_by_day,
    count_by_day_and_film,
    count_by_film,
    get_oldest_month,
    round_down,
)
from domain.windows.rules import add_months
from webapp.core.context import RequestError, open_db_session
from webapp.core.formatting import format_number
from webapp.core.i18n import get_language, gettext

_MONTH_PATTERN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SECRET_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_FILMS = 100
_PRIVATE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def show_figures(secret: str) -> Response:
    """The partner's counts of a month (`mois`), by day and by film; `forme=csv` gives them by day and film."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        partner = find_partner(db, secret) if _SECRET_PATTERN.fullmatch(secret) else None
        if partner is None:
            abort(404)
        month = read_month(now)
        if request.args.get("forme") == "csv":
            answer = _build_csv_response(
                count_by_day_and_film(db, partner.origin, month), f"ouvoir-{partner.origin}-{month:%Y-%m}.csv"
            )
        else:
            told = {
                "days": count_by_day(db, partner.origin, month),
                "films": count_by_film(db, partner.origin, month, _MAX_FILMS),
            }
            shown = render_template(
                "embed/figures.html", at=now, partner=partner, most=_MAX_FILMS, **get_month_navigation(month, now), **told
            )
            answer = make_response(shown)
    answer.headers.update(_PRIVATE_HEADERS)
    return answer


def read_month(now: datetime) -> date:
    """The month asked for (`mois=2026-11`) as its first day, this one by default. Raises Refusal when nothing is kept of it."""
    this_month = get_paris_date(now).replace(day=1)
    written = request.args.get("mois")
    if written is None:
        return this_month
    found = _MONTH_PATTERN.fullmatch(written)
    month = date(int(found[1]), int(found[2]), 1) if found else None
    if month is None or not get_oldest_month(now) <= month <= this_month:
        told = gettext("Le mois (paramètre « mois ») s’écrit 2026-11, de %(oldest)s à %(latest)s.")
        raise RequestError(told % {"oldest": f"{get_oldest_month(now):%Y-%m}", "latest": f"{this_month:%Y-%m}"})
    return month


def get_month_navigation(month: date, now: datetime) -> dict[str, Any]:
    """A month, and those before and after it where something may be kept of them."""
    before, after = add_months(month, -1), add_months(month, 1)
    return {
        "month": month,
        "before": before if before >= get_oldest_month(now) else None,
        "after": after if after <= get_paris_date(now) else None,
    }


def month_name(day: date) -> str:
    """« novembre 2026 »; « November 2026 »."""
    return format_date(day, "MMMM y", locale=get_language())


def at_least(value: int) -> str:
    """A number as it is told, « moins de 5 » for a small one; none at all is told as such."""
    return (
        gettext("moins de %(fewest)s") % {"fewest": ROUNDING_STEP}
        if 0 < value < ROUNDING_STEP
        else format_number(round_down(value))
    )


def _build_csv_response(lines: Iterable[FilmDayCounts], name: str) -> Response:
    told = io.StringIO()
    table = csv.writer(told)
    table.writerow(["jour", "film", "titre", "chargements", "sorties"])
    for line in lines:
        counted = (_format_figure(line.numbers.loads), _format_figure(line.numbers.exits))
        table.writerow([line.day.isoformat(), line.film_id, _escape_formula(line.title), *counted])
    answer = Response(told.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _format_figure(value: int) -> str:
    return f"<{ROUNDING_STEP}" if 0 < value < ROUNDING_STEP else str(round_down(value))


def _escape_formula(text: str) -> str:
    """A title that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
