"""Weigh every kind of page: `python -m bench.pages [--write]`.

The demonstration, and a film at eight services (bench.site), behind the server of production, opened in Chromium with nothing
kept: bytes on the wire with their headers, as compressed as the site serves them; requests; elements; EcoIndex (bench.ecoindex).
`--write` writes what the page /ecoconception shows.
"""

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright
from sqlmodel import Session, col, select

from bench.alone import run_alone
from bench.ecoindex import compute_ecoindex
from bench.site import EIGHT_SERVICES_FILM_ID, build_site, serve_database
from domain.common.environment import DATA
from domain.common.paris_time import PARIS
from domain.db.engine import create_db_engine, read_session
from domain.films.directors import build_director_key
from domain.models.film import Film
from domain.offers.availability import is_available

_BUDGET = {"Film à huit services": (20_000, 4, 300), "Résultats": (20_000, 4, 300)}


@dataclass(frozen=True)
class PageWeight:
    """Represent a page: bytes on the wire, requests and elements; what it weighed alone, and how it was compressed."""

    name: str
    weight: int
    requests: int
    nodes: int
    page_bytes: int
    encoding: str

    @property
    def score(self) -> float:
        """Return the page's EcoIndex."""
        return compute_ecoindex(self.nodes, self.requests, self.weight / 1000)

    def format_row(self) -> str:
        """Format a row of the table."""
        budget = _BUDGET.get(self.name)
        over = budget and any(value > aim for value, aim in zip((self.weight, self.requests, self.nodes), budget, strict=True))
        size = f"{self.weight:7} {self.page_bytes:7} {self.encoding:8}"
        row = f"{self.name:32} {size} {self.requests:8} {self.nodes:6} {self.score:8.1f}"
        return f"{row}  {'over the aim' if over else ''}".rstrip()


def list_pages(session: Session) -> dict[str, str]:
    """Return one address of each kind of page, by its name in French."""
    at = datetime.now(UTC)
    films = select(Film).where(Film.id != EIGHT_SERVICES_FILM_ID).order_by(col(Film.popularity).desc().nulls_last(), col(Film.id))
    offered = session.exec(films.where(is_available(at)).limit(1)).one()
    absent = session.exec(films.where(~is_available(at)).limit(1)).one()
    eight = session.get_one(Film, EIGHT_SERVICES_FILM_ID)
    return {
        "Accueil": "/",
        "Résultats": "/recherche?q=vie",
        "Résultats, vingt films à voir": "/recherche?disponible=1",
        "Recherche sans résultat": "/recherche?q=xyzzy",
        "Film à huit services": f"/films/{EIGHT_SERVICES_FILM_ID}-{eight.slug}",
        "Film proposé": f"/films/{offered.id}-{offered.slug}",
        "Film sans offre": f"/films/{absent.id}-{absent.slug}",
        "Les services": "/services",
        "Service": "/services/cine-demo",
        "Nouveautés": "/nouveautes",
        "Derniers jours": "/derniers-jours",
        "Gratuit": "/gratuit",
        "Patrimoine": "/patrimoine",
        "Décennie": f"/decennies/{(offered.year or 1960) // 10 * 10}",
        "Réalisation": f"/realisations/{build_director_key(offered.directors[0])}",
        "Toute une liste": "/liste",
        "Signaler": f"/signaler?film={offered.id}",
        "Délais": "/fenetres",
        "Couverture": "/couverture",
        "Méthode": "/methode",
        "Accessibilité": "/accessibilite",
        "Écoconception": "/ecoconception",
        "Plan du site": "/plan-du-site",
        "Bloc pour partenaires": f"/widget/{EIGHT_SERVICES_FILM_ID}",
    }


def weigh_page(browser: Browser, name: str, address: str) -> PageWeight | None:
    """Weigh a page opened for the first time; return None when the site has no such page."""
    with browser.new_context() as context:
        page = context.new_page()
        network = _NetworkLog(context.new_cdp_session(page))
        response = page.goto(address, wait_until="networkidle")
        if response is None or response.status != 200:
            return None
        nodes = page.evaluate("document.querySelectorAll('*').length")
        encoding = response.header_value("content-encoding") or "none"
        return PageWeight(
            name, sum(network.weights.values()), len(network.weights), nodes, network.weights[network.page], encoding
        )


class _NetworkLog:
    """Record the bytes of each answer, as the browser counts them on the wire."""

    def __init__(self, session: CDPSession) -> None:
        self.weights: dict[str, int] = {}
        self.page = ""
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_finished)
        session.send("Network.enable")

    def _on_request(self, event: dict[str, Any]) -> None:
        if event["type"] == "Document":
            self.page = event["requestId"]

    def _on_finished(self, event: dict[str, Any]) -> None:
        self.weights[event["requestId"]] = int(event["encodedDataLength"])


def write_ecodesign(weighed: list[PageWeight]) -> None:
    """Write what the page /ecoconception shows."""
    day = datetime.now(PARIS).date().isoformat()
    blocks = [
        f'[[screens]]\nname = "{page.name}"\nweight = {page.weight}\nrequests = {page.requests}\nnodes = {page.nodes}\n'
        f"score = {page.score:.1f}\nday = {day}\n"
        for page in weighed
    ]
    head = "# What pages weigh (/ecoconception), written by `python -m bench.pages --write`. Not to be changed by hand.\n"
    (DATA / "ecodesign.toml").write_text("\n".join([head, *blocks]), "utf-8")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write data/ecodesign.toml")
    args = parser.parse_args()
    pages = []
    print(f"{'page':32}   bytes    page encoding requests  nodes EcoIndex")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        database = Path(scratch) / "site.db"
        run_alone(build_site, database)
        engine = create_db_engine(f"sqlite:///{database}")
        with read_session(engine) as session:
            addresses = list_pages(session)
        engine.dispose()
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        with (
            serve_database(database) as origin,
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser,
        ):
            for name, address in addresses.items():
                if page := weigh_page(browser, name, origin + address):
                    pages.append(page)
                print(page.format_row() if page else f"{name:32} not there", flush=True)
    if args.write:
        write_ecodesign(pages)


if __name__ == "__main__":
    main()
