"""The shortlist is the same whatever the order in which sets of words are walked."""

import os
import subprocess
import sys

from domain.common.environment import ROOT

PROGRAM = """
from matcher.blocking import FilmIndex
from tests.matcher.works import build_work
right, wrong = ["love", "letter", "happier", "angeles"], ["lave", "lettre", "heppier", "angelas"]
titles = [" ".join(right[i] if i == kept else wrong[i] for i in range(4)) for kept in range(4)]
films = [build_work(f"{kept}-{twin}", titles[kept]) for kept in range(4) for twin in range(2)]
print(FilmIndex(films).find_candidates([build_work("e", " ".join(right))])[0].positions)
"""


def test_two_processes_find_the_same_films() -> None:
    outputs = set()
    for seed in ("1", "2", "3"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1 and outputs != {"[]\n"}
