"""Two CSV exports, as offices send them: one for Ciné-Démo, one for Kiosque Exemple."""

import csv
import io
from collections.abc import Iterable, Sequence

from demonstration.http_service import Request, RequestHandler, Response
from demonstration.listing import Listing, draw_number
from demonstration.offer_pages import build_offer_url
from domain.common.enums import Access

_CATEGORIES = {"film": "film", "short": "court-métrage", "telefilm": "téléfilm"}


def make_cine_demo_feed(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """Semicolons, UTF-8 with a BOM, prices as « 2,99 » and « 7.99 euros », running times as « 1:45 »."""
    header = ["Code", "Titre", "Réalisateur", "Année", "Durée", "Catégorie", "Pays", "Tarif location", "Tarif achat", "URL"]
    table = _format_csv(header, (_format_cine_demo_row(line, origin) for line in lines), ";").encode("utf-8-sig")
    return lambda asked: _serve_file(asked, "/export/catalogue.csv", table, "utf-8")


def make_kiosque_exemple_feed(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """Tabulations, cp1252, people parted by « / », a version and a definition for each line."""
    header = ["numero", "oeuvre", "auteur", "millesime", "minutes", "genre", "nationalite", "version", "definition", "adresse"]
    table = _format_csv(header, (_format_kiosque_exemple_row(line, origin) for line in lines), "\t").encode("cp1252")
    return lambda asked: _serve_file(asked, "/liste.txt", table, "windows-1252")


def _serve_file(request: Request, path: str, table: bytes, encoding: str) -> Response | None:
    return Response(table, f"text/csv; charset={encoding}") if request.path == path else None


def _format_csv(header: list[str], rows: Iterable[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def _format_cine_demo_row(line: Listing, origin: str) -> list[str]:
    cents = {way.access: way.cents or 0 for way in line.offers}
    rent = f"{cents[Access.RENT] / 100:.2f}".replace(".", ",") if Access.RENT in cents else ""
    buy = f"{cents[Access.BUY] / 100:.2f} euros" if Access.BUY in cents else ""
    length = f"{line.runtime_min // 60}:{line.runtime_min % 60:02}" if line.runtime_min else ""
    people, countries = ", ".join(line.directors), ", ".join(line.countries)
    about = [line.ref, line.title, people, str(line.year or ""), length, _CATEGORIES[line.category], countries]
    return [*about, rent, buy, build_offer_url(origin, line)]


def _format_kiosque_exemple_row(line: Listing, origin: str) -> list[str]:
    version = "VF" if "France" in line.countries else ("VF", "VOSTFR")[draw_number("kiosque-exemple", line.ref, "version", 2)]
    definition = ("SD", "HD", "4K")[draw_number("kiosque-exemple", line.ref, "definition", 3)]
    about = [line.ref, line.title, " / ".join(line.directors), str(line.year or ""), str(line.runtime_min or "")]
    kept = [_CATEGORIES[line.category], " / ".join(line.countries), version, definition]
    return [*about, *kept, build_offer_url(origin, line)]
