"""Weighs every kind of page: `python -m bench.pages [--write]`.

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

from bench.alone import alone
from bench.ecoindex import ecoindex
from bench.site import EIGHT, build_site, served
from domain.common.paris_time import PARIS
from domain.common.settings import DATA
from domain.db.engine import connect, reading
from domain.films.directors import director_key
from domain.models.film import Film
from domain.offers.availability import is_available

_BUDGET = {"Film à huit services": (20_000, 4, 300), "Résultats": (20_000, 4, 300)}


@dataclass(frozen=True)
class Weighed:
    """A page: bytes on the wire, requests and elements; what it weighed alone, and how it was compressed."""

    name: str
    weight: int
    requests: int
    nodes: int
    alone: int
    encoding: str

    @property
    def score(self) -> float:
        """Its EcoIndex."""
        return ecoindex(self.nodes, self.requests, self.weight / 1000)

    def line(self) -> str:
        """One line of the table."""
        most = _BUDGET.get(self.name)
        over = most and any(seen > aim for seen, aim in zip((self.weight, self.requests, self.nodes), most, strict=True))
        told = (
            f"{self.name:32} {self.weight:7} {self.alone:7} {self.encoding:8} {self.requests:8} {self.nodes:6} {self.score:8.1f}"
        )
        return f"{told}  {'over the aim' if over else ''}".rstrip()


def pages(session: Session) -> dict[str, str]:
    """One address of each kind of page, by its name in French."""
    at = datetime.now(UTC)
    films = select(Film).where(Film.id != EIGHT).order_by(col(Film.popularity).desc().nulls_last(), col(Film.id))
    offered, absent = (session.exec(films.where(wanted).limit(1)).one() for wanted in (is_available(at), ~is_available(at)))
    eight = session.get_one(Film, EIGHT)
    return {
        "Accueil": "/",
        "Résultats": "/recherche?q=vie",
        "Résultats, vingt films à voir": "/recherche?disponible=1",
        "Recherche sans résultat": "/recherche?q=xyzzy",
        "Film à huit services": f"/films/{EIGHT}-{eight.slug}",
        "Film proposé": f"/films/{offered.id}-{offered.slug}",
        "Film sans offre": f"/films/{absent.id}-{absent.slug}",
        "Les services": "/services",
        "Service": "/services/cine-demo",
        "Nouveautés": "/nouveautes",
        "Derniers jours": "/derniers-jours",
        "Gratuit": "/gratuit",
        "Patrimoine": "/patrimoine",
        "Décennie": f"/decennies/{(offered.year or 1960) // 10 * 10}",
        "Réalisation": f"/realisations/{director_key(offered.directors[0])}",
        "Toute une liste": "/liste",
        "Signaler": f"/signaler?film={offered.id}",
        "Délais": "/fenetres",
        "Couverture": "/couverture",
        "Méthode": "/methode",
        "Accessibilité": "/accessibilite",
        "Écoconception": "/ecoconception",
        "Plan du site": "/plan-du-site",
        "Bloc pour partenaires": f"/widget/{EIGHT}",
    }


def weigh(browser: Browser, name: str, address: str) -> Weighed | None:
    """A page opened for the first time; None when the site has no such page."""
    with browser.new_context() as context:
        page = context.new_page()
        seen = _Seen(context.new_cdp_session(page))
        answer = page.goto(address, wait_until="networkidle")
        if answer is None or answer.status != 200:
            return None
        nodes = page.evaluate("document.querySelectorAll('*').length")
        encoding = answer.header_value("content-encoding") or "none"
        return Weighed(name, sum(seen.weights.values()), len(seen.weights), nodes, seen.weights[seen.page], encoding)


class _Seen:
    """The bytes of each answer, as the browser counts them on the wire."""

    def __init__(self, session: CDPSession) -> None:
        self.weights: dict[str, int] = {}
        self.page = ""
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        if event["type"] == "Document":
            self.page = event["requestId"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.weights[event["requestId"]] = int(event["encodedDataLength"])


def write(weighed: list[Weighed]) -> None:
    """Writes what the page /ecoconception shows."""
    day = datetime.now(PARIS).date().isoformat()
    blocks = [
        f'[[screens]]\nname = "{one.name}"\nweight = {one.weight}\nrequests = {one.requests}\nnodes = {one.nodes}\n'
        f"score = {one.score:.1f}\nday = {day}\n"
        for one in weighed
    ]
    head = "# What pages weigh (/ecoconception), written by `python -m bench.pages --write`. Not to be changed by hand.\n"
    (DATA / "ecodesign.toml").write_text("\n".join([head, *blocks]), "utf-8")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write data/ecodesign.toml")
    asked = parser.parse_args()
    weighed = []
    print(f"{'page':32}   bytes    page encoding requests  nodes EcoIndex")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        database = Path(scratch) / "site.db"
        alone(build_site, database)
        engine = connect(f"sqlite:///{database}")
        with reading(engine) as session:
            addresses = pages(session)
        engine.dispose()
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        with served(database) as origin, playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser:
            for name, address in addresses.items():
                if one := weigh(browser, name, origin + address):
                    weighed.append(one)
                print(one.line() if one else f"{name:32} not there", flush=True)
    if asked.write:
        write(weighed)


if __name__ == "__main__":
    main()
