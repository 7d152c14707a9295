"""Where the work is done changes nothing: in this process or in several."""

from collections.abc import Iterator

import pytest

from domain.common.errors import UserError
from matcher.blocking import FilmIndex
from matcher.executors import count_processors, run_chunks
from matcher.model import load_model
from matcher.pipeline import link_entries
from tests.matcher.works import build_work


def _multiply(factor: int, number: int) -> int:
    if number == 6:
        raise UserError("six")
    return factor * number


def _count_until(last: int, message: str) -> Iterator[int]:
    yield from range(last)
    raise UserError(message)


def test_two_workers_decide_as_one() -> None:
    entries = [build_work(str(rank), f"Film {rank % 90}", year=1960 + rank % 50, by="Agnès Varda") for rank in range(1_100)]
    index = FilmIndex(build_work(f"f{rank}", f"Film {rank}", year=1960 + rank % 50, by="VARDA Agnès") for rank in range(100))
    counts: list[int] = []
    decisions = link_entries(entries, index, load_model(), workers=2, report_count=counts.append)
    assert decisions == link_entries(entries, index, load_model())
    assert counts == [500, 1_000, 1_100]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_chunks(workers: int) -> None:
    assert list(run_chunks(_multiply, 3, [5, 1, 4, *range(7, 40)], workers)) == [15, 3, 12, *range(21, 120, 3)]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("last", "message"), [(5, "end"), (20, "six")])
def test_of_several_errors_the_first_one_is_raised(workers: int, last: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        list(run_chunks(_multiply, 2, _count_until(last, "end"), workers))


def test_there_is_at_least_one_processor() -> None:
    assert count_processors() >= 1
