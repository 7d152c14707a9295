"""Count T3 to T7: the available films by nationality, genre, age, decade and admissions."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from domain.common.text import fold_text
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import UNKNOWN_LABEL
from domain.coverage.nationality import NATIONALITIES, list_country_names
from domain.coverage.schema import TableBody, build_share_table
from domain.windows.rules import add_months

FICTION, ANIMATION, DOCUMENTARY = "Fiction", "Animation", "Documentaire"
FORM_CLASSES = (FICTION, ANIMATION, DOCUMENTARY, UNKNOWN_LABEL)
NOT_RELEASED_YET = "pas encore sortis"
UNDATED = "sans date de sortie"
_AGE_CLASSES_BY_MONTHS = {
    12: "moins de 12 mois",
    36: "12 à 36 mois",
    120: "3 à 10 ans",
    240: "10 à 20 ans",
}
"""The classes of age by the months that a film of the class is younger than."""
_OLDEST = "plus de 20 ans"
AGE_CLASSES = (*_AGE_CLASSES_BY_MONTHS.values(), _OLDEST, NOT_RELEASED_YET, UNDATED)
BEFORE_1960 = "avant 1960"
ADMISSION_CLASSES = (
    *("moins de 10 000", "10 000 à 50 000", "50 000 à 100 000", "100 000 à 500 000", "500 000 à 1 million"),
    *("plus de 1 million", UNKNOWN_LABEL),
)
_ADMISSION_BOUNDS = (10_000, 50_000, 100_000, 500_000, 1_000_000)


def _count_by_class(
    day: DaySnapshot, label: str, classes: Iterable[str], classify: Callable[[FilmFacts], str], unknown: str = UNKNOWN_LABEL
) -> TableBody:
    """Count the available films by the one class of each; `unknown` is the class of those that lack the fact."""
    counts = Counter(classify(film) for film in day.iter_available_films())
    return build_share_table(label, counts, list(classes), unknown=counts[unknown])


def _count_by_classes(day: DaySnapshot, label: str, classify: Callable[[FilmFacts], Iterable[str]]) -> TableBody:
    """Count the available films under each class of theirs, the most frequent first; shares are of distinct films."""
    counts = Counter[str]()
    film_count = 0
    for film in day.iter_available_films():
        film_count += 1
        counts.update(classify(film))
    order = sorted(counts, key=lambda name: (name == UNKNOWN_LABEL, -counts[name], name))
    return build_share_table(label, counts, order, total=film_count, unknown=counts[UNKNOWN_LABEL])


def count_by_nationality(day: DaySnapshot) -> TableBody:
    """Count T3: by nationality class, under the rule of the filters."""
    return _count_by_class(day, "Nationalité", NATIONALITIES, lambda film: film.nationality)


def count_by_country(day: DaySnapshot) -> TableBody:
    """Count T3 by country: the first one, or each of a film's countries; shares then add up to more than one."""
    return _count_by_classes(day, "Pays", lambda film: list_country_names(film.countries, day.filters.country))


def get_form(film: FilmFacts) -> str:
    """Return fiction, animation or documentary, by the genres of a film; what is neither of the last two is fiction."""
    if not film.genres:
        return UNKNOWN_LABEL
    genres = " ".join(map(fold_text, film.genres))
    if "animation" in genres:
        return ANIMATION
    if "document" in genres:
        return DOCUMENTARY
    return FICTION


def count_by_form(day: DaySnapshot) -> TableBody:
    """Count T4: fiction, animation, documentary."""
    return _count_by_class(day, "Genre", FORM_CLASSES, get_form)


def count_by_genre(day: DaySnapshot) -> TableBody:
    """Count T4 by genre: a film counts under each of its genres."""
    return _count_by_classes(day, "Genre", lambda film: film.genres or [UNKNOWN_LABEL])


def make_age_classifier(day: date) -> Callable[[date | None], str]:
    """Return the function that classes a release date by its age on a day; the bounds are computed once."""
    bounds = [(add_months(day, -months), label) for months, label in _AGE_CLASSES_BY_MONTHS.items()]

    def get_age_class(released_on: date | None) -> str:
        if released_on is None:
            return UNDATED
        if released_on > day:
            return NOT_RELEASED_YET
        return next((label for bound, label in bounds if released_on > bound), _OLDEST)

    return get_age_class


def count_by_age(day: DaySnapshot) -> TableBody:
    """Count T5: by time since the release in French cinemas."""
    get_age_class = make_age_classifier(day.date)
    return _count_by_class(day, "Depuis la sortie", AGE_CLASSES, lambda film: get_age_class(film.released_on), UNDATED)


def count_by_decade(day: DaySnapshot) -> TableBody:
    """Count T6: by decade of production."""
    counts = Counter[str]()
    last_year = 1960
    for film in day.iter_available_films():
        counts[get_decade(film)] += 1
        last_year = max(last_year, film.year or last_year)
    decades = [f"années {start}" for start in range(1960, last_year + 1, 10)]
    return build_share_table("Décennie", counts, (BEFORE_1960, *decades, UNKNOWN_LABEL), unknown=counts[UNKNOWN_LABEL])


def get_decade(film: FilmFacts) -> str:
    """Return the label of the decade in which a film was made."""
    if film.year is None:
        return UNKNOWN_LABEL
    if film.year < 1960:
        return BEFORE_1960
    return f"années {film.year // 10 * 10}"


def get_admission_class(film: FilmFacts) -> str:
    """Return the class of a film by its admissions; a film on a bound is of the class that begins there."""
    if film.admissions is None:
        return UNKNOWN_LABEL
    return ADMISSION_CLASSES[sum(film.admissions >= bound for bound in _ADMISSION_BOUNDS)]


def count_by_admissions(day: DaySnapshot) -> TableBody:
    """Count T7: by admissions of the first four weeks in French cinemas."""
    return _count_by_class(day, "Entrées", ADMISSION_CLASSES, get_admission_class)
