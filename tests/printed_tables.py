"""Tables of figures that tests print at the end of the run, from whichever process of the tests they come."""

from typing import Any

import pytest

Tables = list[tuple[str, list[str]]]
_TABLES = pytest.StashKey[Tables]()


def add_table(config: pytest.Config, title: str, lines: list[str]) -> None:
    """Keeps a table for the end of the run."""
    if (output := getattr(config, "workeroutput", None)) is None:
        config.stash.setdefault(_TABLES, []).append((title, lines))
    else:
        output.setdefault("tables", []).append((title, lines))


def collect_tables(config: pytest.Config, output: dict[str, Any]) -> None:
    """Takes the tables of a process of the tests that ends."""
    config.stash.setdefault(_TABLES, []).extend(output.get("tables", []))


def get_tables(config: pytest.Config) -> Tables:
    """The tables to print."""
    return config.stash.get(_TABLES, [])
