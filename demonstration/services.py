"""The six invented services, served on loopback."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from demonstration.catalogues import CATALOGUES, demonstration_films
from demonstration.csv_feeds import cine_demo_feed, kiosque_exemple_feed
from demonstration.film_pages import SERVICE, videotheque_modele_site
from demonstration.http_service import Answer, Reply, Request, serving
from demonstration.json_services import cineclub_imaginaire_api, mediatheque_inventee_api, replay_fictif_feed
from demonstration.listing import Listing
from demonstration.offer_pages import offer_page
from domain.common.settings import DATA

FILMS = DATA / "demo" / "films.csv"
Writer = Callable[[Sequence[Listing], str], Answer]


@dataclass(frozen=True)
class Service:
    """An invented service: its name, and how it writes its catalogue down."""

    name: str
    write: Writer


SERVICES = {
    "cine-demo": Service("Ciné-Démo (plateforme inventée)", cine_demo_feed),
    "kiosque-exemple": Service("Kiosque Exemple (plateforme inventée)", kiosque_exemple_feed),
    "replay-fictif": Service("Rattrapage Fictif (plateforme inventée)", replay_fictif_feed),
    "cineclub-imaginaire": Service("Ciné-club Imaginaire (plateforme inventée)", cineclub_imaginaire_api),
    "mediatheque-inventee": Service("Médiathèque Inventée (plateforme inventée)", mediatheque_inventee_api),
    "videotheque-modele": Service(SERVICE, videotheque_modele_site),
}


@contextmanager
def serve_platforms(first_port: int) -> Iterator[dict[str, str]]:
    """Serves the six services on ports that follow each other until the block ends; gives {slug: origin}.

    Port 0 takes any free ones. Raises Problem when a port is taken.
    """
    films, today = demonstration_films(FILMS), datetime.now(UTC).date()
    with ExitStack() as stack:
        origins = {}
        for number, (slug, service) in enumerate(SERVICES.items()):
            lines = CATALOGUES[slug](films, today)
            port = first_port + number if first_port else 0
            origins[slug] = stack.enter_context(serving(port, _answers(service, lines)))
        yield origins


def _answers(service: Service, lines: Sequence[Listing]) -> Callable[[str], Answer]:
    def make(origin: str) -> Answer:
        catalogue = service.write(lines, origin)

        def answer(asked: Request) -> Reply | None:
            return catalogue(asked) or offer_page(service.name, lines, asked)

        return answer

    return make
