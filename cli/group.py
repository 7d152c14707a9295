"""Load verbs lazily, and turn what goes wrong into one line and an exit status."""

import importlib
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import click

from cli.console import report_progress
from domain.common.errors import UserError


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Name a command that is imported only when it runs, and its help, which is known before."""

    module: str
    attribute: str
    help: str

    def load(self) -> click.Command:
        """Import the command and give it its help."""
        command = cast(click.Command, getattr(importlib.import_module(self.module), self.attribute))
        command.help = self.help
        return command


class LazyGroup(click.Group):
    """Group commands that are imported only when they run. A fault that a person can mend is one line and status 2."""

    def __init__(self, name: str, lazy_commands: Mapping[str, LazyCommand], **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self._lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the alphabet."""
        return sorted(self._lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        lazy = self._lazy_commands.get(cmd_name)
        return None if lazy is None else lazy.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        width = formatter.width - 6 - max(map(len, self._lazy_commands))
        rows = []
        for name in self.list_commands(ctx):
            stub = click.Command(name, help=self._lazy_commands[name].help)
            rows.append((name, stub.get_short_help_str(width)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit with 2 for what a person can mend, 1 for our own faults, whose trace goes to a file."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            report_progress(f"ouvoir : {error}")
            ctx.exit(2)
        except click.UsageError as error:
            command_path = error.ctx.command_path if error.ctx else "ouvoir"
            report_progress(f"ouvoir : {_format_usage_error(error)} (« {command_path} --help » pour l'usage)")
            ctx.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:
            _report_unexpected_error(error)
            ctx.exit(1)


def _format_usage_error(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as parameter):
            return f"il manque {parameter.get_error_hint(click.get_current_context())}"
        case click.NoSuchOption(option_name=option):
            return f"option inconnue : {option}"
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"valeur refusée pour {parameter.get_error_hint(click.get_current_context())}"
    return f"commande incomprise : {error.format_message()}"


def _report_unexpected_error(error: Exception) -> None:
    """Write the trace in `erreur.log`, and one line that names that file."""
    from domain.common.settings import get_settings

    path = get_settings().var / "erreur.log"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    report_progress(f"ouvoir : erreur inattendue ({type(error).__name__}), détails dans {path}")
