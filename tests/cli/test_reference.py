"""Check that the pages that the program documents itself are up to date."""

import pytest

from cli.reference import PAGES
from domain.common.environment import ROOT
from domain.common.settings import VARIABLES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_that_of_the_program(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), f"{name} is old: run `make docs`"


def test_every_variable_is_documented() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assert [name for name in VARIABLES.values() if f"#{name}=" not in example] == []
