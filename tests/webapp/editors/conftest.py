"""Set up an editor's service, its two keys, and the site as the editor's program sees it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select
from werkzeug.test import TestResponse

from domain.db.engine import read_session, write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.run import Run
from domain.runs.editor_keys import create_key
from tests.domain.builders import make_platform
from webapp.app import create_app

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parents[2] / "pages" / "cnc-editor-products-push.json"
SLUG, CATALOGUE = "exemple-vod", "/editeurs/v1/catalogue"
JsonObject = dict[str, Any]


def make_product(number: str, **facts: Any) -> JsonObject:
    """Build a valid product: a rental at 3.99 €, on the service's own site."""
    return {"idProductEditor": number, "mode": "TVOD", "price": 3.99, "url": "https://vod.example.fr/1", **facts}


def make_title(number: str, *products: JsonObject, **facts: Any) -> JsonObject:
    """Build a valid title, with one product unless others are given."""
    editor_products = list(products) or [make_product(f"{number}-L")]
    return {"idTitleEditor": number, "type": "movie", "frTitle": f"Film {number}", "editorProduct": editor_products, **facts}


def make_delivery(*titles: Any, **facts: Any) -> JsonObject:
    """Build a delivery whose totals are right."""
    products = [title["editorProduct"] for title in titles if isinstance(title, dict)]
    totals = {"totalTitles": len(titles), "totalProducts": sum(map(len, products))}
    return {"editorTitles": list(titles), **totals, **facts}


@dataclass
class EditorClient:
    """Represent an editor's program, with its keys and our database."""

    client: FlaskClient
    engine: Engine
    prod_key: str
    recette_key: str

    def post(self, content: Any, key: str | None = None, kind: str = "application/json", **headers: str) -> TestResponse:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        signed = {"Authorization": f"Bearer {self.prod_key if key is None else key}", "Content-Type": kind, **headers}
        return self.client.post(CATALOGUE, data=data, headers={name.replace("_", "-"): value for name, value in signed.items()})

    def get(self, address: str, key: str | None = None) -> TestResponse:
        signed = {"Authorization": f"Bearer {self.prod_key if key is None else key}"}
        return self.client.get(f"/editeurs/v1/{address}", headers=signed)

    def list_runs(self) -> list[Run]:
        with read_session(self.engine) as session:
            return list(session.exec(select(Run).order_by(col(Run.id))))

    def list_open_offers(self) -> dict[str, list[Offer]]:
        """Return the open offers by title."""
        with read_session(self.engine) as session:
            stmt = select(Entry.ref, Offer).join(Offer).where(col(Offer.closed_at).is_(None)).order_by(col(Offer.id))
            offers: dict[str, list[Offer]] = {}
            for ref, offer in session.exec(stmt):
                offers.setdefault(ref, []).append(offer)
            return offers


def make_editor_client(engine: Engine, **expect: Any) -> EditorClient:
    with write_session(engine) as session:
        platform = make_platform(session, SLUG)
        platform.name, platform.hosts = "Exemple VOD", ["vod.example.fr"]
        platform.expect = {"max_drop": 0.5, "unmapped": 0.5, "unknown_words": 0.5, **expect}
        session.add(platform)
        keys = [create_key(session, SLUG, "Exemple SA", recette, NOW) for recette in (False, True)]
    return EditorClient(create_app(engine).test_client(), engine, *keys)


@pytest.fixture(autouse=True)
def locks_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def service(engine: Engine, clock: time_machine.Traveller) -> EditorClient:
    """Return the service on each database."""
    return make_editor_client(engine)


@pytest.fixture
def sqlite_service(sqlite_engine: Engine, clock: time_machine.Traveller) -> EditorClient:
    """Return the service on SQLite, for what does not depend on the database."""
    return make_editor_client(sqlite_engine)
