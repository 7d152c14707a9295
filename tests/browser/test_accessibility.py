"""What axe-core can see of accessibility: the part of the criteria that a tool can check."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenPage

PAGES = ["/", "/recherche?q=dune", "/recherche?q=xyzzy", "/films/1-la-grande-vadrouille", "/films/2-le-guepard"]
PAGES += ["/couverture", "/methode", "/integrer", "/accessibilite", "/nulle-part", "/widget/1", "/editeurs/"]
PAGES += ["/signaler?film=1", "/introuvable", "/signalements?numero=x", "/ecoconception", "/plan-du-site", "/en/methode"]


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    for scheme, width in (("light", 320), ("light", 1280), ("dark", 320), ("dark", 1280)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == [], (scheme, width)
