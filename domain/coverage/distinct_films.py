"""T1, T2 and T8: how many distinct films, on which services, on how many of them."""

from collections import Counter

from domain.coverage.as_of import get_day_end
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ACCESS_LABELS, ALL_LABEL
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit, compute_share
from domain.windows.rules import add_months


def count_available_films(day: DaySnapshot) -> TableBody:
    """T1: distinct films, in all and by access, with what they were a month and a year before."""
    now = _count_by_access(day)
    month, year = (_count_by_access(day.as_of(get_day_end(add_months(day.date, -months)))) for months in (1, 12))
    whole = now.get(ALL_LABEL, 0)
    rows = []
    for name in (ALL_LABEL, *ACCESS_LABELS.values()):
        films = now.get(name, 0)
        told: list[Cell] = [name, films, compute_share(films, whole)]
        for before in (month, year):
            then = before.get(name, 0) if before else None
            told += [then, None if then is None else films - then]
        rows.append(tuple(told))
    moves = (Column("Un mois avant"), Column("Écart sur un mois"), Column("Un an avant"), Column("Écart sur un an"))
    return TableBody(
        (Column("Accès", Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE), *moves), tuple(rows), chart_column=1
    )


def _count_by_access(day: DaySnapshot) -> Counter[str]:
    """Distinct films by access; empty when nothing had been collected yet, which is not to have none."""
    films = Counter[str]()
    if day.platforms:
        films[ALL_LABEL] = len(day.accesses_by_film)
        for ways, number in Counter(day.accesses_by_film.values()).items():
            films.update({ACCESS_LABELS[access]: number for access in {one for _, accesses in ways for one in accesses}})
    return films


def count_films_by_service(day: DaySnapshot) -> TableBody:
    """T2: films of each service, and those that it alone shows."""
    films, alone = Counter[int](), Counter[int]()
    for services, number in day.film_counts_by_services.items():
        films.update(dict.fromkeys(services, number))
        if len(services) == 1:
            alone[services[0]] = number
    whole = len(day.accesses_by_film)
    rows = [
        (one.name, films[number], compute_share(films[number], whole), alone[number], compute_share(alone[number], films[number]))
        for number, one in day.platforms.items()
    ]
    total = (ALL_LABEL, whole, compute_share(whole, whole), sum(alone.values()), compute_share(sum(alone.values()), whole))
    counts = (Column("Films"), Column("Part des films disponibles", Unit.SHARE), Column("Exclusifs"))
    columns = (Column("Service", Unit.TEXT), *counts, Column("Part d’exclusifs", Unit.SHARE))
    return TableBody(columns, (*rows, total), chart_column=1)


def count_service_overlap(day: DaySnapshot) -> TableBody:
    """T2, matrix: how many films of a line's service the column's service shows too."""
    shared = Counter[tuple[int, int]]()
    for services, number in day.film_counts_by_services.items():
        shared.update({(one, other): number for one in services for other in services})
    rows: list[Row] = [(one.name, *(shared[line, number] for number in day.platforms)) for line, one in day.platforms.items()]
    return TableBody((Column("Service", Unit.TEXT), *(Column(one.name) for one in day.platforms.values())), tuple(rows))


SERVICE_COUNT_CLASSES = ("0", "1", "2", "3 à 5", "plus de 5")


def count_films_by_service_count(day: DaySnapshot) -> TableBody:
    """T8: films by number of services; the shares of films that have one at least stand beside those of the base."""
    counts = Counter[str]()
    for services, number in day.film_counts_by_services.items():
        counts[_get_service_count_class(len(services))] += number
    offered = len(day.accesses_by_film)
    base = max(day.film_count, offered)
    counts["0"] = base - offered
    rows = [
        (name, counts[name], compute_share(counts[name], base), None if name == "0" else compute_share(counts[name], offered))
        for name in SERVICE_COUNT_CLASSES
    ]
    shares = (Column("Part de la base", Unit.SHARE), Column("Part des films disponibles", Unit.SHARE))
    total = (ALL_LABEL, base, compute_share(base, base), compute_share(offered, offered))
    return TableBody((Column("Services", Unit.TEXT), Column("Films"), *shares), (*rows, total), chart_column=1)


def _get_service_count_class(services: int) -> str:
    if services > 5:
        return SERVICE_COUNT_CLASSES[4]
    return SERVICE_COUNT_CLASSES[3] if services > 2 else str(services)
