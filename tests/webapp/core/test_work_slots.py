"""Few requests do the same heavy work at once, few others wait, and the rest are refused."""

import pytest

from webapp.core.work_slots import BusyError, WorkSlots


def test_one_works_and_the_next_gives_up_after_a_while() -> None:
    slots = WorkSlots(1, timeout=0.01)
    with slots.reserve("occupé"):
        with pytest.raises(BusyError, match="occupé"), slots.reserve("occupé"):
            pass
        assert not slots.is_full
    with slots.reserve("occupé"):
        pass


def test_when_as_many_wait_as_may_the_next_is_refused_at_once() -> None:
    slots = WorkSlots(1, 0, timeout=60)
    with slots.reserve("occupé"):
        assert slots.is_full
        with pytest.raises(BusyError), slots.reserve("occupé"):
            pass
    assert not slots.is_full


def test_a_failure_gives_its_slot_back() -> None:
    slots = WorkSlots(1, 0, timeout=0.01)
    with pytest.raises(ZeroDivisionError), slots.reserve("occupé"):
        raise ZeroDivisionError
    with slots.reserve("occupé"):
        assert slots.is_full
