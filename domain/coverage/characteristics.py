"""T3 to T7: the films available by nationality, genre, age, decade and admissions."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from domain.common.text import fold
from domain.coverage.dataset import Day
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import UNKNOWN
from domain.coverage.nationality import NATIONS, country_name
from domain.coverage.schema import Body, CountryRule, split
from domain.windows.rules import add_months

FICTION, ANIMATION, DOCUMENTARY = "Fiction", "Animation", "Documentaire"
FORMS = (FICTION, ANIMATION, DOCUMENTARY, UNKNOWN)
AGES = (
    "moins de 12 mois",
    "12 à 36 mois",
    "3 à 10 ans",
    "10 à 20 ans",
    "plus de 20 ans",
    "pas encore sortis",
    "sans date de sortie",
)
_MONTHS = (12, 36, 120, 240)
BEFORE = "avant 1960"
ADMISSIONS = (
    *("moins de 10 000", "10 000 à 50 000", "50 000 à 100 000", "100 000 à 500 000", "500 000 à 1 million"),
    *("plus de 1 million", UNKNOWN),
)
_LIMITS = (10_000, 50_000, 100_000, 500_000, 1_000_000)


def _counted(day: Day, label: str, classes: Iterable[str], of: Callable[[FilmFacts], str], unknown: str = UNKNOWN) -> Body:
    counts = Counter(map(of, day.shown_films()))
    order = list(classes)
    return split(label, counts, order, unknown=counts[unknown])


def by_nation(day: Day) -> Body:
    """T3: by nationality class, under the rule of the filters."""
    return _counted(day, "Nationalité", NATIONS, lambda film: film.nation)


def by_country(day: Day) -> Body:
    """T3, countries: by first country, or under each of its countries; then shares add up to more than all of them."""
    counts, films = Counter[str](), 0
    for film in day.shown_films():
        films += 1
        told = film.countries[:1] if day.filters.country is CountryRule.FIRST else film.countries
        counts.update([country_name(code) for code in told] or [UNKNOWN])
    order = sorted(counts, key=lambda name: (name == UNKNOWN, -counts[name], name))
    return split("Pays", counts, order, total=films, unknown=counts[UNKNOWN])


def form_of(film: FilmFacts) -> str:
    """Fiction, animation or documentary, by the genres of the base; what is neither of the last two is fiction."""
    if not film.genres:
        return UNKNOWN
    told = " ".join(map(fold, film.genres))
    if "animation" in told:
        return ANIMATION
    return DOCUMENTARY if "document" in told else FICTION


def by_form(day: Day) -> Body:
    """T4: fiction, animation, documentary."""
    return _counted(day, "Genre", FORMS, form_of)


def by_genre(day: Day) -> Body:
    """T4, genres: by each genre of the base; a film counts under all of its own."""
    counts, films = Counter[str](), 0
    for film in day.shown_films():
        films += 1
        counts.update(film.genres or [UNKNOWN])
    order = sorted(counts, key=lambda name: (name == UNKNOWN, -counts[name], name))
    return split("Genre", counts, order, total=films, unknown=counts[UNKNOWN])


def age_class(day: date) -> Callable[[FilmFacts], str]:
    """What tells how long before a day a film came out in French cinemas; the bounds are worked out once."""
    bounds = [add_months(day, -months) for months in _MONTHS]

    def told(film: FilmFacts) -> str:
        if film.release is None:
            return AGES[6]
        if film.release > day:
            return AGES[5]
        return AGES[next((place for place, bound in enumerate(bounds) if film.release > bound), 4)]

    return told


def by_age(day: Day) -> Body:
    """T5: by time since the release in French cinemas."""
    return _counted(day, "Depuis la sortie", AGES, age_class(day.date), AGES[6])


def by_decade(day: Day) -> Body:
    """T6: by decade of production."""
    counts, last = Counter[str](), 1960
    for film in day.shown_films():
        counts[decade_of(film)] += 1
        last = max(last, film.year or last)
    decades = [f"années {start}" for start in range(1960, last + 1, 10)]
    return split("Décennie", counts, (BEFORE, *decades, UNKNOWN), unknown=counts[UNKNOWN])


def decade_of(film: FilmFacts) -> str:
    """The decade in which a film was made."""
    if film.year is None:
        return UNKNOWN
    return BEFORE if film.year < 1960 else f"années {film.year // 10 * 10}"


def admissions_of(film: FilmFacts) -> str:
    """The class of a film by its admissions; one that is on a bound is of the class that begins there."""
    if film.admissions is None:
        return UNKNOWN
    return ADMISSIONS[sum(film.admissions >= limit for limit in _LIMITS)]


def by_admissions(day: Day) -> Body:
    """T7: by admissions of the first four weeks in French cinemas."""
    return _counted(day, "Entrées", ADMISSIONS, admissions_of)
