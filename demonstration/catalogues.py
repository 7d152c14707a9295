"""Draw what each invented service lists: a share of films.csv chosen by hash, in its own spelling, at invented terms."""

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
    """Read the films of the demonstration. Raises UserError naming the first line that cannot be read."""
    films = []
    for record in read_film_records(path):
        if isinstance(record, RecordIssue):
            raise UserError(f"{path.name}, ligne {record.line} : {record.reason}")
        films.append(record)
    return films


def _draw_listings(films: Films, slug: str, percent: int) -> Iterator[Listing]:
    """Draw the films that a service lists, each as a plain listing without offers."""
    for film in films:
        if draw_number(slug, film.source_ref, "listed", 100) < percent:
            yield Listing(
                ref=film.source_ref.removeprefix("d"),
                film=film.source_ref,
                title=film.title,
                year=film.year,
                directors=film.directors,
                original_title=film.original_title,
                runtime_min=film.runtime_min,
                countries=film.countries,
                category="short" if film.kind == "short" else "film",
            )


def _draw_prices(slug: str, ref: str) -> tuple[ListedOffer, ...]:
    """Draw prices in four tiers, 5 € more to buy; one film in five is only rented, one in five only sold."""
    rent_cents = 199 + 100 * draw_number(slug, ref, "price", 4)
    both = (ListedOffer(Access.RENT, rent_cents), ListedOffer(Access.BUY, rent_cents + 500))
    choices = {0: both[:1], 1: both[1:]}
    return choices.get(draw_number(slug, ref, "ways", 5), both)


def _shift_year(slug: str, listing: Listing) -> int | None:
    """Return the year after for one listing in eight, as when the year of a festival or of a release is kept."""
    if not listing.year:
        return None
    is_late = draw_number(slug, listing.ref, "late", 8) == 0
    return listing.year + is_late


def build_cine_demo(films: Films, today: date) -> list[Listing]:
    """List films to rent and buy. Capitals without accents, surname first; a téléfilm, an unknown film, a wrong director."""
    slug = "cine-demo"
    drawn = [listing for listing in _draw_listings(films, slug, 35) if listing.title != _WRONG_DIRECTOR.title]
    listings = []
    for listing in (*drawn, _NOT_IN_BASE, _WRONG_DIRECTOR, _TELEFILM):
        directors = tuple(map(put_surname_first, listing.directors))
        offers = _draw_prices(slug, listing.ref)
        listings.append(replace(listing, title=to_capitals(listing.title), directors=directors, offers=offers))
    return listings


def build_kiosque_exemple(films: Films, today: date) -> list[Listing]:
    """List films of a subscription. Article at the end, a year now and then late; only names that its old encoding can write."""
    slug = "kiosque-exemple"
    listings = []
    for listing in _draw_listings(films, slug, 30):
        if can_encode("".join((listing.title, *listing.directors)), "cp1252"):
            title, year = move_article_last(listing.title), _shift_year(slug, listing)
            listings.append(replace(listing, title=title, year=year, offers=(ListedOffer(Access.SUBSCRIPTION),)))
    return listings


def build_replay_fictif(films: Films, today: date) -> list[Listing]:
    """List films free, with ads or in catch-up for some weeks; one director in ten missing, a téléfilm, a title alone."""
    slug = "replay-fictif"
    listings = []
    for listing in (*_draw_listings(films, slug, 15), _TELEFILM, _TITLE_ONLY):
        is_credited = draw_number(slug, listing.ref, "named", 10) > 0
        if not is_credited:
            listing = replace(listing, directors=())
        listings.append(replace(listing, offers=(_draw_free_offer(slug, listing.ref, today),)))
    return listings


def _draw_free_offer(slug: str, ref: str, today: date) -> ListedOffer:
    """Draw an offer without a price, over a window that may be past; its end is unknown when it is simply free."""
    access = FREE_ACCESSES[draw_number(slug, ref, "access", 3)]
    starts = today + timedelta(days=draw_number(slug, ref, "starts", 30) - 25)
    ends = starts + timedelta(days=30 + draw_number(slug, ref, "ends", 60))
    return ListedOffer(access, None, starts, None if access is Access.FREE else ends)


def build_cineclub_imaginaire(films: Films, today: date) -> list[Listing]:
    """List films of a subscription with a known end, one film in five also to rent; original titles, festival years, a series."""
    slug = "cineclub-imaginaire"
    listings = []
    for listing in (*_draw_listings(films, slug, 30), _SERIES):
        ends = today + timedelta(days=20 + draw_number(slug, listing.ref, "ends", 160))
        offers = [ListedOffer(Access.SUBSCRIPTION, None, None, ends)]
        if draw_number(slug, listing.ref, "rented", 5) == 0:
            offers.append(_draw_prices(slug, listing.ref)[0])
        listings.append(replace(listing, year=_shift_year(slug, listing), offers=tuple(offers)))
    return listings


def build_mediatheque_inventee(films: Films, today: date) -> list[Listing]:
    """List loans with a library card. Names without accents, restored versions of old films, a series."""
    slug = "mediatheque-inventee"
    listings = []
    for listing in (*_draw_listings(films, slug, 35), _SERIES):
        is_old = listing.year is not None and listing.year < 1975
        is_restored = is_old and draw_number(slug, listing.ref, "restored", 4) == 0
        if is_restored:
            listing = replace(listing, title=f"{listing.title} - Version restaurée")
        directors = tuple(map(strip_accents, listing.directors))
        listings.append(replace(listing, directors=directors, offers=(ListedOffer(Access.LIBRARY),)))
    return listings


def build_videotheque_modele(films: Films, today: date) -> list[Listing]:
    """List films of a subscription, or to rent and buy. The year in brackets where films share a title, a series."""
    slug = "videotheque-modele"
    films_by_title = Counter(build_title_key(film.title) for film in films)
    listings = []
    for listing in (*_draw_listings(films, slug, 25), _SERIES):
        is_ambiguous = films_by_title[build_title_key(listing.title)] > 1
        if is_ambiguous:
            listing = replace(listing, title=f"{listing.title} ({listing.year})")
        is_included = draw_number(slug, listing.ref, "included", 5) < 3
        offers = (ListedOffer(Access.SUBSCRIPTION),) if is_included else _draw_prices(slug, listing.ref)
        listings.append(replace(listing, offers=offers))
    return listings


CATALOGUES: dict[str, Callable[[Films, date], list[Listing]]] = {
    "cine-demo": build_cine_demo,
    "kiosque-exemple": build_kiosque_exemple,
    "replay-fictif": build_replay_fictif,
    "cineclub-imaginaire": build_cineclub_imaginaire,
    "mediatheque-inventee": build_mediatheque_inventee,
    "videotheque-modele": build_videotheque_modele,
}
