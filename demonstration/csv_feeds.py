"""Two CSV exports, as offices send them: one for Ciné-Démo, one for Kiosque Exemple."""

import csv
import io
from collections.abc import Iterable, Sequence

from demonstration.http_service import Answer, Reply, Request
from demonstration.listing import Listing, draw
from demonstration.offer_pages import offer_link
from domain.common.enums import Access

_CATEGORIES = {"film": "film", "short": "court-métrage", "telefilm": "téléfilm"}


def cine_demo_feed(lines: Sequence[Listing], origin: str) -> Answer:
    """Semicolons, UTF-8 with a BOM, prices as « 2,99 » and « 7.99 euros », running times as « 1:45 »."""
    header = ["Code", "Titre", "Réalisateur", "Année", "Durée", "Catégorie", "Pays", "Tarif location", "Tarif achat", "URL"]
    table = _table(header, (_sold(line, origin) for line in lines), ";").encode("utf-8-sig")
    return lambda asked: _file(asked, "/export/catalogue.csv", table, "utf-8")


def kiosque_exemple_feed(lines: Sequence[Listing], origin: str) -> Answer:
    """Tabulations, cp1252, people parted by « / », a version and a definition for each line."""
    header = ["numero", "oeuvre", "auteur", "millesime", "minutes", "genre", "nationalite", "version", "definition", "adresse"]
    table = _table(header, (_included(line, origin) for line in lines), "\t").encode("cp1252")
    return lambda asked: _file(asked, "/liste.txt", table, "windows-1252")


def _file(asked: Request, path: str, table: bytes, encoding: str) -> Reply | None:
    return Reply(table, f"text/csv; charset={encoding}") if asked.path == path else None


def _table(header: list[str], rows: Iterable[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def _sold(line: Listing, origin: str) -> list[str]:
    cents = {way.access: way.cents or 0 for way in line.ways}
    rent = f"{cents[Access.RENT] / 100:.2f}".replace(".", ",") if Access.RENT in cents else ""
    buy = f"{cents[Access.BUY] / 100:.2f} euros" if Access.BUY in cents else ""
    length = f"{line.minutes // 60}:{line.minutes % 60:02}" if line.minutes else ""
    people, countries = ", ".join(line.directors), ", ".join(line.countries)
    about = [line.ref, line.title, people, str(line.year or ""), length, _CATEGORIES[line.category], countries]
    return [*about, rent, buy, offer_link(origin, line)]


def _included(line: Listing, origin: str) -> list[str]:
    version = "VF" if "France" in line.countries else ("VF", "VOSTFR")[draw("kiosque-exemple", line.ref, "version", 2)]
    definition = ("SD", "HD", "4K")[draw("kiosque-exemple", line.ref, "definition", 3)]
    about = [line.ref, line.title, " / ".join(line.directors), str(line.year or ""), str(line.minutes or "")]
    kept = [_CATEGORIES[line.category], " / ".join(line.countries), version, definition]
    return [*about, *kept, offer_link(origin, line)]
