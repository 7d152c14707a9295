"""The site over the scene, at a fixed moment: Sunday 22 November 2026, 14 h 37 in Paris."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests.conftest import NOW
from tests.prepared import prepare_database, restore_database
from tests.scene import build_scene
from webapp.app import create_app


@pytest.fixture(scope="session")
def scene_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the scene at that moment in a SQLite file, copied for each test."""
    return prepare_database(
        tmp_path_factory.mktemp("scene") / "scene.db", sqlite_template, NOW, lambda engine: build_scene(engine, NOW)
    )


@pytest.fixture
def app(sqlite_engine: Engine, scene_file: Path, moment: datetime) -> Flask:
    restore_database(scene_file, sqlite_engine)
    return create_app(sqlite_engine)


class Reader(FlaskClient):
    """Reads each answer to its end, so that the file behind it is closed."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = Reader
    return app.test_client()
