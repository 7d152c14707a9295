"""Run a function in a fresh process, so that its peak of memory is its own."""

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")


def run_alone(work: Callable[_Given, _Told], *given: _Given.args, **named: _Given.kwargs) -> _Told:
    """Return what a function returns in a process of its own; the caller must be small (see bench.peak)."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given, **named).result()


def peak_mb() -> int:
    """Return the peak of memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
