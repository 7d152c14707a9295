"""T3 to T7: the films available by nationality, genre, age, decade and admissions."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from domain.common.text import fold_text
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import UNKNOWN_LABEL
from domain.coverage.nationality import NATIONALITIES, get_country_name
from domain.coverage.schema import CountryRule, TableBody, build_share_table
from domain.windows.rules import add_months

FICTION, ANIMATION, DOCUMENTARY = "Fiction", "Animation", "Documentaire"
FORM_CLASSES = (FICTION, ANIMATION, DOCUMENTARY, UNKNOWN_LABEL)
AGE_CLASSES = (
    "moins de 12 mois",
    "12 à 36 mois",
    "3 à 10 ans",
    "10 à 20 ans",
    "plus de 20 ans",
    "pas encore sortis",
    "sans date de sortie",
)
_AGE_BOUNDS_MONTHS = (12, 36, 120, 240)
BEFORE_1960 = "avant 1960"
ADMISSION_CLASSES = (
    *("moins de 10 000", "10 000 à 50 000", "50 000 à 100 000", "100 000 à 500 000", "500 000 à 1 million"),
    *("plus de 1 million", UNKNOWN_LABEL),
)
_ADMISSION_BOUNDS = (10_000, 50_000, 100_000, 500_000, 1_000_000)


def _count_by_class(
    day: DaySnapshot, label: str, classes: Iterable[str], classify: Callable[[FilmFacts], str], unknown: str = UNKNOWN_LABEL
) -> TableBody:
    counts = Counter(map(classify, day.iter_available_films()))
    order = list(classes)
    return build_share_table(label, counts, order, unknown=counts[unknown])


def count_by_nationality(day: DaySnapshot) -> TableBody:
    """T3: by nationality class, under the rule of the filters."""
    return _count_by_class(day, "Nationalité", NATIONALITIES, lambda film: film.nationality)


def count_by_country(day: DaySnapshot) -> TableBody:
    """T3, countries: by first country, or under each of its countries; then shares add up to more than all of them."""
    counts, films = Counter[str](), 0
    for film in day.iter_available_films():
        films += 1
        told = film.countries[:1] if day.filters.country is CountryRule.FIRST else film.countries
        counts.update([get_country_name(code) for code in told] or [UNKNOWN_LABEL])
    order = sorted(counts, key=lambda name: (name == UNKNOWN_LABEL, -counts[name], name))
    return build_share_table("Pays", counts, order, total=films, unknown=counts[UNKNOWN_LABEL])


def get_form(film: FilmFacts) -> str:
    """Fiction, animation or documentary, by the genres of the base; what is neither of the last two is fiction."""
    if not film.genres:
        return UNKNOWN_LABEL
    told = " ".join(map(fold_text, film.genres))
    if "animation" in told:
        return ANIMATION
    return DOCUMENTARY if "document" in told else FICTION


def count_by_form(day: DaySnapshot) -> TableBody:
    """T4: fiction, animation, documentary."""
    return _count_by_class(day, "Genre", FORM_CLASSES, get_form)


def count_by_genre(day: DaySnapshot) -> TableBody:
    """T4, genres: by each genre of the base; a film counts under all of its own."""
    counts, films = Counter[str](), 0
    for film in day.iter_available_films():
        films += 1
        counts.update(film.genres or [UNKNOWN_LABEL])
    order = sorted(counts, key=lambda name: (name == UNKNOWN_LABEL, -counts[name], name))
    return build_share_table("Genre", counts, order, total=films, unknown=counts[UNKNOWN_LABEL])


def make_age_classifier(day: date) -> Callable[[FilmFacts], str]:
    """What tells how long before a day a film came out in French cinemas; the bounds are worked out once."""
    bounds = [add_months(day, -months) for months in _AGE_BOUNDS_MONTHS]

    def told(film: FilmFacts) -> str:
        if film.released_on is None:
            return AGE_CLASSES[6]
        if film.released_on > day:
            return AGE_CLASSES[5]
        return AGE_CLASSES[next((place for place, bound in enumerate(bounds) if film.released_on > bound), 4)]

    return told


def count_by_age(day: DaySnapshot) -> TableBody:
    """T5: by time since the release in French cinemas."""
    return _count_by_class(day, "Depuis la sortie", AGE_CLASSES, make_age_classifier(day.date), AGE_CLASSES[6])


def count_by_decade(day: DaySnapshot) -> TableBody:
    """T6: by decade of production."""
    counts, last = Counter[str](), 1960
    for film in day.iter_available_films():
        counts[get_decade(film)] += 1
        last = max(last, film.year or last)
    decades = [f"années {start}" for start in range(1960, last + 1, 10)]
    return build_share_table("Décennie", counts, (BEFORE_1960, *decades, UNKNOWN_LABEL), unknown=counts[UNKNOWN_LABEL])


def get_decade(film: FilmFacts) -> str:
    """The decade in which a film was made."""
    if film.year is None:
        return UNKNOWN_LABEL
    return BEFORE_1960 if film.year < 1960 else f"années {film.year // 10 * 10}"


def get_admission_class(film: FilmFacts) -> str:
    """The class of a film by its admissions; one that is on a bound is of the class that begins there."""
    if film.admissions is None:
        return UNKNOWN_LABEL
    return ADMISSION_CLASSES[sum(film.admissions >= limit for limit in _ADMISSION_BOUNDS)]


def count_by_admissions(day: DaySnapshot) -> TableBody:
    """T7: by admissions of the first four weeks in French cinemas."""
    return _count_by_class(day, "Entrées", ADMISSION_CLASSES, get_admission_class)
