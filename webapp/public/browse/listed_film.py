"""Represent the films of a list: where each can be seen, and whether it arrives, leaves or returns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto

from domain.common.enums import Access
from domain.common.paris_time import get_paris_date


class MoveKind(Enum):
    """Tell how a film of a list moves.

    NEW: no service had it before. ALSO: another service has it already. BACK: it had been seen before, and nobody has it.
    LAST: no offer remains after its end. STAYS: other offers remain. CAME, LEFT: it came to a service, or left it.
    """

    NEW = auto()
    ALSO = auto()
    BACK = auto()
    LAST = auto()
    STAYS = auto()
    CAME = auto()
    LEFT = auto()


ENDING_KINDS = (MoveKind.LAST, MoveKind.STAYS)


@dataclass(frozen=True, slots=True)
class ListedFilm:
    """Represent a film of a list and the services that show it; where it moves, when, how and on which (service, access)."""

    film_id: int
    platform_ids: tuple[int, ...]
    moved_at: datetime | None = None
    move_kind: MoveKind | None = None
    platform_accesses: tuple[tuple[int, Access], ...] = ()

    @property
    def day(self) -> date | None:
        """Return the day of the move in Paris. An end at midnight leaves the day before as the last one."""
        if self.moved_at is None:
            return None
        if self.move_kind in ENDING_KINDS:
            return get_last_day(self.moved_at)
        return get_paris_date(self.moved_at)


@dataclass(frozen=True)
class ServiceLists:
    """Hold what a service shows and under which accesses, and what came and went in thirty days."""

    catalogue: list[ListedFilm]
    arrived: list[ListedFilm]
    departed: list[ListedFilm]
    accesses: list[Access]


def get_last_day(ends_at: datetime) -> date:
    """Return the last whole or partial day, in Paris, before an end."""
    return get_paris_date(ends_at - timedelta(seconds=1))


def filter_by_services(films: Iterable[ListedFilm], platform_ids: Iterable[int]) -> list[ListedFilm]:
    """Keep what is said of some services only, and the films that they show; no service named keeps everything."""
    chosen = set(platform_ids)
    if not chosen:
        return list(films)
    restricted = (_restrict_to_services(film, chosen) for film in films)
    return [film for film in restricted if film.platform_ids]


def _restrict_to_services(film: ListedFilm, chosen: set[int]) -> ListedFilm:
    return replace(
        film,
        platform_ids=tuple(platform_id for platform_id in film.platform_ids if platform_id in chosen),
        platform_accesses=tuple(pair for pair in film.platform_accesses if pair[0] in chosen),
    )
