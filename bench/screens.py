"""Photograph the kinds of pages for `docs/screens/`: `python -m bench.screens`. The services shown are invented."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.site import EIGHT_SERVICES_FILM_ID, build_site, serve_database
from domain.common.environment import ROOT

_FOLDER = ROOT / "docs" / "screens"
_WIDE, _NARROW, _HEIGHT = 1000, 320, 900
_FILM_WITHOUT_OFFER = 480
_SCREENS: dict[str, tuple[str, int, str, bool]] = {
    "accueil": ("/", _WIDE, "light", True),
    "accueil-etroit-sombre": ("/", _NARROW, "dark", True),
    "resultats": ("/recherche?q=la+nuit", _WIDE, "light", False),
    "film-avec-offres": (f"/films/{EIGHT_SERVICES_FILM_ID}", _WIDE, "light", True),
    "film-avec-offres-sombre": (f"/films/{EIGHT_SERVICES_FILM_ID}", _WIDE, "dark", False),
    "film-avec-offres-etroit": (f"/films/{EIGHT_SERVICES_FILM_ID}", _NARROW, "light", False),
    "film-sans-offre": (f"/films/{_FILM_WITHOUT_OFFER}", _WIDE, "light", True),
    "service": ("/services/cine-demo", _WIDE, "light", False),
}
"""By name: address, width, colours, and whether the whole page is taken or what is seen first."""


def take_screenshots(browser: Browser, site: str) -> None:
    """Take every screen of a site."""
    for name, (address, width, scheme, whole) in _SCREENS.items():
        options = {"viewport": {"width": width, "height": _HEIGHT}, "color_scheme": scheme}
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        page.goto(site + address)
        page.screenshot(path=_FOLDER / f"{name}.png", full_page=whole)
        page.context.close()


def main() -> None:
    """Build the demonstration in a temporary folder, and photograph it."""
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Path(folder) / "site.db"
        build_site(database)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with serve_database(database) as site:
            take_screenshots(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
