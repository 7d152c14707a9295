"""Define the types and options that several verbs share."""

from pathlib import Path

import click

from domain.common.environment import DATA

FILE_PATH = click.Path(path_type=Path)
ROW_ID = click.IntRange(1, 2**31 - 1)
PLATFORMS_OPTION = click.option(
    "--platforms", type=FILE_PATH, default=DATA / "platforms", show_default="data/platforms", help="Dossier des plateformes."
)
