"""What each invented service lists: a share of films.csv drawn by hash, in its own handwriting, at invented terms."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from demonstration.handwriting import can_encode, move_article_last, put_surname_first, strip_accents, to_capitals
from demonstration.listing import ListedOffer, Listing, draw_number
from domain.common.enums import FREE_ACCESSES, Access
from domain.common.errors import UserError
from domain.common.titles import build_title_key
from domain.films.formats import FilmRecord, RecordIssue, read_film_records

Films = Sequence[FilmRecord]

_NOT_IN_BASE = Listing("900", None, "La Nuit des horodateurs", 2011, ("Inès Fauxnom",), runtime_min=94, countries=("France",))
_WRONG_DIRECTOR = Listing("901", None, "Persepolis", 2007, ("Inès Fauxnom",), runtime_min=95, countries=("France",))
_TELEFILM = Listing("902", None, "Meurtres à Sainte-Invention", 2018, ("Paul Exemple",), runtime_min=90, category="telefilm")
_SERIES = Listing("903", None, "Les Chroniques du bac à sable", 2020, runtime_min=52, category="series")
_TITLE_ONLY = Listing("904", None, "Les Misérables", None)


def read_demonstration_films(path: Path) -> list[FilmRecord]:
    """The films of the demonstration's base. Raises Problem naming the first line that cannot be read."""
    films = []
    for line in read_film_records(path):
        if isinstance(line, RecordIssue):
            raise UserError(f"{path.name}, ligne {line.line} : {line.reason}")
        films.append(line)
    return films


def _draw_listings(films: Films, slug: str, percent: int) -> Iterator[Listing]:
    """The films that a service lists, each with a plain line about it, still without a way to watch."""
    for film in films:
        ref = film.source_ref
        if draw_number(slug, ref, "listed", 100) < percent:
            category = "short" if film.kind == "short" else "film"
            facts = (film.directors, film.original_title, film.runtime_min, film.countries, category)
            yield Listing(ref.removeprefix("d"), ref, film.title, film.year, *facts)


def _draw_prices(slug: str, ref: str) -> tuple[ListedOffer, ...]:
    """Prices in four tiers, 5 € more to buy; one line in five only rents, one in five only sells."""
    rent = 199 + 100 * draw_number(slug, ref, "price", 4)
    both = (ListedOffer(Access.RENT, rent), ListedOffer(Access.BUY, rent + 500))
    return {0: both[:1], 1: both[1:]}.get(draw_number(slug, ref, "ways", 5), both)


def _shift_year(slug: str, line: Listing) -> int | None:
    """For one line in eight the year after, as when the year of a festival or of a release is kept."""
    return line.year + (draw_number(slug, line.ref, "late", 8) == 0) if line.year else None


def build_cine_demo(films: Films, today: date) -> list[Listing]:
    """Rent and buy. Capitals without accents, surname first; a téléfilm, an unknown film, a wrong director."""
    slug = "cine-demo"
    ours = [line for line in _draw_listings(films, slug, 35) if line.title != _WRONG_DIRECTOR.title]
    return [
        replace(
            line,
            title=to_capitals(line.title),
            directors=tuple(map(put_surname_first, line.directors)),
            offers=_draw_prices(slug, line.ref),
        )
        for line in (*ours, _NOT_IN_BASE, _WRONG_DIRECTOR, _TELEFILM)
    ]


def build_kiosque_exemple(films: Films, today: date) -> list[Listing]:
    """Subscription. Article at the end, a year now and then late; only names that its old encoding can write."""
    slug = "kiosque-exemple"
    return [
        replace(
            line, title=move_article_last(line.title), year=_shift_year(slug, line), offers=(ListedOffer(Access.SUBSCRIPTION),)
        )
        for line in _draw_listings(films, slug, 30)
        if can_encode("".join((line.title, *line.directors)), "cp1252")
    ]


def build_replay_fictif(films: Films, today: date) -> list[Listing]:
    """Free, free with ads or catch-up over a window of some weeks; one director in ten missing, a téléfilm, a title alone."""
    slug = "replay-fictif"
    lines = []
    for line in (*_draw_listings(films, slug, 15), _TELEFILM, _TITLE_ONLY):
        access = FREE_ACCESSES[draw_number(slug, line.ref, "access", 3)]
        starts = today + timedelta(days=draw_number(slug, line.ref, "starts", 30) - 25)
        ends = None if access is Access.FREE else starts + timedelta(days=30 + draw_number(slug, line.ref, "ends", 60))
        named = draw_number(slug, line.ref, "named", 10) > 0
        lines.append(replace(line, directors=line.directors if named else (), offers=(ListedOffer(access, None, starts, ends),)))
    return lines


def build_cineclub_imaginaire(films: Films, today: date) -> list[Listing]:
    """Subscription with a known end, one line in five also to rent; original titles, festival years, a series."""
    slug = "cineclub-imaginaire"
    lines = []
    for line in (*_draw_listings(films, slug, 30), _SERIES):
        ends = today + timedelta(days=20 + draw_number(slug, line.ref, "ends", 160))
        ways = (ListedOffer(Access.SUBSCRIPTION, None, None, ends), *_draw_prices(slug, line.ref)[:1])
        kept = ways if draw_number(slug, line.ref, "rented", 5) == 0 else ways[:1]
        lines.append(replace(line, year=_shift_year(slug, line), offers=kept))
    return lines


def build_mediatheque_inventee(films: Films, today: date) -> list[Listing]:
    """Loans with a library card. Names without accents, restored versions of old films, a series."""
    slug = "mediatheque-inventee"
    lines = []
    for line in (*_draw_listings(films, slug, 35), _SERIES):
        restored = line.year is not None and line.year < 1975 and draw_number(slug, line.ref, "restored", 4) == 0
        title = f"{line.title} - Version restaurée" if restored else line.title
        directors = tuple(map(strip_accents, line.directors))
        lines.append(replace(line, title=title, directors=directors, offers=(ListedOffer(Access.LIBRARY),)))
    return lines


def build_videotheque_modele(films: Films, today: date) -> list[Listing]:
    """Subscription, or rent and buy. The year in brackets where a title is borne by several films, a series."""
    slug = "videotheque-modele"
    bearers = Counter(build_title_key(film.title) for film in films)
    lines = []
    for line in (*_draw_listings(films, slug, 25), _SERIES):
        title = f"{line.title} ({line.year})" if bearers[build_title_key(line.title)] > 1 else line.title
        included = draw_number(slug, line.ref, "included", 5) < 3
        ways = (ListedOffer(Access.SUBSCRIPTION),) if included else _draw_prices(slug, line.ref)
        lines.append(replace(line, title=title, offers=ways))
    return lines


CATALOGUES: dict[str, Callable[[Films, date], list[Listing]]] = {
    "cine-demo": build_cine_demo,
    "kiosque-exemple": build_kiosque_exemple,
    "replay-fictif": build_replay_fictif,
    "cineclub-imaginaire": build_cineclub_imaginaire,
    "mediatheque-inventee": build_mediatheque_inventee,
    "videotheque-modele": build_videotheque_modele,
}
