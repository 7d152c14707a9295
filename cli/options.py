"""What several verbs ask for in the same words."""

from pathlib import Path

import click

FILE = click.Path(path_type=Path)
NUMBER = click.IntRange(1, 2**31 - 1)
