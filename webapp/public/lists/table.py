"""Build the table that answers a list: each line with its film and where it can be seen now, for people and as a CSV."""

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

# Stricter than `webapp.core.spreadsheet`: anybody writes these cells, so a sign after spaces or in full width counts too.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
AccessPlatforms = tuple[Access, list[Platform]]
_PlatformIdsByAccess = Mapping[Access, set[int]]


@dataclass(frozen=True)
class TableLine:
    """Represent a line of the table: what was asked, the film and where it can be seen now, or why there is none.

    Nothing is said of the offers of a film that is still to be checked.
    """

    input_line: InputLine
    state: LineState
    film: Film | None
    platforms_by_access: list[AccessPlatforms]
    reason: str = ""

    @property
    def is_free(self) -> bool:
        """Return whether the film can be seen without paying."""
        return any(access in FREE_ACCESSES for access, _ in self.platforms_by_access)


@dataclass(frozen=True)
class Table:
    """Hold the lines in the order sent."""

    lines: list[TableLine]

    @property
    def summary(self) -> str:
        """Return « 12 titres, 9 trouvés, 2 à vérifier, 7 à voir en ce moment, 2 gratuitement »."""
        found_count = self._count_state(LineState.FOUND)
        unsure_count = self._count_state(LineState.TO_CHECK)
        available_count = sum(bool(line.platforms_by_access) for line in self.lines)
        free_count = sum(line.is_free for line in self.lines)
        parts = [format_count(len(self.lines), "titre"), format_count(found_count, "trouvé")]
        if unsure_count:
            parts.append(format_count(unsure_count, "à vérifier", "à vérifier"))
        parts.append(format_count(available_count, "à voir en ce moment", "à voir en ce moment"))
        parts.append(format_count(free_count, "gratuitement", "gratuitement"))
        return ", ".join(parts)

    def _count_state(self, state: LineState) -> int:
        return sum(line.state is state for line in self.lines)


class _TableBuilder:
    """Build lines from the offers of all their films, loaded at once."""

    def __init__(self, session: Session, film_ids: set[int], at: datetime, platform_ids: Sequence[int]) -> None:
        """Take the services selected, none to take them all."""
        self._at = at
        self._presences: dict[int, dict[Access, set[int]]] = {}
        all_platform_ids = set()
        for film_id, platform_id, access in available_presences(session, at, film_ids):
            self._presences.setdefault(film_id, {}).setdefault(access, set()).add(platform_id)
            all_platform_ids.add(platform_id)
        platforms = session.exec(select(Platform).where(col(Platform.id).in_(all_platform_ids)))
        self._platforms = {platform.id: platform for platform in platforms if platform.id is not None}
        self._selected_ids = set(platform_ids) or set(self._platforms)

    def build_line(self, resolved: ResolvedLine) -> TableLine:
        """Return the line of the table for a line of the list."""
        film = resolved.film
        if film is None or resolved.state is not LineState.FOUND:
            fault = resolved.input_line.fault
            reason = _format_fault(fault) if fault else _format_doubt(resolved)
            return TableLine(resolved.input_line, resolved.state, film, [], reason)
        platform_ids_by_access = self._presences.get(film.id, {})
        platforms_by_access = self._list_platforms(film, platform_ids_by_access)
        reason = "" if platforms_by_access else self._explain_absence(film, platform_ids_by_access)
        return TableLine(resolved.input_line, resolved.state, film, platforms_by_access, reason)

    def _list_platforms(self, film: Film, platform_ids_by_access: _PlatformIdsByAccess) -> list[AccessPlatforms]:
        """Return the selected services that show a film, by access, each in the neutral order of the moment."""
        platforms_by_access = []
        for access in Access:
            platform_ids = platform_ids_by_access.get(access, set()) & self._selected_ids
            if platform_ids:
                platforms = self._order_platforms((self._platforms[platform_id] for platform_id in platform_ids), film)
                platforms_by_access.append((access, platforms))
        return platforms_by_access

    def _order_platforms(self, platforms: Iterable[Platform], film: Film) -> list[Platform]:
        return sort_in_neutral_order(platforms, film.id, self._at, lambda platform: platform.slug)

    def _explain_absence(self, film: Film, platform_ids_by_access: _PlatformIdsByAccess) -> str:
        other_ids = set().union(*platform_ids_by_access.values()) - self._selected_ids
        if other_ids:
            services = format_count(len(other_ids), "autre service", "autres services")
            return gettext("Pas sur vos services, mais sur %(services)s.") % {"services": services}
        return _format_absence(film, self._at)


def build_table(session: Session, resolved: Sequence[ResolvedLine], at: datetime, platform_ids: Sequence[int] = ()) -> Table:
    """Return the table of a list at a moment.

    Where services are selected, only their offers are named, and how many other services have some.
    """
    film_ids = {line.film.id for line in resolved if line.film and line.state is LineState.FOUND}
    builder = _TableBuilder(session, film_ids, at, platform_ids)
    return Table([builder.build_line(line) for line in resolved])


def _format_absence(film: Film, at: datetime) -> str:
    """Return why nothing is offered of a film that was found, in a sentence."""
    absence = explain_absence(film, (), at)
    sale = absence.sale_window
    if sale is None or sale.opens_on is None or sale.opens_on <= absence.day:
        return gettext("Aucune offre légale connue à ce jour.")
    if sale.may_open_on:
        message = gettext("Location et achat possibles à partir du %(day)s, sauf dérogation.")
    else:
        message = gettext("Location et achat possibles à partir du %(day)s.")
    return message % {"day": format_long_date(sale.opens_on)}


def _format_doubt(line: ResolvedLine) -> str:
    """Return what a reader should know before taking the film for the one asked for."""
    sentences = []
    if line.film and line.has_other_year:
        sentences.append(gettext("Ce film n’est pas de l’année demandée."))
    if line.homonyms > 1:
        sentences.append(gettext("%(films)s portent ce titre.") % {"films": format_count(line.homonyms, "film")})
    return " ".join(sentences)


def _format_fault(fault: LineFault) -> str:
    labels = {
        LineFault.CELLS: gettext("plus de cellules que de colonnes"),
        LineFault.NO_TITLE: gettext("ni titre, ni numéro de film"),
        LineFault.TOO_LONG: gettext("titre ou noms trop longs"),
    }
    return labels[fault]


def format_state(state: LineState) -> str:
    """Return « à vérifier »."""
    labels = {
        LineState.FOUND: gettext("trouvé"),
        LineState.TO_CHECK: gettext("à vérifier"),
        LineState.MISSING: gettext("introuvable"),
        LineState.UNREADABLE: gettext("illisible"),
    }
    return labels[state]


def render_csv(table: Table, film_urls: Mapping[int, str]) -> str:
    """Return the table for a spreadsheet: a UTF-8 mark, semicolons, every cell quoted, none that would be computed.

    `film_urls` are those of films' pages, by film id.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    first = (gettext("Ligne"), gettext("Demandé"), gettext("État"), gettext("Film"), gettext("Année"), gettext("Réalisation"))
    writer.writerow((*first, *map(format_access, Access), gettext("Remarque"), gettext("Page")))
    for line in table.lines:
        writer.writerow(map(_escape_formula, _build_cells(line, film_urls)))
    return "\ufeff" + text.getvalue()


def _build_cells(line: TableLine, film_urls: Mapping[int, str]) -> tuple[str, ...]:
    platforms_by_access = dict(line.platforms_by_access)
    services = [", ".join(platform.name for platform in platforms_by_access.get(access, [])) for access in Access]
    return (
        str(line.input_line.line),
        line.input_line.display_text,
        format_state(line.state),
        *_build_film_cells(line.film),
        *services,
        line.reason,
        film_urls.get(line.film.id, "") if line.film else "",
    )


def _build_film_cells(film: Film | None) -> tuple[str, str, str]:
    if film is None:
        return "", "", ""
    return film.title, str(film.year or ""), ", ".join(film.directors)


def _escape_formula(cell: str) -> str:
    """Return the cell as text, even where it begins like a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
