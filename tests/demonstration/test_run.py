import socket

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from demonstration.run import run_demo
from domain.common.errors import UserError
from domain.db.engine import read_session
from domain.models.run import Run


@pytest.mark.parametrize("offset", [1, 6], ids=["the first service's", "the last service's"])
def test_a_service_port_already_taken_stops_before_anything_is_collected(sqlite_engine: Engine, offset: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match="port [0-9]+ : déjà pris"):
            run_demo(sqlite_engine, port - offset)
    with read_session(sqlite_engine) as session:
        assert session.exec(select(Run)).all() == []
