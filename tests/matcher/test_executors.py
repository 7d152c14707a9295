"""Where the work is done changes nothing: in this process, in two, or on a real Dask cluster of two workers."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from domain.common.errors import UserError
from domain.common.settings import ROOT
from matcher.blocking import FilmIndex
from matcher.model import load_model
from matcher.pipeline import link_entries
from matcher.work import Work
from tests.matcher.works import build_work

MODEL = load_model()


@pytest.fixture(scope="module")
def entries() -> list[Work]:
    return [build_work(str(rank), f"Film {rank % 90}", year=1960 + rank % 50, by="Agnès Varda") for rank in range(1_100)]


@pytest.fixture(scope="module")
def index() -> FilmIndex:
    films = (build_work(f"f{rank}", f"Film {rank}", year=1960 + rank % 50, by="VARDA Agnès") for rank in range(100))
    return FilmIndex(films)


def _started(command: list[str], sign: str) -> tuple[subprocess.Popen[str], str]:
    """A Dask process once it has said, on its error stream, the line that holds a sign."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if sign in line:
            return process, line.split()[-1]
    raise AssertionError(f"{command} ended without saying « {sign} »")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, on loopback."""
    folder = str(tmp_path_factory.mktemp("dask"))
    quiet = ["--no-dashboard"]
    scheduler, address = _started(
        ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *quiet], "Scheduler at:"
    )
    worker = ["distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", *quiet]
    workers = [_started([*worker, "--local-directory", folder], "Registered to:")[0] for _ in range(2)]
    yield address.replace("tcp://", "dask://")
    for process in (*workers, scheduler):
        process.terminate()
        process.wait(20)
        assert process.stderr is not None
        process.stderr.close()


def test_two_workers_decide_as_one(entries: list[Work], index: FilmIndex) -> None:
    assert link_entries(entries, index, MODEL, workers=2) == link_entries(entries, index, MODEL)


def test_a_dask_cluster_of_two_workers_decides_as_one_process(
    entries: list[Work], index: FilmIndex, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = link_entries(entries, index, MODEL)
    monkeypatch.setenv("OUVOIR_EXECUTOR", cluster)
    counts: list[int] = []
    assert link_entries(entries, index, MODEL, report_count=counts.append) == expected
    assert counts[-1] == len(entries)


@pytest.mark.parametrize(
    ("address", "message"),
    [("spark://127.0.0.1:1", "attendu : dask://machine:port"), ("dask://127.0.0.1:9", "aucun ordonnanceur Dask ne répond")],
)
def test_an_executor_that_cannot_be_used_is_told(
    entries: list[Work], index: FilmIndex, address: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_EXECUTOR", address)
    monkeypatch.setattr("matcher.executors._CONNECT_TIMEOUT", "1s")
    with pytest.raises(UserError, match=message):
        link_entries(entries, index, MODEL)
