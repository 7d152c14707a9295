"""Refuse a delivery as a whole, with a code; the sentence shown to the editor is made by the web pages."""

from enum import StrEnum

from ingest.results import Fault


class RefusalCode(StrEnum):
    """Say why nothing of a delivery is taken."""

    SERVICE_CLOSED = "service-closed"
    ALREADY_RECEIVING = "already-receiving"
    BODY_SLOT_BUSY = "body-slot-busy"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    NO_FULL_LIST = "no-full-list"
    DELIVERY_ON_HOLD = "delivery-on-hold"
    NOT_AN_OBJECT = "not-an-object"
    INVALID_ENVELOPE = "invalid-envelope"
    COUNT_MISMATCH = "count-mismatch"
    REMOVAL_IN_FULL_LIST = "removal-in-full-list"
    NO_TITLE = "no-title"
    MISSING_COLUMN = "missing-column"
    UNREADABLE_TABLE = "unreadable-table"
    TOO_MANY_ROWS = "too-many-rows"
    TOO_MANY_VALUES = "too-many-values"


class IngestRefusedError(Exception):
    """A delivery of which nothing is taken; `faults` are the faulty fields, `params` what the sentence about it must name."""

    def __init__(self, code: RefusalCode, faults: tuple[Fault, ...] = (), **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults
        self.params = params
