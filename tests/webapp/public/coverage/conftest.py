"""The site over the ten films worked by hand, the day after they were collected."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from domain.db.engine import write_session
from tests.domain.coverage.scene import build_scene, days_later
from tests.webapp.conftest import Reader
from webapp.app import create_app


@pytest.fixture
def counted(sqlite_engine: Engine) -> Iterator[Flask]:
    with time_machine.travel(days_later(1), tick=False):
        with write_session(sqlite_engine) as session:
            build_scene(session)
        yield create_app(sqlite_engine)


@pytest.fixture
def reader(counted: Flask) -> FlaskClient:
    counted.test_client_class = Reader
    return counted.test_client()
