"""Run the demonstration: six invented services, then the site."""

from contextlib import closing, suppress

import click
from sqlalchemy import Engine

from demonstration.build import ensure_built, ensure_exported
from demonstration.http_service import HOST
from demonstration.services import serve_platforms
from matcher.reconcile import build_row_matcher
from webapp.serve import open_server


def run_demo(engine: Engine, port: int) -> None:
    """Serve the site on a port and the invented services on the six that follow, until Ctrl-C.

    The database has this version's tables; what an earlier start built in it is used again.
    Raises UserError when a port is taken, or when the database holds real data.
    """
    server = open_server(engine, HOST, port, build_row_matcher)
    with closing(server) as site, suppress(KeyboardInterrupt), serve_platforms(port + 1) as origins:
        ensure_built(engine, origins, click.echo)
        ensure_exported(engine, f"http://{HOST}:{port}", click.echo)
        click.echo(f"Site prêt : http://{HOST}:{port} (Ctrl-C pour arrêter)")
        site.run()
    click.echo("Démonstration arrêtée.")
