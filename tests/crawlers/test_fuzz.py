"""Damaged documents of every format are read, or refused in one French line; nothing is unhandled.

`python -m bench.fuzzing` tries thousands of them.
"""

import random

import pytest

from bench.fuzz_formats import Format, formats
from bench.fuzzing import fuzz
from bench.mangling import mangled

FORMATS = formats()


@pytest.mark.parametrize("tried", FORMATS.values(), ids=list(FORMATS))
def test_the_saved_answers_are_read_whole(tried: Format) -> None:
    for sample in tried.samples:
        assert tried.read(sample) >= 1


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_documents_are_read_or_refused(name: str) -> None:
    tally = fuzz(name, FORMATS[name], 120)
    assert tally.unhandled == [] and tally.read and tally.refused and tally.read + tally.refused == 120


def test_the_same_number_plays_the_same_document_again() -> None:
    for name in ("json", "avails-xlsx"):
        sample, again = FORMATS[name].samples[0], formats()[name].samples[0]
        assert mangled(sample, random.Random("7")) == mangled(again, random.Random("7")) != sample
