"""Write what a person reads beside the results."""

import sys

import click


def report_progress(message: str) -> None:
    """Write a line of progress on the error stream, so that results can be piped."""
    click.echo(message, err=True)


def report_count(message: str) -> None:
    """Write a counting line over the one before, where the error stream is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{message}", err=True, nl=False)
