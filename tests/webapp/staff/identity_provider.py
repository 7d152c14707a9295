"""Run identity providers for the tests: a real one with ProConnect's habits, and one that says whatever a test wants."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import Key, RSAKey

from domain.common.environment import ROOT

SCRIPT, MODULES = Path(__file__).parent / "provider" / "provider.mjs", ROOT / "var" / "provider"
CLIENT, SECRET = "ouvoir", "un secret de test"
EMAIL, SIRET, SUBJECT = "camille.martin@exemple.fr", "13002526500013", "sujet-1"
MFA_ACR = "eidas1-mfa"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
ENVIRONMENT = {"OUVOIR_OIDC_CLIENT_ID": CLIENT, "OUVOIR_OIDC_CLIENT_SECRET": SECRET}


@contextmanager
def run_real_provider() -> Iterator[str]:
    """Run npm's oidc-provider on a free port, and yield its address."""
    node = shutil.which("node")
    if node is None or not (MODULES / "node_modules").exists():
        pytest.skip("no Node, or no identity provider (make provider): signing in by ProConnect is not tried on a real one")
    with subprocess.Popen([node, SCRIPT, MODULES], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


def authenticate(authorization_url: str, **typed: str) -> str:
    """Do what a person does at the real provider; return where it sends them back, path and query."""
    form = {"email": EMAIL, "sub": SUBJECT, "siret": SIRET, "acr": MFA_ACR} | typed
    with httpx.Client() as browser:
        answer = browser.get(authorization_url)
        while answer.next_request is not None and "/agents/" not in answer.headers["Location"]:
            answer = browser.send(answer.next_request)
            if answer.is_success:
                answer = browser.post(answer.url, data=form)
    assert answer.next_request is not None, answer.text
    back = answer.next_request.url
    return f"{back.path}?{back.query.decode()}"


@dataclass
class FakeProvider:
    """Represent a provider that signs anything: `overrides` gives other answers by path, `claims` other claims."""

    address: str = ""
    key: Key = field(default_factory=lambda: KEY)
    published_keys: list[Key] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo_claims: dict[str, Any] = field(default_factory=dict)
    signs_userinfo: bool = True
    overrides: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    nonce: str = ""

    def sign_claims(self, claims: dict[str, Any]) -> str:
        return jwt.encode(self.header, claims, self.key, algorithms=["RS256", "ES256", "HS256", "none"])

    def build_id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": SUBJECT,
            "nonce": self.nonce,
            "acr": MFA_ACR,
            "iat": now,
            "exp": now + 60,
        }
        return self.sign_claims({name: value for name, value in (claims | self.claims).items() if value is not None})

    def build_userinfo(self) -> tuple[str, str]:
        claims = {"sub": SUBJECT, "email": EMAIL, "siret": SIRET, "idp_id": "fournisseur-1"}
        if self.signs_userinfo:
            return "application/jwt", self.sign_claims({"iss": self.address, "aud": CLIENT} | claims | self.userinfo_claims)
        return "application/json", json.dumps(claims | self.userinfo_claims)

    def get_answer(self, path: str) -> tuple[str, str]:
        if path.startswith("/.well-known/"):
            metadata = {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/auth",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/me",
                "jwks_uri": f"{self.address}/jwks",
                "end_session_endpoint": f"{self.address}/end",
            }
            return "application/json", json.dumps(metadata)
        if path == "/jwks":
            keys = self.published_keys or [self.key]
            return "application/json", json.dumps({"keys": [key.as_dict(private=False) for key in keys]})
        if path == "/token":
            return "application/json", json.dumps({"access_token": "a", "id_token": self.build_id_token(), "expires_in": 60})
        return self.build_userinfo()


def _make_handler(provider: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length, path = int(self.headers.get("Content-Length") or 0), urlsplit(self.path).path
            provider.requests.append((path, parse_qs(self.rfile.read(length).decode())))
            status, body = provider.overrides.get(path, (200, b""))
            kind, usual = ("text/html", "") if path in provider.overrides else provider.get_answer(path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body or usual.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serve_fake_provider() -> Iterator[FakeProvider]:
    """Run an impostor on a free port."""
    provider = FakeProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(provider))
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
