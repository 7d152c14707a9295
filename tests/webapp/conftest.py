"""The site over the scene, at a fixed moment: Sunday 22 November 2026, 14 h 37 in Paris."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests.webapp.scene import build_scene
from webapp.app import create_app

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)


@pytest.fixture
def moment() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def app(sqlite_engine: Engine, moment: datetime) -> Flask:
    build_scene(sqlite_engine, moment)
    return create_app(sqlite_engine)


class Reader(FlaskClient):
    """Reads each answer to its end, so that the file behind it is closed."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = Reader
    return app.test_client()
