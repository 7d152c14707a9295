"""Links over TLS: asked at the address found fit, under the service's name, and only with a certificate of that name."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawlers.link_checker.client import LinkChecker
from crawlers.link_checker.statuses import LinkCheckResult
from crawlers.platform_files.loader import PlatformFile
from domain.common.enums import LinkFinding
from tests.crawlers.link_checker.conftest import FILM_PATH, FakeService, _Server

pytestmark = pytest.mark.usefixtures("rehearsing")
NAME = "localhost"


def certificate(folder: Path, name: str) -> Path:
    """Return a file with the certificate of a name, signed by itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


Serve = Callable[[str], str]


@pytest.fixture
def secure(tmp_path: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serve the service under the certificate of a name, which is trusted; gives its address, on localhost."""
    servers: list[ThreadingHTTPServer] = []

    def serve(name: str) -> str:
        file = certificate(tmp_path, name)
        monkeypatch.setattr("certifi.where", lambda: str(file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.sni_callback = lambda _socket, server_name, _context: service.user_agents.add(f"SNI {server_name}")
        server = _Server(service)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"https://{NAME}:{server.server_address[1]}"

    monkeypatch.setenv("OUVOIR_CONTACT", "https://cinema.example/robot")
    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def on_localhost(platform: PlatformFile) -> PlatformFile:
    return platform.model_copy(update={"hosts": frozenset({NAME})})


def test_a_page_is_asked_under_the_name_of_the_service(secure: Serve, service: FakeService, platform: PlatformFile) -> None:
    service.set_response(FILM_PATH, 200)
    address = secure(NAME)
    with LinkChecker(on_localhost(platform)) as checker:
        assert checker.check_link(address + FILM_PATH) == LinkCheckResult(LinkFinding.FINE, 200)
    assert f"SNI {NAME}" in service.user_agents and service.list_film_requests() == [f"HEAD {FILM_PATH}"]


def test_a_certificate_of_another_name_is_a_fault(secure: Serve, service: FakeService, platform: PlatformFile) -> None:
    address = secure("ailleurs.example")
    with LinkChecker(on_localhost(platform)) as checker:
        assert checker.check_link(address + FILM_PATH) == LinkCheckResult(LinkFinding.FAULT)
    assert service.requests == []


def test_a_name_that_leads_to_this_machine_is_not_even_connected_to(
    platform: PlatformFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", "https://cinema.example/robot")
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.2)
        with LinkChecker(on_localhost(platform)) as checker:
            assert checker.check_link(f"https://{NAME}:{server.getsockname()[1]}/film") == LinkCheckResult(LinkFinding.FAULT)
        with pytest.raises(TimeoutError):
            server.accept()
