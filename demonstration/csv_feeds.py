"""Serve two CSV exports, as offices send them: one for Ciné-Démo, one for Kiosque Exemple."""

import csv
import io
from collections.abc import Iterable, Sequence

from demonstration.http_service import Request, RequestHandler, Response
from demonstration.listing import Listing, draw_number
from demonstration.offer_pages import build_offer_url
from domain.common.enums import Access

_CATEGORIES = {"film": "film", "short": "court-métrage", "telefilm": "téléfilm"}


def make_cine_demo_feed(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Serve semicolons, UTF-8 with a BOM, prices as « 2,99 » and « 7.99 euros », running times as « 1:45 »."""
    header = ["Code", "Titre", "Réalisateur", "Année", "Durée", "Catégorie", "Pays", "Tarif location", "Tarif achat", "URL"]
    table = _format_csv(header, (_format_cine_demo_row(listing, origin) for listing in listings), ";").encode("utf-8-sig")
    return lambda request: _serve_file(request, "/export/catalogue.csv", table, "utf-8")


def make_kiosque_exemple_feed(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Serve tabulations, cp1252, people separated by « / », a version and a definition for each listing."""
    header = ["numero", "oeuvre", "auteur", "millesime", "minutes", "genre", "nationalite", "version", "definition", "adresse"]
    table = _format_csv(header, (_format_kiosque_exemple_row(listing, origin) for listing in listings), "\t").encode("cp1252")
    return lambda request: _serve_file(request, "/liste.txt", table, "windows-1252")


def _serve_file(request: Request, path: str, table: bytes, encoding: str) -> Response | None:
    if request.path != path:
        return None
    return Response(table, f"text/csv; charset={encoding}")


def _format_csv(header: list[str], rows: Iterable[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def _format_cine_demo_row(listing: Listing, origin: str) -> list[str]:
    rent, buy, runtime = "", "", ""
    for offer in listing.offers:
        price = f"{(offer.cents or 0) / 100:.2f}"
        if offer.access is Access.RENT:
            rent = price.replace(".", ",")
        elif offer.access is Access.BUY:
            buy = f"{price} euros"
    if listing.runtime_min:
        hours, minutes = divmod(listing.runtime_min, 60)
        runtime = f"{hours}:{minutes:02}"
    return [
        listing.ref,
        listing.title,
        ", ".join(listing.directors),
        str(listing.year or ""),
        runtime,
        _CATEGORIES[listing.category],
        ", ".join(listing.countries),
        rent,
        buy,
        build_offer_url(origin, listing),
    ]


def _format_kiosque_exemple_row(listing: Listing, origin: str) -> list[str]:
    version = ("VF", "VOSTFR")[draw_number("kiosque-exemple", listing.ref, "version", 2)]
    if "France" in listing.countries:
        version = "VF"
    return [
        listing.ref,
        listing.title,
        " / ".join(listing.directors),
        str(listing.year or ""),
        str(listing.runtime_min or ""),
        _CATEGORIES[listing.category],
        " / ".join(listing.countries),
        version,
        ("SD", "HD", "4K")[draw_number("kiosque-exemple", listing.ref, "definition", 3)],
        build_offer_url(origin, listing),
    ]
