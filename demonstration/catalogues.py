"""What each invented service lists: a share of films.csv drawn by hash, in its own handwriting, at invented terms."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from demonstration.handwriting import article_last, capitals, fits, surname_first, without_accents
from demonstration.listing import Listing, Way, draw
from domain.common.enums import FREE, Access
from domain.common.errors import Problem
from domain.common.titles import title_key
from domain.films.formats import FilmLine, LineFault, read_films

Films = Sequence[FilmLine]

_NOT_IN_BASE = Listing("900", None, "La Nuit des horodateurs", 2011, ("Inès Fauxnom",), minutes=94, countries=("France",))
_WRONG_DIRECTOR = Listing("901", None, "Persepolis", 2007, ("Inès Fauxnom",), minutes=95, countries=("France",))
_TELEFILM = Listing("902", None, "Meurtres à Sainte-Invention", 2018, ("Paul Exemple",), minutes=90, category="telefilm")
_SERIES = Listing("903", None, "Les Chroniques du bac à sable", 2020, minutes=52, category="series")
_NO_CLUE = Listing("904", None, "Les Misérables", None)


def demonstration_films(path: Path) -> list[FilmLine]:
    """The films of the demonstration's base. Raises Problem naming the first line that cannot be read."""
    films = []
    for line in read_films(path):
        if isinstance(line, LineFault):
            raise Problem(f"{path.name}, ligne {line.line} : {line.reason}")
        films.append(line)
    return films


def _share(films: Films, slug: str, percent: int) -> Iterator[Listing]:
    """The films that a service lists, each with a plain line about it, still without a way to watch."""
    for film in films:
        ref = film.source_ref
        if draw(slug, ref, "listed", 100) < percent:
            category = "short" if film.kind == "short" else "film"
            facts = (film.directors, film.original_title, film.runtime_min, film.countries, category)
            yield Listing(ref.removeprefix("d"), ref, film.title, film.year, *facts)


def _rent_and_buy(slug: str, ref: str) -> tuple[Way, ...]:
    """Prices in four tiers, 5 € more to buy; one line in five only rents, one in five only sells."""
    rent = 199 + 100 * draw(slug, ref, "price", 4)
    both = (Way(Access.RENT, rent), Way(Access.BUY, rent + 500))
    return {0: both[:1], 1: both[1:]}.get(draw(slug, ref, "ways", 5), both)


def _year_later(slug: str, line: Listing) -> int | None:
    """For one line in eight the year after, as when the year of a festival or of a release is kept."""
    return line.year + (draw(slug, line.ref, "late", 8) == 0) if line.year else None


def cine_demo(films: Films, today: date) -> list[Listing]:
    """Rent and buy. Capitals without accents, surname first; a téléfilm, an unknown film, a wrong director."""
    slug = "cine-demo"
    ours = [line for line in _share(films, slug, 35) if line.title != _WRONG_DIRECTOR.title]
    return [
        replace(
            line,
            title=capitals(line.title),
            directors=tuple(map(surname_first, line.directors)),
            ways=_rent_and_buy(slug, line.ref),
        )
        for line in (*ours, _NOT_IN_BASE, _WRONG_DIRECTOR, _TELEFILM)
    ]


def kiosque_exemple(films: Films, today: date) -> list[Listing]:
    """Subscription. Article at the end, a year now and then late; only names that its old encoding can write."""
    slug = "kiosque-exemple"
    return [
        replace(line, title=article_last(line.title), year=_year_later(slug, line), ways=(Way(Access.SUBSCRIPTION),))
        for line in _share(films, slug, 30)
        if fits("".join((line.title, *line.directors)), "cp1252")
    ]


def replay_fictif(films: Films, today: date) -> list[Listing]:
    """Free, free with ads or catch-up over a window of some weeks; one director in ten missing, a téléfilm, a title alone."""
    slug = "replay-fictif"
    lines = []
    for line in (*_share(films, slug, 15), _TELEFILM, _NO_CLUE):
        access = FREE[draw(slug, line.ref, "access", 3)]
        starts = today + timedelta(days=draw(slug, line.ref, "starts", 30) - 25)
        ends = None if access is Access.FREE else starts + timedelta(days=30 + draw(slug, line.ref, "ends", 60))
        named = draw(slug, line.ref, "named", 10) > 0
        lines.append(replace(line, directors=line.directors if named else (), ways=(Way(access, None, starts, ends),)))
    return lines


def cineclub_imaginaire(films: Films, today: date) -> list[Listing]:
    """Subscription with a known end, one line in five also to rent; original titles, festival years, a series."""
    slug = "cineclub-imaginaire"
    lines = []
    for line in (*_share(films, slug, 30), _SERIES):
        ends = today + timedelta(days=20 + draw(slug, line.ref, "ends", 160))
        ways = (Way(Access.SUBSCRIPTION, None, None, ends), *_rent_and_buy(slug, line.ref)[:1])
        kept = ways if draw(slug, line.ref, "rented", 5) == 0 else ways[:1]
        lines.append(replace(line, year=_year_later(slug, line), ways=kept))
    return lines


def mediatheque_inventee(films: Films, today: date) -> list[Listing]:
    """Loans with a library card. Names without accents, restored versions of old films, a series."""
    slug = "mediatheque-inventee"
    lines = []
    for line in (*_share(films, slug, 35), _SERIES):
        restored = line.year is not None and line.year < 1975 and draw(slug, line.ref, "restored", 4) == 0
        title = f"{line.title} - Version restaurée" if restored else line.title
        directors = tuple(map(without_accents, line.directors))
        lines.append(replace(line, title=title, directors=directors, ways=(Way(Access.LIBRARY),)))
    return lines


def videotheque_modele(films: Films, today: date) -> list[Listing]:
    """Subscription, or rent and buy. The year in brackets where a title is borne by several films, a series."""
    slug = "videotheque-modele"
    bearers = Counter(title_key(film.title) for film in films)
    lines = []
    for line in (*_share(films, slug, 25), _SERIES):
        title = f"{line.title} ({line.year})" if bearers[title_key(line.title)] > 1 else line.title
        included = draw(slug, line.ref, "included", 5) < 3
        ways = (Way(Access.SUBSCRIPTION),) if included else _rent_and_buy(slug, line.ref)
        lines.append(replace(line, title=title, ways=ways))
    return lines


CATALOGUES: dict[str, Callable[[Films, date], list[Listing]]] = {
    "cine-demo": cine_demo,
    "kiosque-exemple": kiosque_exemple,
    "replay-fictif": replay_fictif,
    "cineclub-imaginaire": cineclub_imaginaire,
    "mediatheque-inventee": mediatheque_inventee,
    "videotheque-modele": videotheque_modele,
}
