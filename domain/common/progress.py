"""Define the function through which a long task tells whoever started it how far it is."""

from collections.abc import Callable

ProgressCallback = Callable[[str], None]
"""Receives one French line at a time."""


def ignore_progress(message: str) -> None:
    """Do nothing with a line of progress."""
