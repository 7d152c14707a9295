"""Serve what benches of pages measure: the demonstration, and a film at eight more services, behind the server of production.

`python -m bench.site DATABASE` serves a database on a free port, and `python -m bench.site` a Flask page that says hello, under
the same settings; the first line printed is the address.
"""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from demonstration.build import build_demonstration
from demonstration.services import serve_platforms
from domain.common.enums import Access, Quality
from domain.common.environment import ROOT
from domain.common.progress import ignore_progress
from domain.db.engine import create_db_engine, write_session
from domain.db.migrate import upgrade
from domain.runs.observation import ObservedOffer
from tests.scene import add_film, add_service, make_offer
from webapp.api.rate_limit import set_quota
from webapp.app import create_app
from webapp.serve import bind_server

EIGHT_SERVICES_FILM_ID = 900_000
"""The number of the film at eight services."""
SERVICES = 8
_RENTING_SERVICES = 4


def build_site(database: Path) -> None:
    """Fill a new database with the demonstration and the film at eight services."""
    engine = create_db_engine(f"sqlite:///{database}")
    upgrade(engine)
    with serve_platforms(0) as origins:
        build_demonstration(engine, origins, ignore_progress)
    _add_eight_services(engine)
    engine.dispose()


def _add_eight_services(engine: Engine) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    facts: dict[str, Any] = {
        "year": 1966,
        "runtime_min": 123,
        "directors": ["Prénom Nom"],
        "countries": ["France", "Royaume-Uni"],
    }
    with write_session(engine) as session:
        add_film(session, EIGHT_SERVICES_FILM_ID, "Le Film aux huit services", ("The Film of Eight Services", "en"), **facts)
        for service_id in range(SERVICES):
            add_service(
                session,
                f"service-{service_id}",
                f"Service inventé {service_id + 1}",
                at,
                {EIGHT_SERVICES_FILM_ID: _make_offers(service_id)},
            )


def _make_offers(service_id: int) -> list[ObservedOffer]:
    """Make offers to rent and to buy in three qualities at half of the services, one offer with its dates at the others."""
    page = f"https://service-{service_id}.example/films/{EIGHT_SERVICES_FILM_ID}"
    if service_id >= _RENTING_SERVICES:
        access = (Access.FREE, Access.SUBSCRIPTION, Access.SUBSCRIPTION, Access.LIBRARY)[service_id - _RENTING_SERVICES]
        ends = datetime.now(UTC) + timedelta(days=40)
        return [make_offer(access, ends=ends, languages=["VF", "VOSTFR"], audio_description=True, sdh=True, url=page)]
    versions: dict[str, Any] = {"languages": ["VF", "VOSTFR"], "sdh": service_id % 2 == 0}
    return [
        make_offer(access, base_cents + 100 * rank, quality=quality, **versions, url=page)
        for access, base_cents in ((Access.RENT, 299), (Access.BUY, 799))
        for rank, quality in enumerate(Quality)
    ]


def create_hello_app() -> Flask:
    """Create the smallest Flask application."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app


@contextmanager
def serve_database(database: Path | None) -> Iterator[str]:
    """Give the address of the site over a database, or of hello, in a process of its own."""
    command = [sys.executable, "-m", "bench.site", *([str(database)] if database else [])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _create_site(database: str) -> Flask:
    """Create the site, without a limit to what one address may ask of the API."""
    application = create_app(create_db_engine(f"sqlite:///{database}"))
    set_quota(application, 10**9)
    return application


def main() -> None:
    """Serve until it is stopped."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # eight askers for eight threads: it would say so at each
    application = _create_site(sys.argv[1]) if sys.argv[1:] else create_hello_app()
    server = bind_server(application, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


if __name__ == "__main__":
    main()
