"""Query a SPARQL endpoint politely: one request at a time, paused, patient when told to wait, wary of what answers."""

import json
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Annotated, Self
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, ValidationError

from crawlers.addresses import is_loopback, is_reachable
from crawlers.identity import get_request_delay, get_user_agent, require_identity
from crawlers.retry_after import parse_retry_after
from domain.common.errors import UserError

_REQUEST_INTERVAL = 1.0
_RESPONSE_TIMEOUT = 75.0  # the service gives a query 60 seconds
_RESPONSE_SIZE_LIMIT = 8 * 2**20  # a page of rows is under one
_MAX_ATTEMPTS = 6
_INITIAL_BACKOFF = 5.0
_MAX_BACKOFF = 300.0
_DEFAULT_RETRY_AFTER = 60.0
_MAX_RETRY_AFTER = 900.0
_MAX_CONSECUTIVE_FAILURES = 10
_JSON_MEDIA_TYPES = ("application/sparql-results+json", "application/json")


class QueryTooHeavyError(Exception):
    """Report a query that outlived its budget, or whose answer came cut or swollen: a smaller one may pass."""


class _RetryLaterError(Exception):
    """Report a failure after which the same query may pass: after `wait` seconds where the service says so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Term(BaseModel):
    """Represent a value of a row: `kind` is uri, literal or bnode."""

    kind: str = Field(alias="type", max_length=20)
    value: str = Field(max_length=100_000)
    language: Annotated[str, Field(alias="xml:lang", max_length=20)] = ""


class _Results(BaseModel):
    """Represent the `results` of an answer (SPARQL 1.1 Query Results JSON Format)."""

    bindings: list[dict[str, Term]]


class _SparqlResponse(BaseModel):
    """Represent the whole answer."""

    results: _Results


Row = dict[str, Term]


class SparqlEndpoint:
    """Query one endpoint in one run. Raises UserError when its address may not be queried, or nobody answers for the robot."""

    def __init__(self, url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        require_identity(url)
        host = _require_public_host(url)
        self._url = url
        self._host = host
        self._sleep = sleep
        self._pause = get_request_delay(host, _REQUEST_INTERVAL)
        self._ended_at = 0.0
        self._consecutive_failures = 0
        headers = {"User-Agent": get_user_agent(), "Accept": _JSON_MEDIA_TYPES[0]}
        timeout = httpx.Timeout(_RESPONSE_TIMEOUT, connect=15)
        self._client = httpx.Client(headers=headers, timeout=timeout, trust_env=not is_loopback(host))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def run_query(self, query: str) -> list[Row]:
        """Return the rows of a query.

        Raises QueryTooHeavyError when a smaller one should be tried, UserError when it is better to stop.
        """
        reason = ""
        for attempt in range(_MAX_ATTEMPTS):
            self._sleep(max(0.0, self._ended_at + self._pause - time.monotonic()))
            try:
                rows = self._send_query(query)
            except _RetryLaterError as error:
                reason = str(error)
                self._record_failure(reason)
                self._sleep(error.wait or min(_INITIAL_BACKOFF * 2**attempt, _MAX_BACKOFF))
            except QueryTooHeavyError as error:
                self._record_failure(str(error))
                self._sleep(_INITIAL_BACKOFF)
                raise
            else:
                self._consecutive_failures = 0
                return rows
        raise UserError(f"{self._host} ne répond pas ({reason}) : ce qui est fait est gardé, relancez plus tard")

    def _record_failure(self, reason: str) -> None:
        """Count a failure. Raises UserError after ten in a row, when the service would take us for a nuisance."""
        self._consecutive_failures += 1
        self._ended_at = time.monotonic()
        if self._consecutive_failures >= _MAX_CONSECUTIVE_FAILURES:
            raise UserError(
                f"{self._host} : {_MAX_CONSECUTIVE_FAILURES} échecs de suite ({reason}) ; "
                "ce qui est fait est gardé, relancez plus tard"
            )

    def _send_query(self, query: str) -> list[Row]:
        try:
            with self._client.stream("POST", self._url, data={"query": query}) as response:
                body = _read_body(response)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
                raise _RetryLaterError("connexion trop lente") from None
            raise QueryTooHeavyError("réponse trop lente") from None
        except httpx.DecodingError:
            raise _RetryLaterError("réponse mal compressée") from None
        except httpx.HTTPError as error:
            raise _RetryLaterError(f"connexion rompue, {type(error).__name__}") from None
        self._ended_at = time.monotonic()
        self._check_status(response, body)
        return _parse_rows(response, body)

    def _check_status(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        if status >= 500 and b"TimeoutException" in body:
            raise QueryTooHeavyError("délai de calcul dépassé")
        if status == 429 or status >= 500:
            raise self._build_retry_error(response)
        raise UserError(f"{self._host} refuse la demande (réponse {status}) : rien de plus n'a été demandé")

    def _build_retry_error(self, response: httpx.Response) -> _RetryLaterError:
        """Return the error to raise after an overload. Raises UserError when the service asks to wait for too long."""
        wait = parse_retry_after(response.headers.get("Retry-After", ""))
        if wait and wait > _MAX_RETRY_AFTER:
            raise UserError(f"{self._host} demande d'attendre {wait:.0f} secondes : ce qui est fait est gardé, relancez ensuite")
        default_wait = _DEFAULT_RETRY_AFTER if response.status_code == 429 else None
        return _RetryLaterError(f"réponse {response.status_code}", wait or default_wait)


def _require_public_host(url: str) -> str:
    """Return the host of an address that may be queried: encrypted and public, or this machine in rehearsals."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not host or not is_encrypted:
        raise UserError(f"adresse https attendue, lu « {url} »")
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, parts.port or parts.scheme)}
    except (OSError, ValueError):
        raise UserError(f"{host} : adresse introuvable") from None
    if not all(map(is_reachable, {host, *addresses})):
        raise UserError(f"{host} : adresse locale refusée (OUVOIR_ALLOW_LOOPBACK=1 pour une répétition)")
    return host


def _read_body(response: httpx.Response) -> bytes:
    """Return the whole body, within bounds of size and time. Raises QueryTooHeavyError."""
    body = bytearray()
    started_at = time.monotonic()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _RESPONSE_SIZE_LIMIT:
            raise QueryTooHeavyError("réponse démesurée")
        if time.monotonic() - started_at > _RESPONSE_TIMEOUT:
            raise QueryTooHeavyError("réponse trop lente")
    return bytes(body)


def _parse_rows(response: httpx.Response, body: bytes) -> list[Row]:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in _JSON_MEDIA_TYPES:
        raise _RetryLaterError(f"réponse en {media_type[:60] or 'format inconnu'}, JSON attendu")
    try:
        return _SparqlResponse.model_validate(json.loads(body)).results.bindings
    except ValidationError:
        raise _RetryLaterError("réponse d'une autre forme que celle de SPARQL") from None
    except (ValueError, RecursionError):  # the service cuts the JSON where the budget ends, and writes its error there
        raise QueryTooHeavyError("réponse coupée") from None
