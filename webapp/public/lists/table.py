"""What a list becomes: each line with its film and where that can be seen now, for people and as a CSV."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import FREE_ACCESSES, Access
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import sort_in_neutral_order
from search.requested_film import InputLine, LineFault
from search.resolve import LineState, ResolvedLine
from webapp.core.absence_labels import explain_absence
from webapp.core.formatting import format_count, format_long_date
from webapp.core.i18n import gettext
from webapp.core.offer_labels import format_access

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
AccessPlatforms = tuple[Access, list[Platform]]


@dataclass(frozen=True)
class TableLine:
    """A line of the table: what was asked, the film, the ways to see it now, or why there is none.

    Of a film that is to be checked, no offer is told. `address` is that of the film's page.
    """

    input_line: InputLine
    state: LineState
    film: Film | None
    platforms_by_access: list[AccessPlatforms]
    reason: str = ""

    @property
    def is_free(self) -> bool:
        """Whether one of the ways costs nothing."""
        return any(access in FREE_ACCESSES for access, _ in self.platforms_by_access)


@dataclass(frozen=True)
class Table:
    """The lines in the order sent, counted."""

    lines: list[TableLine]

    @property
    def summary(self) -> str:
        """« 12 titres, 9 trouvés, 2 à vérifier, 7 à voir en ce moment, 2 gratuitement »."""
        found = sum(line.state is LineState.FOUND for line in self.lines)
        available = sum(bool(line.platforms_by_access) for line in self.lines)
        free = sum(line.is_free for line in self.lines)
        doubtful = sum(line.state is LineState.TO_CHECK for line in self.lines)
        told = (
            format_count(len(self.lines), "titre"),
            format_count(found, "trouvé"),
            *([format_count(doubtful, "à vérifier", "à vérifier")] if doubtful else []),
            format_count(available, "à voir en ce moment", "à voir en ce moment"),
            format_count(free, "gratuitement", "gratuitement"),
        )
        return ", ".join(told)


def build_table(session: Session, resolved: Sequence[ResolvedLine], at: datetime, platform_ids: Sequence[int] = ()) -> Table:
    """The table of a list at a moment; with platforms, only their offers are told, and how many services have others."""
    found = {line.film.id for line in resolved if line.film and line.state is LineState.FOUND}
    shown: dict[int, dict[Access, set[int]]] = {}
    for film_id, platform_id, access in available_presences(session, at, found):
        shown.setdefault(film_id, {}).setdefault(access, set()).add(platform_id)
    numbers = {number for ways in shown.values() for some in ways.values() for number in some}
    platforms = {platform.id or 0: platform for platform in session.exec(select(Platform).where(col(Platform.id).in_(numbers)))}
    mine = frozenset(platform_ids) or frozenset(platforms)
    return Table([_build_line(line, shown, platforms, mine, at) for line in resolved])


def _build_line(
    line: ResolvedLine,
    shown: Mapping[int, Mapping[Access, set[int]]],
    platforms: Mapping[int, Platform],
    platform_ids: frozenset[int],
    at: datetime,
) -> TableLine:
    film = line.film
    if film is None or line.state is not LineState.FOUND:
        return TableLine(
            line.input_line,
            line.state,
            film,
            [],
            _format_fault(line.input_line.fault) if line.input_line.fault else _format_doubt(line),
        )
    of_film = shown.get(film.id, {})
    kept = [(access, of_film[access] & platform_ids) for access in Access if access in of_film]
    ways = [(access, _order_platforms((platforms[one] for one in some), film.id, at)) for access, some in kept if some]
    others = {number for some in of_film.values() for number in some} - platform_ids
    return TableLine(line.input_line, line.state, film, ways, "" if ways else _get_absence_reason(film, len(others), at))


def _order_platforms(platforms: Iterable[Platform], film_id: int, at: datetime) -> list[Platform]:
    return sort_in_neutral_order(platforms, film_id, at, lambda platform: platform.slug)


def _get_absence_reason(film: Film, others: int, at: datetime) -> str:
    """Why nothing is told of a film that was found, in a sentence."""
    if others:
        return gettext("Pas sur vos services, mais sur %(services)s.") % {
            "services": format_count(others, "autre service", "autres services")
        }
    absence = explain_absence(film, (), at)
    sale = absence.sale_window
    if sale is None or sale.opens_on is None or sale.opens_on <= absence.day:
        return gettext("Aucune offre légale connue à ce jour.")
    if sale.may_open_on:
        return gettext("Location et achat possibles à partir du %(day)s, sauf dérogation.") % {
            "day": format_long_date(sale.opens_on)
        }
    return gettext("Location et achat possibles à partir du %(day)s.") % {"day": format_long_date(sale.opens_on)}


def _format_doubt(line: ResolvedLine) -> str:
    """What a reader should know before taking the film for the one asked for."""
    told = [gettext("Ce film n’est pas de l’année demandée.")] if line.film and line.has_other_year else []
    if line.homonyms > 1:
        told.append(gettext("%(films)s portent ce titre.") % {"films": format_count(line.homonyms, "film")})
    return " ".join(told)


def _format_fault(fault: LineFault) -> str:
    words = {
        LineFault.CELLS: gettext("plus de cellules que de colonnes"),
        LineFault.NO_TITLE: gettext("ni titre, ni numéro de film"),
        LineFault.TOO_LONG: gettext("titre ou noms trop longs"),
    }
    return words[fault]


def format_state(state: LineState) -> str:
    """« à vérifier »."""
    words = {
        LineState.FOUND: gettext("trouvé"),
        LineState.TO_CHECK: gettext("à vérifier"),
        LineState.MISSING: gettext("introuvable"),
        LineState.UNREADABLE: gettext("illisible"),
    }
    return words[state]


def render_csv(table: Table, addresses: Mapping[int, str]) -> str:
    """The table for a spreadsheet: a mark of UTF-8, semicolons, every cell in quotes, none that a spreadsheet would compute.

    `addresses` are those of films' pages, by number.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    first = (gettext("Ligne"), gettext("Demandé"), gettext("État"), gettext("Film"), gettext("Année"), gettext("Réalisation"))
    writer.writerow((*first, *map(format_access, Access), gettext("Remarque"), gettext("Page")))
    for line in table.lines:
        writer.writerow(map(_escape_formula, _build_cells(line, addresses)))
    return "\ufeff" + text.getvalue()


def _build_cells(line: TableLine, addresses: Mapping[int, str]) -> tuple[str, ...]:
    film, ways = line.film, dict(line.platforms_by_access)
    known = (film.title, str(film.year or ""), ", ".join(film.directors)) if film else ("", "", "")
    services = (", ".join(platform.name for platform in ways.get(access, [])) for access in Access)
    place = addresses.get(film.id, "") if film else ""
    return (
        str(line.input_line.line),
        line.input_line.display_text,
        format_state(line.state),
        *known,
        *services,
        line.reason,
        place,
    )


def _escape_formula(cell: str) -> str:
    """The cell as text, even where it begins like a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
