"""Define `ouvoir demo`: the demonstration built and served."""

import click

from cli.database import open_database
from demonstration.run import run_demo


@click.command
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65500))
def demo(port: int) -> None:
    """Build the demonstration unless it is there, and serve it."""
    run_demo(open_database(), port)
