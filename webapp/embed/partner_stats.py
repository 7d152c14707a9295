"""Show a partner its own counts, at an address that only it knows."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from flask import Response, abort, make_response, render_template, request
from sqlmodel import Session

from domain.models.partner import Partner
from domain.partners.partners import find_partner
from domain.partners.stats import (
    ROUNDING_STEP,
    FilmDayCounts,
    count_by_day,
    count_by_day_and_film,
    count_by_film,
    round_down,
)
from webapp.core.context import open_db_session
from webapp.core.formatting import format_number
from webapp.core.i18n import gettext
from webapp.core.months import get_month_navigation, parse_month
from webapp.core.spreadsheet import escape_formula

_SECRET_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_FILMS = 100
_PRIVATE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_CSV_HEADER = ("jour", "film", "titre", "chargements", "sorties")


def show_figures(secret: str) -> Response:
    """Show the partner's counts of a month (`mois`) by day and by film; `forme=csv` gives them by day and film."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        partner = find_partner(db, secret) if _SECRET_PATTERN.fullmatch(secret) else None
        if partner is None:
            abort(404)
        month = parse_month(now)
        if request.args.get("forme") == "csv":
            response = _build_csv_response(db, partner, month)
        else:
            response = _render_figures(db, partner, month, now)
    response.headers.update(_PRIVATE_HEADERS)
    return response


def _render_figures(db: Session, partner: Partner, month: date, now: datetime) -> Response:
    page = render_template(
        "embed/figures.html",
        at=now,
        partner=partner,
        max_films=_MAX_FILMS,
        days=count_by_day(db, partner.origin, month),
        films=count_by_film(db, partner.origin, month, _MAX_FILMS),
        **get_month_navigation(month, now),
    )
    return make_response(page)


def _build_csv_response(db: Session, partner: Partner, month: date) -> Response:
    body = _render_csv(count_by_day_and_film(db, partner.origin, month))
    response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=ouvoir-{partner.origin}-{month:%Y-%m}.csv"
    return response


def _render_csv(rows: Iterable[FilmDayCounts]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_CSV_HEADER)
    for row in rows:
        counts = (_format_csv_count(row.usage.loads), _format_csv_count(row.usage.exits))
        writer.writerow([row.day.isoformat(), row.film_id, escape_formula(row.title), *counts])
    return text.getvalue()


def format_rounded_count(value: int) -> str:
    """Return a count rounded down as partners read it, « moins de 5 » for a small one, « 0 » for none."""
    if 0 < value < ROUNDING_STEP:
        return gettext("moins de %(minimum)s") % {"minimum": ROUNDING_STEP}
    return format_number(round_down(value))


def _format_csv_count(value: int) -> str:
    return f"<{ROUNDING_STEP}" if 0 < value < ROUNDING_STEP else str(round_down(value))
