"""The cells of a table as they are read on a French page, and its bars."""

from dataclasses import dataclass

from domain.coverage.corrections import LaterChanges
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Cell, Column, TableBody, Unit
from webapp.core import french

UNKNOWN_TEXT = "inconnu"
MAX_BARS = 40
_DECIDER_LABELS = {True: "une personne", False: "le programme"}


@dataclass(frozen=True)
class Bar:
    """A bar: what it is about, its value in words, its length from 0 to 100."""

    label: str
    value: str
    length: float


def format_cell(cell: Cell, unit: Unit) -> str:
    """« 1 234 », « 41,5 % », « 2,99 € », or « inconnu »."""
    if cell is None:
        return UNKNOWN_TEXT
    if isinstance(cell, str):
        return french.typeset(cell)
    if unit is Unit.SHARE:
        return french.format_percent(cell)
    if unit is Unit.MONEY:
        return french.format_money(round(cell), "EUR")
    return french.format_number(int(cell)) if cell == int(cell) else f"{cell:.1f}".replace(".", ",")


def build_bars(body: TableBody) -> list[Bar]:
    """The lines of a table as bars, their sum left aside; none when the table has nothing to show so."""
    if body.chart_column is None:
        return []
    place, found = body.chart_column, list[tuple[str, float]]()
    for row in body.rows:
        value = row[place]
        if isinstance(value, int | float) and row[0] != ALL_LABEL:
            found.append((", ".join(str(cell) for cell in row[: body.key_count]), value))
    unit = body.columns[place].unit
    longest = 1.0 if unit is Unit.SHARE else max((value for _, value in found), default=0)
    return [
        Bar(french.typeset(label), format_cell(value, unit), _scale_length(value, longest)) for label, value in found[:MAX_BARS]
    ]


def _scale_length(value: float, longest: float) -> float:
    return round(100 * max(0.0, min(value, longest)) / longest, 1) if longest else 0.0


def build_corrections_table(later_changes: LaterChanges) -> TableBody:
    """The links decided otherwise since the day, as a table."""
    heads = ("Ligne du service", "Service", "Film d’alors", "Film d’aujourd’hui", "Décidé le", "Par")
    rows = [
        (
            one.title,
            one.service,
            one.previous_title or "aucun",
            one.current_title or "aucun",
            french.format_long_date(one.decided_at),
            _DECIDER_LABELS[one.by_person],
        )
        for one in later_changes.latest_corrections
    ]
    return TableBody(tuple(Column(head, Unit.TEXT) for head in heads), tuple(rows))


def format_changes(later_changes: LaterChanges, changed_film_count: int) -> list[str]:
    """What changed since the day, in sentences; none when nothing did. `films` are those that the base told otherwise then."""
    told = []
    if later_changes.link_count:
        shown = (
            f" ; les {len(later_changes.latest_corrections)} dernières décisions sont ci-dessous"
            if later_changes.link_count > len(later_changes.latest_corrections)
            else ""
        )
        told.append(f"Liens décidés autrement depuis ce jour : {later_changes.link_count}{shown}.")
    if later_changes.late_run_count:
        told.append(f"Collectes commencées ce jour ou avant, et acceptées depuis : {later_changes.late_run_count}.")
    if changed_film_count:
        told.append(f"Films dont la base a changé la fiche depuis ce jour, ou qui n’y étaient pas : {changed_film_count}.")
    if told:
        told.append("Les chiffres du jour ne changent pas. Quand ceux que l’on connaît aujourd’hui diffèrent, ils sont à côté.")
    return told
