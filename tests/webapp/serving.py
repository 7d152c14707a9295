"""The site on a free port, in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from webapp.serve import open_server


@contextmanager
def serve_site(engine: Engine) -> Iterator[str]:
    """Gives the site's address; the workers end first, so that none wakes a loop that has closed.

    A browser may leave while an answer is on its way: its connection is closed too, or the loop would wait for it for ever.
    """
    server = open_server(engine, "127.0.0.1", 0)

    def stop() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.close()

    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()
    server.trigger.pull_trigger(stop)
    thread.join(timeout=10)
    assert not thread.is_alive()
