"""Count coverage tables one at a time: a heavy report must not hold all the threads that serve the site."""

from contextlib import AbstractContextManager

from flask import Flask, current_app

from webapp.core.work_slots import WorkSlots

SLOTS_KEY = "ouvoir.coverage_slots"
_MAX_WAITING_REQUESTS = 2
_WAIT_TIMEOUT = 20.0  # seconds


def reserve_counting_slot() -> AbstractContextManager[None]:
    """Hold the application's only count. Raises BusyError when others wait already, or after twenty seconds."""
    slots: WorkSlots = current_app.extensions[SLOTS_KEY]
    return slots.reserve("D’autres tableaux sont en cours de calcul : réessayez dans quelques secondes.")


def init_app(app: Flask) -> None:
    """Give the application the slot in which tables are counted."""
    app.extensions[SLOTS_KEY] = WorkSlots(1, _MAX_WAITING_REQUESTS, timeout=_WAIT_TIMEOUT)
