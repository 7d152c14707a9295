"""What every verb of the `ouvoir` command shares: its database, what it says, and what goes wrong told in one line."""

import sys
import traceback
from contextlib import suppress
from typing import Any

import click
from sqlalchemy import Engine

from domain.common.errors import UserError
from domain.common.settings import VAR
from domain.db.engine import create_db_engine
from domain.db.migrate import upgrade


def report_progress(line: str) -> None:
    """Progress goes to the error stream, so that results can be piped."""
    click.echo(line, err=True)


def report_count(line: str) -> None:
    """A counting line takes the place of the one before, where somebody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{line}", err=True, nl=False)


def open_database() -> Engine:
    """The database of the environment, brought to this version's tables."""
    engine = create_db_engine()
    upgrade(engine)
    return engine


def _format_usage_error(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as missing):
            return f"il manque {missing.get_error_hint(click.get_current_context())}"
        case click.NoSuchOption(option_name=option):
            return f"option inconnue : {option}"
        case click.BadParameter(param=click.Parameter() as refused):
            return f"valeur refusée pour {refused.get_error_hint(click.get_current_context())}"
    return f"commande incomprise : {error.format_message()}"


class CommandGroup(click.Group):
    """Turns what goes wrong into one line and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb; 2 for what a person can mend, 1 for our own faults, whose trace goes to a file."""
        try:
            return super().invoke(ctx)
        except UserError as problem:
            report_progress(f"ouvoir : {problem}")
            ctx.exit(2)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "ouvoir"
            report_progress(f"ouvoir : {_format_usage_error(error)} (« {command} --help » pour l'usage)")
            ctx.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:
            trace = VAR / "erreur.log"
            with suppress(OSError):
                trace.parent.mkdir(parents=True, exist_ok=True)
                trace.write_text(traceback.format_exc(), encoding="utf-8")
            report_progress(f"ouvoir : erreur inattendue ({type(error).__name__}), détails dans {trace}")
            ctx.exit(1)
