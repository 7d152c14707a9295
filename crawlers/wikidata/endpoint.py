"""A SPARQL endpoint asked politely: one request at a time, paused, patient when told to wait, never deceived by what answers."""

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Annotated, Self
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, ValidationError

from crawlers.addresses import is_loopback, is_reachable
from crawlers.identity import get_request_delay, get_user_agent, require_identity
from domain.common.errors import UserError

_REQUEST_INTERVAL = 1.0
_RESPONSE_TIMEOUT = 75.0  # the service gives a query 60 seconds
_RESPONSE_SIZE_LIMIT = 8 * 2**20  # a page of rows is under one
_MAX_ATTEMPTS = 6
_INITIAL_BACKOFF, _MAX_BACKOFF, _DEFAULT_RETRY_AFTER = 5.0, 300.0, 60.0
_MAX_RETRY_AFTER = 900.0
_MAX_CONSECUTIVE_FAILURES = 10
_JSON_MEDIA_TYPES = ("application/sparql-results+json", "application/json")


class QueryTooHeavyError(Exception):
    """The query outlived its budget, or its answer came cut or swollen: a smaller one may pass."""


class _RetryLaterError(Exception):
    """The same query may pass later: after `wait` seconds where the service says so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Term(BaseModel):
    """A value of a row: `kind` is uri, literal or bnode."""

    kind: str = Field(alias="type", max_length=20)
    value: str = Field(max_length=100_000)
    language: Annotated[str, Field(alias="xml:lang", max_length=20)] = ""


class _Results(BaseModel):
    bindings: list[dict[str, Term]]


class _SparqlResponse(BaseModel):
    results: _Results


Row = dict[str, Term]


class SparqlEndpoint:
    """One endpoint for one run. Raises Problem when its address may not be asked, or nobody answers for the robot."""

    def __init__(self, url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        require_identity(url)
        host = _require_public_host(url)
        self._url, self._sleep, self._host = url, sleep, host
        self._pause, self._last, self._failures = get_request_delay(host, _REQUEST_INTERVAL), 0.0, 0
        headers = {"User-Agent": get_user_agent(), "Accept": _JSON_MEDIA_TYPES[0]}
        timeout = httpx.Timeout(_RESPONSE_TIMEOUT, connect=15)
        self._client = httpx.Client(headers=headers, timeout=timeout, trust_env=not is_loopback(host))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def run_query(self, query: str) -> list[Row]:
        """The rows of a query. Raises TooHeavy when a smaller one should be tried, Problem when it is better to stop."""
        why = ""
        for attempt in range(_MAX_ATTEMPTS):
            self._sleep(max(0.0, self._last + self._pause - time.monotonic()))
            try:
                rows = self._send_query(query)
            except _RetryLaterError as later:
                why = str(later)
                self._record_failure(why)
                self._sleep(later.wait or min(_INITIAL_BACKOFF * 2**attempt, _MAX_BACKOFF))
            except QueryTooHeavyError as heavy:
                self._record_failure(str(heavy))
                self._sleep(_INITIAL_BACKOFF)
                raise
            else:
                self._failures = 0
                return rows
        raise UserError(f"{self._host} ne répond pas ({why}) : ce qui est fait est gardé, relancez plus tard")

    def _record_failure(self, why: str) -> None:
        """Too many failures in a row, and the service would take us for a nuisance."""
        self._failures += 1
        self._last = time.monotonic()
        if self._failures >= _MAX_CONSECUTIVE_FAILURES:
            raise UserError(
                f"{self._host} : {_MAX_CONSECUTIVE_FAILURES} échecs de suite ({why}) ; "
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
        self._last = time.monotonic()
        self._check_status(response, body)
        return _parse_rows(response, body)

    def _check_status(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        if status >= 500 and b"TimeoutException" in body:
            raise QueryTooHeavyError("délai de calcul dépassé")
        if status == 429 or status >= 500:
            wait = _parse_retry_after(response.headers.get("Retry-After", ""))
            if wait and wait > _MAX_RETRY_AFTER:
                told = f"{self._host} demande d'attendre {wait:.0f} secondes"
                raise UserError(f"{told} : ce qui est fait est gardé, relancez ensuite")
            raise _RetryLaterError(f"réponse {status}", wait or (_DEFAULT_RETRY_AFTER if status == 429 else None))
        raise UserError(f"{self._host} refuse la demande (réponse {status}) : rien de plus n'a été demandé")


def _require_public_host(url: str) -> str:
    """The host of an address that may be asked: encrypted and public, or this machine in rehearsals."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host))):
        raise UserError(f"adresse https attendue, lu « {url} »")
    try:
        places = {str(found[4][0]) for found in socket.getaddrinfo(host, parts.port or parts.scheme)}
    except (OSError, ValueError):
        raise UserError(f"{host} : adresse introuvable") from None
    if not all(map(is_reachable, {host, *places})):
        raise UserError(f"{host} : adresse locale refusée (OUVOIR_ALLOW_LOOPBACK=1 pour une répétition)")
    return host


def _read_body(response: httpx.Response) -> bytes:
    """The whole body, within bounds of size and time."""
    body, started = bytearray(), time.monotonic()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _RESPONSE_SIZE_LIMIT:
            raise QueryTooHeavyError("réponse démesurée")
        if time.monotonic() - started > _RESPONSE_TIMEOUT:
            raise QueryTooHeavyError("réponse trop lente")
    return bytes(body)


def _parse_rows(response: httpx.Response, body: bytes) -> list[Row]:
    written = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if written not in _JSON_MEDIA_TYPES:
        raise _RetryLaterError(f"réponse en {written[:60] or 'format inconnu'}, JSON attendu")
    try:
        return _SparqlResponse.model_validate(json.loads(body)).results.bindings
    except ValidationError:
        raise _RetryLaterError("réponse d'une autre forme que celle de SPARQL") from None
    except (ValueError, RecursionError):  # the service cuts the JSON where the budget ends, and writes its error there
        raise QueryTooHeavyError("réponse coupée") from None


def _parse_retry_after(value: str) -> float | None:
    """The seconds of a Retry-After, given as a number or as a date."""
    if value.isascii() and value.isdigit():
        return min(float(value), 1e6) or None
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 1.0)
    except (ValueError, TypeError):
        return None
