"""Measure speed, growth and memory: `python -m bench.scaling --data ../shared/data`.

20,000 entries (real catalogues, and titles of the base with a slip of the finger) against the world base as it is, then
against the same grown to 700,000 films. The films added are made: titles recombined from pairs of words that real titles hold,
facts drawn from real films. Each run is the whole command, alone in its process, on two workers.
"""

import argparse
import csv
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.sets import iter_labelled_sets
from domain.common.environment import ROOT
from matcher.training.gold_sets import WORLD_REFERENCE, Rows, read_rows, write_entries

_ENTRIES, _GROWN_SIZE, _SEED = 20_000, 700_000, 7
_END = "\n"


def misspell(title: str, chance: random.Random) -> str:
    """Drop a letter, double it or take it for another."""
    if len(title) < 5:
        return title
    position = chance.randrange(1, len(title) - 1)
    return title[:position] + chance.choice(["", title[position] * 2, chance.choice("abcdefghij")]) + title[position + 1 :]


def make_entries(data: Path, films: Rows) -> Rows:
    """Make the entries: every catalogue against the world source, then films of that source, misspelt."""
    chance = random.Random(_SEED)
    entries = []
    for labelled in iter_labelled_sets(data):
        if labelled.reference == WORLD_REFERENCE and not labelled.blanked_columns:
            entries += [entry | {"id": f"{labelled.name} {entry['id']}"} for entry in labelled.entries]
    for film in chance.sample(films, _ENTRIES - len(entries)):
        facts = {name: film[name] for name in ("year", "directors", "runtime_min", "countries")}
        entries.append({"id": f"misspelt {film['id']}", "title": misspell(film["title"], chance), **facts})
    chance.shuffle(entries)
    return entries


def grow_reference(films: Rows, path: Path, size: int = _GROWN_SIZE) -> None:
    """Write the source with as many invented films as it takes; a smaller size gives the beginning of a larger one."""
    chance = random.Random(_SEED)
    following: defaultdict[str, list[str]] = defaultdict(list)
    for film in films:
        words = film["title"].split()
        for word, after in zip(["", *words], [*words, _END], strict=True):
            following[word].append(after)
    people = [name for film in films for name in film["directors"].split("|") if " " in name]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, films[0])
        writer.writeheader()
        writer.writerows(films)
        for rank in range(size - len(films)):
            model = chance.choice(films)
            first = chance.choice(people).split()[0]
            last = chance.choice(people).split()[-1]
            invented = dict.fromkeys(films[0], "")
            for column in ("year", "runtime_min", "countries", "popularity"):
                invented[column] = model[column]
            invented |= {"id": f"made{rank}", "title": _make_title(following, chance), "imdb": f"tt{50_000_000 + rank}"}
            invented |= {"directors": f"{first} {last}" if model["directors"] else "", "kind": "film"}
            writer.writerow(invented)


def _make_title(following: dict[str, list[str]], chance: random.Random) -> str:
    words: list[str] = []
    while len(words) < 9 and (word := chance.choice(following[words[-1] if words else ""])) != _END:
        words.append(word)
    return " ".join(words) or "?"


def run_link(reference: Path, entries: Path, output: Path) -> tuple[float, float, int]:
    """Return the seconds of index (files read included), of all the rest, and the peak of memory in megabytes."""
    command = [sys.executable, "-m", "bench.peak", sys.executable, "-c", "from cli.main import main; main()"]
    command += ["link", str(reference), str(entries), "--output", str(output), "--workers", "2"]
    started = time.perf_counter()
    environment = os.environ | {"OUVOIR_VAR": str(output.parent / "var")}  # without an index stored before
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    total = time.perf_counter() - started
    index = float(re.findall(r"index prêt en ([0-9,]+) s", result.stderr)[0].replace(",", "."))
    return index, total - index, int(result.stdout.rpartition("peak_mb=")[2])


def main() -> None:
    """Print one row a size, then the growth of the time of an entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    films = read_rows(data / WORLD_REFERENCE)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_entries(folder / "entries.csv", make_entries(data, films))
        grow_reference(films, folder / "grown.csv")
        rates = []
        for size, reference in ((len(films), data / WORLD_REFERENCE), (_GROWN_SIZE, folder / "grown.csv")):
            index, rest, peak = run_link(reference, folder / "entries.csv", folder / "links.csv")
            rates.append(_ENTRIES / rest)
            times = f"{size:7} films: index {index:5.1f} s, then {rest:5.1f} s for {_ENTRIES} entries ({rates[-1]:.0f}/s)"
            print(f"{times}, whole command {index + rest:.1f} s, peak {peak} MB", flush=True)
    print(f"growth of the time of an entry: {rates[0] / rates[1]:.2f} (aim 2.5 at most)")


if __name__ == "__main__":
    main()
