"""The cells of a table as they are read on a French page, and its bars."""

from dataclasses import dataclass

from domain.coverage.corrections import Since
from domain.coverage.labels import ALL
from domain.coverage.schema import Body, Cell, Column, Unit
from webapp.core import french

UNKNOWN = "inconnu"
MOST_BARS = 40
_BY = {True: "une personne", False: "le programme"}


@dataclass(frozen=True)
class Bar:
    """A bar: what it is about, its value in words, its length from 0 to 100."""

    label: str
    value: str
    length: float


def cell_text(cell: Cell, unit: Unit) -> str:
    """« 1 234 », « 41,5 % », « 2,99 € », or « inconnu »."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, str):
        return french.typeset(cell)
    if unit is Unit.SHARE:
        return french.percent(cell)
    if unit is Unit.MONEY:
        return french.money(round(cell), "EUR")
    return french.number(int(cell)) if cell == int(cell) else f"{cell:.1f}".replace(".", ",")


def bars(body: Body) -> list[Bar]:
    """The lines of a table as bars, their sum left aside; none when the table has nothing to show so."""
    if body.chart is None:
        return []
    place, found = body.chart, list[tuple[str, float]]()
    for row in body.rows:
        value = row[place]
        if isinstance(value, int | float) and row[0] != ALL:
            found.append((", ".join(str(cell) for cell in row[: body.keys]), value))
    unit = body.columns[place].unit
    longest = 1.0 if unit is Unit.SHARE else max((value for _, value in found), default=0)
    return [Bar(french.typeset(label), cell_text(value, unit), _length(value, longest)) for label, value in found[:MOST_BARS]]


def _length(value: float, longest: float) -> float:
    return round(100 * max(0.0, min(value, longest)) / longest, 1) if longest else 0.0


def corrections(since: Since) -> Body:
    """The links decided otherwise since the day, as a table."""
    heads = ("Ligne du service", "Service", "Film d’alors", "Film d’aujourd’hui", "Décidé le", "Par")
    rows = [
        (one.title, one.service, one.before or "aucun", one.after or "aucun", french.long_date(one.when), _BY[one.by_person])
        for one in since.latest
    ]
    return Body(tuple(Column(head, Unit.TEXT) for head in heads), tuple(rows))


def changes(since: Since, films: int) -> list[str]:
    """What changed since the day, in sentences; none when nothing did. `films` are those that the base told otherwise then."""
    told = []
    if since.links:
        shown = f" ; les {len(since.latest)} dernières décisions sont ci-dessous" if since.links > len(since.latest) else ""
        told.append(f"Liens décidés autrement depuis ce jour : {since.links}{shown}.")
    if since.runs:
        told.append(f"Collectes commencées ce jour ou avant, et acceptées depuis : {since.runs}.")
    if films:
        told.append(f"Films dont la base a changé la fiche depuis ce jour, ou qui n’y étaient pas : {films}.")
    if told:
        told.append("Les chiffres du jour ne changent pas. Quand ceux que l’on connaît aujourd’hui diffèrent, ils sont à côté.")
    return told
