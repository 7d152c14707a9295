"""Count T1, T2 and T8: how many distinct films, on which services, on how many of them."""

from collections import Counter
from itertools import product

from domain.coverage.as_of import get_day_end
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ACCESS_LABELS, ALL_LABEL
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit, compute_share
from domain.windows.rules import add_months


def count_available_films(day: DaySnapshot) -> TableBody:
    """Count T1: distinct films, in all and by access, with what they were a month and a year before."""
    now = _count_by_access(day)
    month_before = _count_by_access(day.as_of(get_day_end(add_months(day.date, -1))))
    year_before = _count_by_access(day.as_of(get_day_end(add_months(day.date, -12))))
    rows: list[Row] = []
    for label in (ALL_LABEL, *ACCESS_LABELS.values()):
        films = now[label]
        share = compute_share(films, now[ALL_LABEL])
        rows.append((label, films, share, *_build_change(films, month_before, label), *_build_change(films, year_before, label)))
    columns = (
        *(Column("Accès", Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE)),
        *(Column("Un mois avant"), Column("Écart sur un mois"), Column("Un an avant"), Column("Écart sur un an")),
    )
    return TableBody(columns, tuple(rows), chart_column=1)


def _build_change(films: int, before: Counter[str], label: str) -> tuple[Cell, Cell]:
    """Build the cells of an earlier count and of the change since; both unknown when nothing had been collected then."""
    if not before:
        return (None, None)
    return (before[label], films - before[label])


def _count_by_access(day: DaySnapshot) -> Counter[str]:
    """Count distinct films by access; empty when nothing had been collected yet, which is not to have none."""
    films = Counter[str]()
    if not day.platforms:
        return films
    films[ALL_LABEL] = len(day.accesses_by_film)
    for services, count in Counter(day.accesses_by_film.values()).items():
        distinct_accesses = {access for _, accesses in services for access in accesses}
        for access in distinct_accesses:
            films[ACCESS_LABELS[access]] += count
    return films


def count_films_by_service(day: DaySnapshot) -> TableBody:
    """Count T2: films of each service, and those that it alone shows."""
    films = Counter[int]()
    exclusive = Counter[int]()
    for platform_ids, count in day.film_counts_by_services.items():
        for platform_id in platform_ids:
            films[platform_id] += count
        if len(platform_ids) == 1:
            exclusive[platform_ids[0]] += count
    whole = len(day.accesses_by_film)
    rows = [
        _build_service_row(platform.name, films[platform_id], exclusive[platform_id], whole)
        for platform_id, platform in day.platforms.items()
    ]
    rows.append(_build_service_row(ALL_LABEL, whole, exclusive.total(), whole))
    columns = (
        *(Column("Service", Unit.TEXT), Column("Films"), Column("Part des films disponibles", Unit.SHARE)),
        *(Column("Exclusifs"), Column("Part d’exclusifs", Unit.SHARE)),
    )
    return TableBody(columns, tuple(rows), chart_column=1)


def _build_service_row(label: str, films: int, exclusive: int, whole: int) -> Row:
    return (label, films, compute_share(films, whole), exclusive, compute_share(exclusive, films))


def count_service_overlap(day: DaySnapshot) -> TableBody:
    """Count T2, matrix: how many films of a row's service the column's service shows too."""
    shared = Counter[tuple[int, int]]()
    for platform_ids, count in day.film_counts_by_services.items():
        for pair in product(platform_ids, platform_ids):
            shared[pair] += count
    rows: list[Row] = []
    for row_id, platform in day.platforms.items():
        rows.append((platform.name, *(shared[row_id, column_id] for column_id in day.platforms)))
    columns = [Column(platform.name) for platform in day.platforms.values()]
    return TableBody((Column("Service", Unit.TEXT), *columns), tuple(rows))


_NO_SERVICE = "0"
SERVICE_COUNT_CLASSES = (_NO_SERVICE, "1", "2", "3 à 5", "plus de 5")


def count_films_by_service_count(day: DaySnapshot) -> TableBody:
    """Count T8: films by number of services, with their shares of all films and of the available ones."""
    counts = Counter[str]()
    for platform_ids, count in day.film_counts_by_services.items():
        counts[_get_service_count_class(len(platform_ids))] += count
    available = len(day.accesses_by_film)
    whole = max(day.film_count, available)
    counts[_NO_SERVICE] = whole - available
    rows: list[Row] = []
    for label in SERVICE_COUNT_CLASSES:
        share_of_available = None if label == _NO_SERVICE else compute_share(counts[label], available)
        rows.append((label, counts[label], compute_share(counts[label], whole), share_of_available))
    rows.append((ALL_LABEL, whole, compute_share(whole, whole), compute_share(available, available)))
    columns = (
        *(Column("Services", Unit.TEXT), Column("Films")),
        *(Column("Part de la base", Unit.SHARE), Column("Part des films disponibles", Unit.SHARE)),
    )
    return TableBody(columns, tuple(rows), chart_column=1)


def _get_service_count_class(service_count: int) -> str:
    if service_count > 5:
        return SERVICE_COUNT_CLASSES[4]
    if service_count > 2:
        return SERVICE_COUNT_CLASSES[3]
    return str(service_count)
