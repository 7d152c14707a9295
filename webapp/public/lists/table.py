"""What a list becomes: each line with its film and where that can be seen now, for people and as a CSV."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import FREE, Access
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import neutral_order
from search.requested_film import Asked, Fault
from search.resolve import Resolved, State
from webapp.core.absence_labels import absence_told
from webapp.core.formatting import count, long_date
from webapp.core.i18n import gettext
from webapp.core.offer_labels import access_label

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
Way = tuple[Access, list[Platform]]


@dataclass(frozen=True)
class Line:
    """A line of the table: what was asked, the film, the ways to see it now, or why there is none.

    Of a film that is to be checked, no offer is told. `address` is that of the film's page.
    """

    asked: Asked
    state: State
    film: Film | None
    ways: list[Way]
    why: str = ""

    @property
    def free(self) -> bool:
        """Whether one of the ways costs nothing."""
        return any(access in FREE for access, _ in self.ways)


@dataclass(frozen=True)
class Table:
    """The lines in the order sent, counted."""

    lines: list[Line]

    @property
    def summary(self) -> str:
        """« 12 titres, 9 trouvés, 2 à vérifier, 7 à voir en ce moment, 2 gratuitement »."""
        found = sum(line.state is State.FOUND for line in self.lines)
        available = sum(bool(line.ways) for line in self.lines)
        free = sum(line.free for line in self.lines)
        doubtful = sum(line.state is State.TO_CHECK for line in self.lines)
        told = (
            count(len(self.lines), "titre"),
            count(found, "trouvé"),
            *([count(doubtful, "à vérifier", "à vérifier")] if doubtful else []),
            count(available, "à voir en ce moment", "à voir en ce moment"),
            count(free, "gratuitement", "gratuitement"),
        )
        return ", ".join(told)


def lay_out(session: Session, resolved: Sequence[Resolved], at: datetime, platform_ids: Sequence[int] = ()) -> Table:
    """The table of a list at a moment; with platforms, only their offers are told, and how many services have others."""
    found = {line.film.id for line in resolved if line.film and line.state is State.FOUND}
    shown: dict[int, dict[Access, set[int]]] = {}
    for film_id, platform_id, access in available_presences(session, at, found):
        shown.setdefault(film_id, {}).setdefault(access, set()).add(platform_id)
    numbers = {number for ways in shown.values() for some in ways.values() for number in some}
    platforms = {platform.id or 0: platform for platform in session.exec(select(Platform).where(col(Platform.id).in_(numbers)))}
    mine = frozenset(platform_ids) or frozenset(platforms)
    return Table([_line(line, shown, platforms, mine, at) for line in resolved])


def _line(
    line: Resolved,
    shown: Mapping[int, Mapping[Access, set[int]]],
    platforms: Mapping[int, Platform],
    mine: frozenset[int],
    at: datetime,
) -> Line:
    film = line.film
    if film is None or line.state is not State.FOUND:
        return Line(line.asked, line.state, film, [], _fault_words(line.asked.fault) if line.asked.fault else _doubt_words(line))
    of_film = shown.get(film.id, {})
    kept = [(access, of_film[access] & mine) for access in Access if access in of_film]
    ways = [(access, _ordered((platforms[one] for one in some), film.id, at)) for access, some in kept if some]
    others = {number for some in of_film.values() for number in some} - mine
    return Line(line.asked, line.state, film, ways, "" if ways else _why(film, len(others), at))


def _ordered(platforms: Iterable[Platform], film_id: int, at: datetime) -> list[Platform]:
    return neutral_order(platforms, film_id, at, lambda platform: platform.slug)


def _why(film: Film, others: int, at: datetime) -> str:
    """Why nothing is told of a film that was found, in a sentence."""
    if others:
        return gettext("Pas sur vos services, mais sur %(services)s.") % {
            "services": count(others, "autre service", "autres services")
        }
    absence = absence_told(film, (), at)
    sale = absence.sale
    if sale is None or sale.opens is None or sale.opens <= absence.day:
        return gettext("Aucune offre légale connue à ce jour.")
    if sale.may_open:
        return gettext("Location et achat possibles à partir du %(day)s, sauf dérogation.") % {"day": long_date(sale.opens)}
    return gettext("Location et achat possibles à partir du %(day)s.") % {"day": long_date(sale.opens)}


def _doubt_words(line: Resolved) -> str:
    """What a reader should know before taking the film for the one asked for."""
    told = [gettext("Ce film n’est pas de l’année demandée.")] if line.film and line.other_year else []
    if line.homonyms > 1:
        told.append(gettext("%(films)s portent ce titre.") % {"films": count(line.homonyms, "film")})
    return " ".join(told)


def _fault_words(fault: Fault) -> str:
    words = {
        Fault.CELLS: gettext("plus de cellules que de colonnes"),
        Fault.NO_TITLE: gettext("ni titre, ni numéro de film"),
        Fault.TOO_LONG: gettext("titre ou noms trop longs"),
    }
    return words[fault]


def state_words(state: State) -> str:
    """« à vérifier »."""
    words = {
        State.FOUND: gettext("trouvé"),
        State.TO_CHECK: gettext("à vérifier"),
        State.MISSING: gettext("introuvable"),
        State.UNREADABLE: gettext("illisible"),
    }
    return words[state]


def as_csv(table: Table, addresses: Mapping[int, str]) -> str:
    """The table for a spreadsheet: a mark of UTF-8, semicolons, every cell in quotes, none that a spreadsheet would compute.

    `addresses` are those of films' pages, by number.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    first = (gettext("Ligne"), gettext("Demandé"), gettext("État"), gettext("Film"), gettext("Année"), gettext("Réalisation"))
    writer.writerow((*first, *map(access_label, Access), gettext("Remarque"), gettext("Page")))
    for line in table.lines:
        writer.writerow(map(_harmless, _cells(line, addresses)))
    return "\ufeff" + text.getvalue()


def _cells(line: Line, addresses: Mapping[int, str]) -> tuple[str, ...]:
    film, ways = line.film, dict(line.ways)
    known = (film.title, str(film.year or ""), ", ".join(film.directors)) if film else ("", "", "")
    services = (", ".join(platform.name for platform in ways.get(access, [])) for access in Access)
    place = addresses.get(film.id, "") if film else ""
    return (str(line.asked.line), line.asked.written, state_words(line.state), *known, *services, line.why, place)


def _harmless(cell: str) -> str:
    """The cell as text, even where it begins like a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
