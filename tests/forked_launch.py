"""Launch our modules as `crawlers.process_runner` does, but forked from a process that has imported them: see `fork_server`."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Self

ROOT = Path(__file__).resolve().parents[1]
Pipe = IO[bytes] | int


class ForkedProcess:
    """Represent a child of the fork server, with what the program uses of `subprocess.Popen`."""

    def __init__(self, connection: socket.socket, stdin: IO[bytes], stdout: IO[bytes] | None) -> None:
        self._connection, self.stdin, self.stdout = connection, stdin, stdout
        self.pid = int(connection.recv(64))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once the child has ended."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._connection.recv(64))
            except (TimeoutError, BlockingIOError) as error:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from error
        return self.returncode

    def get_peak_megabytes(self) -> int:
        """Return the peak of memory of the child, which has ended; it starts from that of the fork server, which is small."""
        self._connection.settimeout(None)
        self._connection.send(b"1")
        return int(self._connection.recv(64))

    def poll(self) -> int | None:
        """Return the exit code, or None while the child runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End the child by force, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for pipe in (self.stdout, self.stdin):
            if pipe is not None:
                pipe.close()
        self.wait()
        self._connection.close()


def launch_forked(
    module: str, arguments: list[str], extra_env: Mapping[str, str] | None = None, *, stdout: Pipe, stderr: Pipe
) -> ForkedProcess:
    """Do as `process_runner.launch_module`; a descriptor or file stands for itself, `PIPE` (of the output) and `DEVNULL` too."""
    request = {"module": module, "arguments": arguments, "environment": {**os.environ, **(extra_env or {})}}
    connection, remote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.send(json.dumps(request | {"folder": str(Path.cwd())}).encode())
    child_stdin, stdin = os.pipe()
    output, child_output = os.pipe() if stdout == subprocess.PIPE else (None, stdout)
    null = os.open(os.devnull, os.O_WRONLY)
    outputs = [_get_descriptor(pipe, null) for pipe in (child_output, stderr)]
    with remote:
        socket.send_fds(start_server(), [b"1"], [child_stdin, *outputs, remote.fileno()])
    for descriptor in {child_stdin, null, *([] if output is None else outputs[:1])}:
        os.close(descriptor)
    return ForkedProcess(connection, os.fdopen(stdin, "wb", 0), None if output is None else os.fdopen(output, "rb"))


def _get_descriptor(pipe: Pipe, null: int) -> int:
    """Return the descriptor of a file, of `DEVNULL`, or the one given."""
    if not isinstance(pipe, int):
        return pipe.fileno()
    return null if pipe == subprocess.DEVNULL else pipe


@cache
def start_server() -> socket.socket:
    """Start the fork server of this process of the tests, and return the socket that it takes requests from."""
    control, remote = socket.socketpair()
    command = [sys.executable, "-m", "tests.fork_server", str(remote.fileno())]
    with remote:
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[remote.fileno()])
    atexit.register(_stop_server, server, control)
    return control


def _stop_server(server: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    server.wait()
