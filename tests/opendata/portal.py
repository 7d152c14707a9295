"""Serve a stand-in for the API of data.gouv.fr: it requires the key, parses multipart, and keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "une-cle-d-essai"
JsonObject = dict[str, Any]


class Portal:
    """Hold the data sets of the portal, and every request that changed something: (method, path)."""

    def __init__(self) -> None:
        self.datasets: dict[str, JsonObject] = {}
        self.writes: list[tuple[str, str]] = []
        self.reads = 0
        self.fails: dict[str, tuple[int, bytes]] = {}
        self.formats = ["csv", "json", "parquet"]
        self.root = ""

    def handle_write(self, method: str, parts: list[str], sent: Any) -> tuple[int, JsonObject]:
        """Apply a request to /api/1/datasets/…, and return a status and a JSON object."""
        self.writes.append((method, "/".join(parts)))
        if not parts:
            dataset_id = f"jeu-{len(self.datasets) + 1}"
            self.datasets[dataset_id] = {**sent, "id": dataset_id, "private": sent.get("private", False), "resources": {}}
            return 201, {"id": dataset_id}
        dataset = self.datasets[parts[0]]
        if method == "PUT" and len(parts) == 1:
            dataset.update({**sent, "private": sent.get("private", False)})  # the trap: left out, it becomes public
            return 200, {"id": parts[0]}
        if parts[-1] == "upload":
            resource_id = parts[2] if len(parts) == 4 else f"{parts[0]}-fichier-{len(dataset['resources']) + 1}"
            dataset["resources"].setdefault(resource_id, {}).update(sent | {"title": sent["filename"]})
            return (200 if len(parts) == 4 else 201), {"id": resource_id}
        dataset["resources"][parts[2]].update(sent)
        return 200, {"id": parts[2]}


class _Handler(BaseHTTPRequestHandler):
    portal: Portal

    def do_GET(self) -> None:
        self._handle_request()

    do_POST = do_PUT = do_GET  # noqa: N815

    def _handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.removeprefix("/api/1/datasets/").strip("/")
        if failing := next((answer for part, answer in self.portal.fails.items() if part in self.path), None):
            return self._send_answer(*failing)
        if self.headers.get("X-API-KEY") != KEY:
            return self._send_answer(401, json.dumps({"message": "Invalid API Key"}).encode())
        parts = path.split("/") if path else []
        if self.command == "GET":
            self.portal.reads += 1
            if path == "extensions":
                return self._send_answer(200, json.dumps(self.portal.formats).encode())
            dataset = self.portal.datasets.get(path)
            return self._send_answer(200 if dataset else 404, json.dumps(dataset or {"message": "not found"}).encode())
        status, payload = self.portal.handle_write(self.command, parts, self._parse_body(body))
        return self._send_answer(status, json.dumps(payload).encode())

    def _parse_body(self, body: bytes) -> JsonObject:
        kind = self.headers["Content-Type"]
        if not kind.startswith("multipart/form-data"):
            return dict(json.loads(body))
        parts = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body).get_payload()
        assert isinstance(parts, list) and len(parts) == 1
        part: Any = parts[0]
        assert part.get_param("name", header="Content-Disposition") == "file"
        return {"filename": part.get_filename(), "data": part.get_payload(decode=True).decode("latin-1")}

    def _send_answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@contextmanager
def serve_portal() -> Iterator[Portal]:
    """Serve the portal on a free port."""
    portal = Portal()
    handler = type("Handler", (_Handler,), {"portal": portal})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        portal.root = f"http://127.0.0.1:{server.server_port}"
        yield portal
        server.shutdown()
        thread.join()
