"""T1, T2 and T8: how many distinct films, on which services, on how many of them."""

from collections import Counter

from domain.coverage.as_of import end_of
from domain.coverage.dataset import Day
from domain.coverage.labels import ACCESSES, ALL
from domain.coverage.schema import Body, Cell, Column, Row, Unit, share
from domain.windows.rules import add_months


def available(day: Day) -> Body:
    """T1: distinct films, in all and by access, with what they were a month and a year before."""
    now = _by_access(day)
    month, year = (_by_access(day.other(end_of(add_months(day.date, -months)))) for months in (1, 12))
    whole = now.get(ALL, 0)
    rows = []
    for name in (ALL, *ACCESSES.values()):
        films = now.get(name, 0)
        told: list[Cell] = [name, films, share(films, whole)]
        for before in (month, year):
            then = before.get(name, 0) if before else None
            told += [then, None if then is None else films - then]
        rows.append(tuple(told))
    moves = (Column("Un mois avant"), Column("Écart sur un mois"), Column("Un an avant"), Column("Écart sur un an"))
    return Body((Column("Accès", Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE), *moves), tuple(rows), chart=1)


def _by_access(day: Day) -> Counter[str]:
    """Distinct films by access; empty when nothing had been collected yet, which is not to have none."""
    films = Counter[str]()
    if day.platforms:
        films[ALL] = len(day.ways)
        for ways, number in Counter(day.ways.values()).items():
            films.update({ACCESSES[access]: number for access in {one for _, accesses in ways for one in accesses}})
    return films


def by_service(day: Day) -> Body:
    """T2: films of each service, and those that it alone shows."""
    films, alone = Counter[int](), Counter[int]()
    for services, number in day.services.items():
        films.update(dict.fromkeys(services, number))
        if len(services) == 1:
            alone[services[0]] = number
    whole = len(day.ways)
    rows = [
        (one.name, films[number], share(films[number], whole), alone[number], share(alone[number], films[number]))
        for number, one in day.platforms.items()
    ]
    total = (ALL, whole, share(whole, whole), sum(alone.values()), share(sum(alone.values()), whole))
    counts = (Column("Films"), Column("Part des films disponibles", Unit.SHARE), Column("Exclusifs"))
    columns = (Column("Service", Unit.TEXT), *counts, Column("Part d’exclusifs", Unit.SHARE))
    return Body(columns, (*rows, total), chart=1)


def overlap(day: Day) -> Body:
    """T2, matrix: how many films of a line's service the column's service shows too."""
    shared = Counter[tuple[int, int]]()
    for services, number in day.services.items():
        shared.update({(one, other): number for one in services for other in services})
    rows: list[Row] = [(one.name, *(shared[line, number] for number in day.platforms)) for line, one in day.platforms.items()]
    return Body((Column("Service", Unit.TEXT), *(Column(one.name) for one in day.platforms.values())), tuple(rows))


NUMBERS = ("0", "1", "2", "3 à 5", "plus de 5")


def numbers_of_services(day: Day) -> Body:
    """T8: films by number of services; the shares of films that have one at least stand beside those of the base."""
    counts = Counter[str]()
    for services, number in day.services.items():
        counts[_number(len(services))] += number
    offered = len(day.ways)
    base = max(day.base, offered)
    counts["0"] = base - offered
    rows = [
        (name, counts[name], share(counts[name], base), None if name == "0" else share(counts[name], offered)) for name in NUMBERS
    ]
    shares = (Column("Part de la base", Unit.SHARE), Column("Part des films disponibles", Unit.SHARE))
    total = (ALL, base, share(base, base), share(offered, offered))
    return Body((Column("Services", Unit.TEXT), Column("Films"), *shares), (*rows, total), chart=1)


def _number(services: int) -> str:
    if services > 5:
        return NUMBERS[4]
    return NUMBERS[3] if services > 2 else str(services)
