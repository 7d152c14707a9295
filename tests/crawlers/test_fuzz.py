"""Damaged documents of every format are read, or refused in one French line; nothing is unhandled.

`python -m bench.fuzzing` tries thousands of them.
"""

import random

import pytest

from bench.fuzz_formats import Format, list_formats
from bench.fuzzing import fuzz_format
from bench.mangling import mangle_document

FORMATS = list_formats()


@pytest.mark.parametrize("tried", FORMATS.values(), ids=list(FORMATS))
def test_the_saved_answers_are_read_whole(tried: Format) -> None:
    for sample in tried.samples:
        assert tried.read_rows(sample) >= 1


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_documents_are_read_or_refused(name: str) -> None:
    tally = fuzz_format(name, FORMATS[name], 120)
    assert tally.unhandled == [] and tally.read and tally.refused and tally.read + tally.refused == 120


def test_the_same_number_plays_the_same_document_again() -> None:
    for name in ("json", "avails-xlsx"):
        sample, again = FORMATS[name].samples[0], list_formats()[name].samples[0]
        assert mangle_document(sample, random.Random("7")) == mangle_document(again, random.Random("7")) != sample
