"""A collection killed at any moment leaves the live state intact; `python -m bench.killing` strikes a hundred times."""

import random
from pathlib import Path

import pytest

from bench.killing import Killer, kill_runs
from bench.stage import Stage
from tests.real.rehearsal import run_replay

pytestmark = pytest.mark.long


def test_runs_killed_at_random_leave_the_live_state_intact(shared: Path, tmp_path: Path) -> None:
    with run_replay(shared) as told:
        killer = Killer(Stage("orange", told["platforms"]["orange"], tmp_path / "ouvoir.db"))
        assert kill_runs(killer, 6, random.Random(7)) == []
        assert killer.outcomes.total() == 6
