"""What several verbs ask for in the same words."""

from pathlib import Path

import click

FILE_PATH = click.Path(path_type=Path)
ROW_ID = click.IntRange(1, 2**31 - 1)
