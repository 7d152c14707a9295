"""List what a fuzz run reads: saved answers of every format, and what reads each."""

import io
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import openpyxl
from parsel import Selector

from crawlers.extract.embedded_state import extract_film_from_state
from crawlers.extract.mapper import MappedRow, map_row
from crawlers.extract.structured_data import extract_film
from crawlers.formats.documents import read_document, read_index
from crawlers.items import UnreadableRow
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import DocumentSource, PageSource
from domain.common.environment import DATA, ROOT
from domain.common.errors import UserError

PAGES = ROOT / "tests" / "pages"
URL = "https://vod.example.fr/films/les-marees-hautes"
_MAX_ROWS = 300
_MOMENT = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")
_RULES = """
slug = "essai"
name = "Essai"
operator = "Société inventée"
verified = "sample"
sample = "none"
hosts = ["vod.example.fr"]
expect = {}
legal = {basis = "invented", evidence = "An invented service.", checked_on = 2026-11-22}
"""
NAMED_FORMAT_RULES = """
[source]
kind = "feed"
url = "https://vod.example.fr/feed"
format = "FORMAT"
[fields]
ref = "ref"
title = ["title", "text"]
year = ["year", "year_of"]
directors = ["directors", "names"]
runtime_min = "minutes"
countries = ["countries", "countries"]
url = "url"
ids.imdb = "ids.imdb"
[[offers]]
each = "offers[?contains(territories || ['FR'], 'FR')]"
access = {path = "offer.mode", words = {rental = "rent", rent = "rent", subscription = "subscription", VOD = "rent", EST = "buy"}}
price_cents = ["offer.price", "cents"]
currency = "offer.currency"
quality = {path = "offer.quality", words = {HD = "HD", SD = "SD", UHD = "UHD"}}
languages = ["offer.languages", "languages"]
starts = ["offer.starts", "date"]
ends = ["offer.ends", "last_day"]
url = "offer.url"
"""
XML_RULES = """
[source]
kind = "feed"
url = "https://vod.example.fr/films.xml"
format = "xml"
items = "catalogue.films.film"
announced = "catalogue.total"
[fields]
ref = '"@id"'
title = 'titre."#text"'
year = ["annee", "int"]
directors = ["realisateurs.nom", "names"]
runtime_min = ["duree", "minutes_from_seconds"]
url = "lien"
[[offers]]
each = "[offres.offre][]"
access = {path = 'offer."@type"', words = {location = "rent", achat = "buy", abonnement = "subscription"}}
price_cents = ['offer.prix."#text"', "cents"]
currency = 'offer.prix."@devise"'
"""


@dataclass(frozen=True)
class Format:
    """Represent saved answers of a format, and what yields their rows, mapped with a platform's rules."""

    samples: tuple[bytes, ...]
    platform: PlatformFile
    rows: Callable[[bytes], Iterable[object]]

    def read_rows(self, data: bytes) -> int:
        """Return the number of rows read and mapped. Raises UserError for a document refused."""
        read = 0
        for read, row in enumerate(self.rows(data), start=1):
            if read > _MAX_ROWS:
                break
            if not isinstance(row, UnreadableRow):
                _serialize_mapped(map_row(self.platform, row, self.platform.site))
        return read


def _serialize_mapped(mapped: MappedRow) -> bytes:
    """Serialize a row and its issues as the database takes them: everything must be sound text."""
    observation = mapped.observation.model_dump_json() if mapped.observation else ""
    return "".join([observation, *(issue.message + issue.ref for issue in mapped.issues)]).encode()


def make_platform(rules: str) -> PlatformFile:
    """Build the platform of an invented file."""
    return PlatformFile.model_validate(tomllib.loads(_RULES + rules))


def read_document_rows(platform: PlatformFile, alone: bool, data: bytes) -> Iterator[object]:
    """Return the rows of a document of a feed or an API, and for an index those that it lists."""
    assert isinstance(platform.source, DocumentSource)
    if platform.source.details and not alone:
        return iter(read_index(platform.source, data, "x").rows)
    return iter(read_document(platform, platform.source, data, "x", alone).rows)


def read_page_rows(platform: PlatformFile, data: bytes) -> Iterator[object]:
    """Yield the film of a web page, from its structured data or from the state that it embeds."""
    assert isinstance(platform.source, PageSource)
    page = Selector(data.decode("utf-8", "replace").replace("\0", "") or "<p>", type="html")
    film: Any = None
    with suppress(ValueError):
        film = extract_film_from_state(page, platform.source) if platform.source.state else extract_film(page, URL)[0]
    if film is None:
        raise UserError("aucun film")
    yield {"film": film, "page": {"url": URL, "ref": "1"}, "css": {}}


def make_workbook() -> bytes:
    """Make a small Avails workbook of invented works, the same at any hour."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    columns = "ALID Territory WorkType TitleDisplayUnlimited ReleaseYear Director TotalRunTime LicenseType FormatProfile"
    sheet.append(["Avail"] * 14)
    sheet.append([*columns.split(), "Start", "End", "SRP", "PriceCurrency", "AllowedLanguages"])
    for mode, price in (("VOD", 3.99), ("EST", 9.99)):
        film = ["md:alid:marees", "FR", "Movie", "Les Marées hautes", 2019, "Élise Carvalho", "01:37:00", mode, "HD"]
        sheet.append([*film, "2026-01-01", "Open", price, "EUR", "fr, en"])
    sheet.append(
        ["md:alid:phare", "FR, BE", "Movie", "Le Dernier Phare", "1974", None, None, "SVOD", "SD", "2026-01-01", "2027-01-01"]
    )
    saved, undated = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(undated, "w") as packed:
        for name in source.namelist():
            packed.writestr(zipfile.ZipInfo(name), _MOMENT.sub(b"2026-01-01T00:00:00Z", source.read(name)))
    return undated.getvalue()


def _read_samples(*names: str) -> tuple[bytes, ...]:
    return tuple((PAGES / name).read_bytes() for name in names)


def _make_feed_format(platform: PlatformFile, *samples: bytes, alone: bool = False) -> Format:
    return Format(samples, platform, partial(read_document_rows, platform, alone))


def _make_page_format(slug: str, *names: str) -> Format:
    platform = load_platform(slug, DATA / "platforms")
    return Format(_read_samples(*names), platform, partial(read_page_rows, platform))


def list_formats() -> dict[str, Format]:
    """Return every format by name."""
    folder = DATA / "platforms"
    shaped = {
        name: make_platform(NAMED_FORMAT_RULES.replace("FORMAT", name)) for name in ("media-actions", "gowatchit", "avails")
    }
    return {
        "json": _make_feed_format(load_platform("mubi", folder), *_read_samples("mubi-browse-films.json")),
        "csv": _make_feed_format(
            load_platform("orange", folder), *_read_samples("orange-vod-partner-utf8bom.csv", "orange-vod-partner-cp850.csv")
        ),
        "xml": _make_feed_format(make_platform(XML_RULES), *_read_samples("generic-films.xml")),
        "media-actions": _make_feed_format(shaped["media-actions"], *_read_samples("google-media-actions-feed.json")),
        "gowatchit": _make_feed_format(shaped["gowatchit"], *_read_samples("gowatchit-feed.json")),
        "avails-xml": _make_feed_format(shaped["avails"], *_read_samples("generic-avails.xml")),
        "avails-xlsx": _make_feed_format(shaped["avails"], make_workbook()),
        "json-ld": _make_page_format("video-exemple", "generic-jsonld-offers.html", "generic-jsonld-broken.html"),
        "state": _make_page_format("etat-exemple", "generic-nextjs-flight.html"),
    }
