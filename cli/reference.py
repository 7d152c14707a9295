"""Write the pages that the program documents itself: `docs/commands.md`, `docs/configuration.md` and `.env.example`.

`make docs` runs it; a test says when a page is no longer that of the program.
"""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import click

from cli.main import main
from domain.common.environment import ROOT
from domain.common.settings import VARIABLES, Settings

_HELP_WIDTH = 110
_COMMENT_WIDTH = 118
_COMMANDS_HEADER = """# The command

`make install` leaves it at `.venv/bin/ouvoir`. Results go to the standard output, progress to the error stream. Bad input is
told there in one line, with exit status 2. The texts below are the command's own help, in French as all that it prints.
"""
_CONFIGURATION_HEADER = """# Configuration

The environment configures the program; an empty variable counts as absent. A bad value is told in one line.

| variable | meaning | default |
|---|---|---|
"""
_CONFIGURATION_FOOTER = """
A platform file may name further variables that hold its keys; the values are never written anywhere.

`.env.example` holds the same list; the program reads no such file by itself: give it to whatever starts the program
(`set -a; . ./.env`, systemd's `EnvironmentFile=`, a container's `--env-file`).

A proxy on this machine, or on its private network, is believed: the last of `X-Forwarded-For` is who asks (the API's
limit), the last of `X-Forwarded-Proto` says whether addresses printed in pages, answers and codes start with `https`.
Have it write both over what visitors send.
"""
_ENV_HEADER = (
    "# The settings of OùVoir, all at their defaults: uncomment what you change. docs/configuration.md lists them too.\n"
)


def render_commands() -> str:
    """Return the Markdown page of the commands: their list, then the help of each."""
    context = click.Context(main, info_name="ouvoir")
    contents: list[str] = []
    sections: list[str] = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        contents.append(f"| [`{name}`](#ouvoir-{name}) | {command.help} |")
        sections += _render_command(command, name, context)
    table = "\n".join(["| verb | what it does |", "|---|---|", *contents])
    return "\n".join([_COMMANDS_HEADER, table, "", *sections])


def _render_command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """Yield the section of a command, then those of its own verbs."""
    context = click.Context(command, info_name=name, parent=parent, max_content_width=_HELP_WIDTH, terminal_width=_HELP_WIDTH)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for verb, child in command.commands.items():
            yield from _render_command(child, verb, context)


def render_configuration() -> str:
    """Return the Markdown page of the environment variables."""
    rows = [f"| `{VARIABLES[name]}` | {meaning} | {default} |\n" for name, meaning, default in _iter_fields()]
    return _CONFIGURATION_HEADER + "".join(rows) + _CONFIGURATION_FOOTER


def render_env_example() -> str:
    """Return a file of settings where every variable is a comment that shows its default."""
    blocks = [_ENV_HEADER]
    for name, meaning, default in _iter_fields():
        comment = wrap(f"{meaning[0].upper()}{meaning[1:]}. Default: {default}.", _COMMENT_WIDTH)
        blocks.append("".join(f"# {line}\n" for line in comment) + f"#{VARIABLES[name]}=\n")
    return "\n".join(blocks)


def _iter_fields() -> Iterator[tuple[str, str, str]]:
    """Yield the name of each setting, what it means, and its default as it is printed."""
    for name, field in Settings.model_fields.items():
        assert field.description is not None
        assert isinstance(field.json_schema_extra, dict)
        yield name, field.description, str(field.json_schema_extra["default"])


PAGES = {
    "docs/commands.md": render_commands,
    "docs/configuration.md": render_configuration,
    ".env.example": render_env_example,
}
"""How each page is made."""


def write_pages(folder: Path = ROOT) -> None:
    """Write every page under a folder."""
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
