"""The shortlist is the same whatever the order in which sets of words are walked."""

import os
import subprocess
import sys

from records.settings import ROOT

PROGRAM = """
from matcher.shortlist import FilmIndex
from tests.matcher.works import work
films = [work(f"{number:04}", f"love letter {'abcdefghij'[number % 10]} angeles happier {number}") for number in range(900)]
print(FilmIndex(films).near(work("e", "happier than ever a love letter to los angeles")))
"""


def test_two_processes_find_the_same_films() -> None:
    told = set()
    for seed in ("1", "2", "3"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
        told.add(done.stdout)
    assert len(told) == 1 and told != {"[]\n"}
