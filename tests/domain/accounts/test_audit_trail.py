"""Audit trail: the database itself refuses to change what was written."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from domain.accounts.audit_trail import log_audit_event
from domain.db.engine import read_session, write_session
from domain.models.agent import AuditLine
from tests.domain.builders import NOON


@pytest.mark.parametrize("change", ["UPDATE auditline SET action = 'none'", "DELETE FROM auditline"])
def test_what_was_done_can_neither_be_changed_nor_erased(engine: Engine, change: str) -> None:
    with write_session(engine) as session:
        log_audit_event(session, NOON, None, "same", before={"year": 1959}, after={"year": 1960})
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(text(change))
    with read_session(engine) as session:
        event = session.exec(select(AuditLine)).one()
    assert (event.action, event.before, event.after) == ("same", {"year": 1959}, {"year": 1960})
