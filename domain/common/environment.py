"""Find the files that come with the program and the folder where it writes, without waiting for the settings to be parsed."""

import os
from pathlib import Path

from domain.common.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
_VAR_VARIABLE = "OUVOIR_VAR"
_REMOVED_VARIABLES = {
    "OUVOIR_EXECUTOR": "ce réglage n'existe plus, le rapprochement se partage entre les processeurs de la machine",
}


def _find_resources() -> Path:
    """Return the folder that holds `data/` and `migrations/`: the repository, or `share/ouvoir` where a wheel was installed."""
    installed = [folder / "share" / "ouvoir" for folder in (ROOT, *ROOT.parents)]
    return next((folder for folder in (ROOT, *installed) if (folder / "migrations").is_dir()), ROOT)


RESOURCES = _find_resources()
DATA = RESOURCES / "data"
MIGRATIONS = RESOURCES / "migrations"


def get_default_var() -> Path:
    """Return `var/` in the repository, or in the current folder for an installed program."""
    return (ROOT if RESOURCES == ROOT else Path.cwd()) / "var"


def get_var() -> Path:
    """Return the folder where the program writes, as `Settings.var` does."""
    written = os.environ.get(_VAR_VARIABLE)
    return Path(written) if written else get_default_var()


def get_removed_values() -> tuple[str | None, ...]:
    """Return the values of the variables that no longer mean anything."""
    return tuple(map(os.environ.get, _REMOVED_VARIABLES))


def refuse_removed_variables() -> None:
    """Raise UserError when a variable that no longer means anything is set."""
    for variable, meaning in _REMOVED_VARIABLES.items():
        if os.environ.get(variable):
            raise UserError(f"{variable} : {meaning}")
