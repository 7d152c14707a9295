"""Format the cells of a table as they are read on a French page, and its bars."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.coverage.corrections import LaterChanges, LinkCorrection
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit
from webapp.core import french

UNKNOWN_TEXT = "inconnu"
MAX_BARS = 40
_DECIDER_LABELS = {True: "une personne", False: "le programme"}
_NO_FILM_LABEL = "aucun"
_UNCHANGED_FIGURES = "Les chiffres du jour ne changent pas. Quand ceux que l’on connaît aujourd’hui diffèrent, ils sont à côté."
_CORRECTION_HEADINGS = ("Ligne du service", "Service", "Film d’alors", "Film d’aujourd’hui", "Décidé le", "Par")


@dataclass(frozen=True)
class Bar:
    """Represent a bar: its label, its value in words, its length from 0 to 100."""

    label: str
    value: str
    length: float


def format_cell(cell: Cell, unit: Unit) -> str:
    """Return « 1 234 », « 41,5 % », « 2,99 € », or « inconnu »."""
    if cell is None:
        return UNKNOWN_TEXT
    if isinstance(cell, str):
        return french.typeset(cell)
    if unit is Unit.SHARE:
        return french.format_percent(cell)
    if unit is Unit.MONEY:
        return french.format_money(round(cell), "EUR")
    if cell == int(cell):
        return french.format_number(int(cell))
    return f"{cell:.1f}".replace(".", ",")


def build_bars(body: TableBody) -> list[Bar]:
    """Return the rows of a table as bars, without their total; none when bars of it would mean nothing."""
    if body.chart_column is None:
        return []
    unit = body.columns[body.chart_column].unit
    labelled_values = list(_iter_chart_values(body, body.chart_column))
    maximum = 1.0 if unit is Unit.SHARE else max((value for _, value in labelled_values), default=0.0)
    return [
        Bar(french.typeset(label), format_cell(value, unit), _scale_length(value, maximum))
        for label, value in labelled_values[:MAX_BARS]
    ]


def _iter_chart_values(body: TableBody, chart_column: int) -> Iterator[tuple[str, float]]:
    """Yield the label of each row with a number to show, and that number."""
    for row in body.rows:
        value = row[chart_column]
        if isinstance(value, int | float) and row[0] != ALL_LABEL:
            yield ", ".join(str(cell) for cell in row[: body.key_count]), value


def _scale_length(value: float, maximum: float) -> float:
    if not maximum:
        return 0.0
    return round(100 * max(0.0, min(value, maximum)) / maximum, 1)


def build_corrections_table(later_changes: LaterChanges) -> TableBody:
    """Return the links decided otherwise since the day, as a table."""
    return TableBody(
        columns=tuple(Column(heading, Unit.TEXT) for heading in _CORRECTION_HEADINGS),
        rows=tuple(_build_correction_row(correction) for correction in later_changes.latest_corrections),
    )


def _build_correction_row(correction: LinkCorrection) -> Row:
    return (
        correction.title,
        correction.service,
        correction.previous_title or _NO_FILM_LABEL,
        correction.current_title or _NO_FILM_LABEL,
        french.format_long_date(correction.decided_at),
        _DECIDER_LABELS[correction.by_person],
    )


def format_changes(later_changes: LaterChanges, changed_film_count: int) -> list[str]:
    """Return what changed since the day, in sentences; none when nothing did.

    `changed_film_count` is how many films the reference base described otherwise on that day, or did not hold.
    """
    sentences = []
    if later_changes.link_count:
        sentences.append(_format_link_changes(later_changes))
    if later_changes.late_run_count:
        sentences.append(f"Collectes commencées ce jour ou avant, et acceptées depuis : {later_changes.late_run_count}.")
    if changed_film_count:
        sentences.append(f"Films dont la base a changé la fiche depuis ce jour, ou qui n’y étaient pas : {changed_film_count}.")
    if sentences:
        sentences.append(_UNCHANGED_FIGURES)
    return sentences


def _format_link_changes(later_changes: LaterChanges) -> str:
    sentence = f"Liens décidés autrement depuis ce jour : {later_changes.link_count}"
    shown_count = len(later_changes.latest_corrections)
    if later_changes.link_count > shown_count:
        sentence += f" ; les {shown_count} dernières décisions sont ci-dessous"
    return f"{sentence}."
