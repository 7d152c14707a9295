"""Serve the six invented services on loopback."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from demonstration.catalogues import CATALOGUES, read_demonstration_films
from demonstration.csv_feeds import make_cine_demo_feed, make_kiosque_exemple_feed
from demonstration.film_pages import SERVICE_NAME, make_videotheque_modele_site
from demonstration.http_service import Request, RequestHandler, Response, serve_http
from demonstration.json_services import make_cineclub_imaginaire_api, make_mediatheque_inventee_api, make_replay_fictif_feed
from demonstration.listing import Listing
from demonstration.offer_pages import find_offer_page
from domain.common.environment import DATA

FILMS = DATA / "demo" / "films.csv"
CatalogueWriter = Callable[[Sequence[Listing], str], RequestHandler]


@dataclass(frozen=True)
class Service:
    """Represent an invented service: its name, and how it writes its catalogue down."""

    name: str
    write: CatalogueWriter


SERVICES = {
    "cine-demo": Service("Ciné-Démo (plateforme inventée)", make_cine_demo_feed),
    "kiosque-exemple": Service("Kiosque Exemple (plateforme inventée)", make_kiosque_exemple_feed),
    "replay-fictif": Service("Rattrapage Fictif (plateforme inventée)", make_replay_fictif_feed),
    "cineclub-imaginaire": Service("Ciné-club Imaginaire (plateforme inventée)", make_cineclub_imaginaire_api),
    "mediatheque-inventee": Service("Médiathèque Inventée (plateforme inventée)", make_mediatheque_inventee_api),
    "videotheque-modele": Service(SERVICE_NAME, make_videotheque_modele_site),
}


@contextmanager
def serve_platforms(first_port: int) -> Iterator[dict[str, str]]:
    """Serve the six services on ports that follow each other until the block ends; give {slug: origin}.

    Port 0 takes any free ones. Raises UserError when a port is taken.
    """
    films = read_demonstration_films(FILMS)
    today = datetime.now(UTC).date()
    with ExitStack() as stack:
        origins = {}
        for offset, (slug, service) in enumerate(SERVICES.items()):
            listings = CATALOGUES[slug](films, today)
            port = first_port + offset if first_port else 0
            origins[slug] = stack.enter_context(serve_http(port, _make_handler_factory(service, listings)))
        yield origins


def _make_handler_factory(service: Service, listings: Sequence[Listing]) -> Callable[[str], RequestHandler]:
    def make(origin: str) -> RequestHandler:
        catalogue = service.write(listings, origin)

        def answer(request: Request) -> Response | None:
            return catalogue(request) or find_offer_page(service.name, listings, request)

        return answer

    return make
