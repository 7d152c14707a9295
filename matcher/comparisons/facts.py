"""Compare the years, running times, identifiers and kinds of two works."""

from domain.common.enums import Kind
from matcher.comparisons.levels import (
    FilmLengthLevel,
    KindLevel,
    ReleaseYearLevel,
    RuntimeLevel,
    YearLevel,
)
from matcher.work import Work

_MAX_FEW_YEARS = 5
_FAR_RUNTIME_RATIO, _FAR_RUNTIME_MINUTES, _CLOSE_RUNTIME_MINUTES = 0.15, 10, 4
_MIN_FEATURE_MINUTES = 45


def compare_years(entry: Work, film: Work) -> YearLevel:
    """Compare the closest two years: a platform may give the year of production or that of release."""
    gaps = [entry_year - film_year for entry_year in entry.years for film_year in film.years]
    if not gaps:
        return YearLevel.UNKNOWN
    gap = min(gaps, key=abs)
    if abs(gap) == 1:
        return YearLevel.LATER if gap > 0 else YearLevel.EARLIER
    if gap == 0:
        return YearLevel.SAME
    if abs(gap) == 2:
        return YearLevel.TWO
    return YearLevel.FEW if abs(gap) <= _MAX_FEW_YEARS else YearLevel.FAR


def compare_release_years(entry: Work, film: Work) -> ReleaseYearLevel:
    """Return whether the entry's year is the film's year of production, or only that of its French release."""
    if not entry.year or not film.year or not film.release_year:
        return ReleaseYearLevel.UNKNOWN
    if entry.year == film.year:
        return ReleaseYearLevel.PRODUCTION
    return ReleaseYearLevel.RELEASE if entry.year == film.release_year else ReleaseYearLevel.NEITHER


def compare_runtimes(entry_minutes: int | None, film_minutes: int | None) -> RuntimeLevel:
    """Return SAME within a minute, CLOSE within four, FAR beyond both 15 % and ten minutes, else NEAR."""
    if entry_minutes is None or film_minutes is None:
        return RuntimeLevel.UNKNOWN
    gap = abs(entry_minutes - film_minutes)
    if gap > _FAR_RUNTIME_MINUTES and gap > _FAR_RUNTIME_RATIO * max(entry_minutes, film_minutes):
        return RuntimeLevel.FAR
    if gap <= 1:
        return RuntimeLevel.SAME
    return RuntimeLevel.CLOSE if gap <= _CLOSE_RUNTIME_MINUTES else RuntimeLevel.NEAR


def compare_lengths(entry_minutes: int | None, film_minutes: int | None) -> FilmLengthLevel:
    """Return whether both works are short films, both are features, or neither."""
    if entry_minutes is None:
        return FilmLengthLevel.UNKNOWN
    is_entry_short = entry_minutes < _MIN_FEATURE_MINUTES
    if film_minutes is None:
        return FilmLengthLevel.SHORT if is_entry_short else FilmLengthLevel.UNKNOWN
    is_film_short = film_minutes < _MIN_FEATURE_MINUTES
    return FilmLengthLevel.SAME if is_entry_short == is_film_short else FilmLengthLevel.OTHER


def compare_kinds(entry: Work, film: Work) -> KindLevel:
    """Compare two kinds; a short film clashes with series only, because many sources call every work a film."""
    if entry.kind is None or film.kind is None:
        return KindLevel.UNKNOWN
    if {entry.kind, film.kind} == {Kind.FILM, Kind.SHORT}:
        return KindLevel.UNKNOWN
    if entry.kind is not film.kind:
        return KindLevel.CLASH
    return KindLevel.SERIES if entry.kind in (Kind.SERIES, Kind.EPISODE) else KindLevel.SAME
