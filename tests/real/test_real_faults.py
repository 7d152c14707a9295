"""Every fault of the replay on a list, and those of pages on a site; `python -m bench.faults` plays them on every platform."""

from pathlib import Path

import pytest

from bench.faults import MODES, FaultResult, try_faults
from bench.stage import Stage, run_replay
from tests.printed_tables import add_table
from tests.real.rehearsal import find_free_ports

pytestmark = pytest.mark.long
PLAYED = {"orange": MODES, "nextsite": ("captcha", "half", "dupes", "renamed", "xss", "traversal", "gone", "robots")}
Table = dict[tuple[str, str], FaultResult]


@pytest.fixture(scope="module")
def tried(shared: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Table:
    folder = tmp_path_factory.mktemp("faults")
    with run_replay(shared, find_free_ports(9), "--no-limits") as server:
        stages = [Stage(slug, server["platforms"][slug], folder / f"{slug}.db") for slug in PLAYED]
        played = (one for stage in stages for one in try_faults(server["control"], stage, PLAYED[stage.slug]))
        table = {(one.platform, one.mode): one for one in played}
    add_table(pytestconfig, "faults of the replay", [one.format_row() for one in table.values()])
    return table


def test_no_fault_changes_what_the_public_sees_nor_goes_unhandled(tried: Table) -> None:
    assert [one.format_row() for one in tried.values() if one.fault] == []


def test_every_fault_fits_one_platform_at_least(tried: Table) -> None:
    assert {mode for _, mode in tried} == set(MODES)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("half", "attendus au moins"),
        ("xss", "sous un autre nom"),
        ("captcha", "page HTML reçue au lieu d'un CSV"),
        ("tdm", "réserve la fouille"),
        ("bomb", "document trop gros"),
    ],
)
def test_a_held_run_says_why(tried: Table, mode: str, said: str) -> None:
    assert tried["orange", mode].status == 1 and said in tried["orange", mode].verdict
