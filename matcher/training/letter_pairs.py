"""Count how often two letters follow each other in titles: `python -m matcher.training.letter_pairs --data ../shared/data`.

The weights of trigrams come from these counts, as those of comparisons come from a model: learnt once, and the same for
every base of films.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matcher.loaders.csv_files import read_reference
from matcher.training.gold_sets import CNC_REFERENCE, WORLD_REFERENCE
from matcher.trigrams import ALPHABET, LETTER_PAIRS_FILE, encode_characters

_RAREST = 0.005
"""Occurrences per thousand titles that a pair never seen is given."""


def count_letter_pairs(keys: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return, for each character and the next one, their occurrences per thousand titles, without the rarest."""
    codes = encode_characters(keys)
    size = len(ALPHABET)
    counts = np.bincount(codes[:-1] * size + codes[1:], minlength=size**2).reshape(size, size)
    counts[0, 0] = 0  # the gap between two titles
    per_thousand = np.round(counts * 1_000 / len(keys), 3)
    rows: dict[str, dict[str, float]] = {}
    for first, second in np.argwhere(per_thousand > _RAREST).tolist():
        rows.setdefault(ALPHABET[first], {})[ALPHABET[second]] = float(per_thousand[first, second])
    return rows


def main() -> None:
    """Write the counts of the titles of the two references beside the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the references")
    folder = parser.parse_args().data
    keys: list[str] = []
    for name in (CNC_REFERENCE, WORLD_REFERENCE):
        films, _ = read_reference(folder / name)
        for film in films:
            keys += film.title_keys
    rows = count_letter_pairs(keys)
    lines = [f"    {json.dumps(first)}: {json.dumps(row)}" for first, row in rows.items()]
    about = f"Occurrences per thousand titles of two characters in a row, in {len(keys)} titles; « rarest » for other pairs."
    head = f'{{\n  "about": {json.dumps(about, ensure_ascii=False)},\n  "rarest": {_RAREST},\n  "per_thousand_titles": {{\n'
    LETTER_PAIRS_FILE.write_text(head + ",\n".join(lines) + "\n  }\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
