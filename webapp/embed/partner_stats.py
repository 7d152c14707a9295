"""What a partner sees of its own counts, at an address that only it knows."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date
from flask import Response, abort, make_response, render_template, request

from domain.common.paris_time import day_in_paris
from domain.partners.partners import find_partner
from domain.partners.stats import FEWEST, DayOfFilm, by_day, by_day_and_film, by_film, oldest_month, rounded
from domain.windows.rules import add_months
from webapp.core.context import Refusal, session
from webapp.core.formatting import number
from webapp.core.i18n import gettext, language
from webapp.embed.blueprint import pages

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_FILMS = 100
_UNSEEN = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@pages.get("/partenaires/<secret>")
def figures(secret: str) -> Response:
    """The partner's counts of a month (`mois`), by day and by film; `forme=csv` gives them by day and film."""
    now = datetime.now(UTC)
    with session() as db:
        partner = find_partner(db, secret) if _SECRET.fullmatch(secret) else None
        if partner is None:
            abort(404)
        month = read_month(now)
        if request.args.get("forme") == "csv":
            answer = _csv(by_day_and_film(db, partner.origin, month), f"ouvoir-{partner.origin}-{month:%Y-%m}.csv")
        else:
            told = {"days": by_day(db, partner.origin, month), "films": by_film(db, partner.origin, month, _MOST_FILMS)}
            shown = render_template("embed/figures.html", at=now, partner=partner, most=_MOST_FILMS, **months(month, now), **told)
            answer = make_response(shown)
    answer.headers.update(_UNSEEN)
    return answer


def read_month(now: datetime) -> date:
    """The month asked for (`mois=2026-11`) as its first day, this one by default. Raises Refusal when nothing is kept of it."""
    this_month = day_in_paris(now).replace(day=1)
    written = request.args.get("mois")
    if written is None:
        return this_month
    found = _MONTH.fullmatch(written)
    month = date(int(found[1]), int(found[2]), 1) if found else None
    if month is None or not oldest_month(now) <= month <= this_month:
        told = gettext("Le mois (paramètre « mois ») s’écrit 2026-11, de %(oldest)s à %(latest)s.")
        raise Refusal(told % {"oldest": f"{oldest_month(now):%Y-%m}", "latest": f"{this_month:%Y-%m}"})
    return month


def months(month: date, now: datetime) -> dict[str, Any]:
    """A month, and those before and after it where something may be kept of them."""
    before, after = add_months(month, -1), add_months(month, 1)
    return {
        "month": month,
        "before": before if before >= oldest_month(now) else None,
        "after": after if after <= day_in_paris(now) else None,
    }


@pages.app_template_filter()
def month_name(day: date) -> str:
    """« novembre 2026 »; « November 2026 »."""
    return format_date(day, "MMMM y", locale=language())


@pages.app_template_filter()
def at_least(value: int) -> str:
    """A number as it is told, « moins de 5 » for a small one; none at all is told as such."""
    return gettext("moins de %(fewest)s") % {"fewest": FEWEST} if 0 < value < FEWEST else number(rounded(value))


def _csv(lines: Iterable[DayOfFilm], name: str) -> Response:
    told = io.StringIO()
    table = csv.writer(told)
    table.writerow(["jour", "film", "titre", "chargements", "sorties"])
    for line in lines:
        counted = (_figure(line.numbers.loads), _figure(line.numbers.exits))
        table.writerow([line.day.isoformat(), line.film_id, _cell(line.title), *counted])
    answer = Response(told.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _figure(value: int) -> str:
    return f"<{FEWEST}" if 0 < value < FEWEST else str(rounded(value))


def _cell(text: str) -> str:
    """A title that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
