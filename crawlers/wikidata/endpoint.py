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

from crawlers.middlewares.ssrf import is_loopback, is_reachable
from crawlers.politeness import polite_delay, require_identity, user_agent
from domain.common.errors import Problem

_PAUSE = 1.0
_LONGEST_ANSWER = 75.0  # the service gives a query 60 seconds
_LARGEST_ANSWER = 8 * 2**20  # a page of rows is under one
_TRIES = 6
_FIRST_WAIT, _LONGEST_WAIT, _UNSAID_WAIT = 5.0, 300.0, 60.0
_LONGEST_ASKED_WAIT = 900.0
_FAILURES = 10
_JSON = ("application/sparql-results+json", "application/json")


class TooHeavy(Exception):
    """The query outlived its budget, or its answer came cut or swollen: a smaller one may pass."""


class _Later(Exception):
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


class _Answer(BaseModel):
    results: _Results


Row = dict[str, Term]


class Endpoint:
    """One endpoint for one run. Raises Problem when its address may not be asked, or nobody answers for the robot."""

    def __init__(self, url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        require_identity(url)
        host = _checked_host(url)
        self._url, self._sleep, self._host = url, sleep, host
        self._pause, self._last, self._failures = polite_delay(host, _PAUSE), 0.0, 0
        headers = {"User-Agent": user_agent(), "Accept": _JSON[0]}
        timeout = httpx.Timeout(_LONGEST_ANSWER, connect=15)
        self._client = httpx.Client(headers=headers, timeout=timeout, trust_env=not is_loopback(host))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def ask(self, query: str) -> list[Row]:
        """The rows of a query. Raises TooHeavy when a smaller one should be tried, Problem when it is better to stop."""
        why = ""
        for attempt in range(_TRIES):
            self._sleep(max(0.0, self._last + self._pause - time.monotonic()))
            try:
                rows = self._once(query)
            except _Later as later:
                why = str(later)
                self._fail(why)
                self._sleep(later.wait or min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT))
            except TooHeavy as heavy:
                self._fail(str(heavy))
                self._sleep(_FIRST_WAIT)
                raise
            else:
                self._failures = 0
                return rows
        raise Problem(f"{self._host} ne répond pas ({why}) : ce qui est fait est gardé, relancez plus tard")

    def _fail(self, why: str) -> None:
        """Too many failures in a row, and the service would take us for a nuisance."""
        self._failures += 1
        self._last = time.monotonic()
        if self._failures >= _FAILURES:
            raise Problem(f"{self._host} : {_FAILURES} échecs de suite ({why}) ; ce qui est fait est gardé, relancez plus tard")

    def _once(self, query: str) -> list[Row]:
        try:
            with self._client.stream("POST", self._url, data={"query": query}) as response:
                body = _read(response)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
                raise _Later("connexion trop lente") from None
            raise TooHeavy("réponse trop lente") from None
        except httpx.DecodingError:
            raise _Later("réponse mal compressée") from None
        except httpx.HTTPError as error:
            raise _Later(f"connexion rompue, {type(error).__name__}") from None
        self._last = time.monotonic()
        self._check_status(response, body)
        return _rows(response, body)

    def _check_status(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        if status >= 500 and b"TimeoutException" in body:
            raise TooHeavy("délai de calcul dépassé")
        if status == 429 or status >= 500:
            wait = _asked_wait(response.headers.get("Retry-After", ""))
            if wait and wait > _LONGEST_ASKED_WAIT:
                told = f"{self._host} demande d'attendre {wait:.0f} secondes"
                raise Problem(f"{told} : ce qui est fait est gardé, relancez ensuite")
            raise _Later(f"réponse {status}", wait or (_UNSAID_WAIT if status == 429 else None))
        raise Problem(f"{self._host} refuse la demande (réponse {status}) : rien de plus n'a été demandé")


def _checked_host(url: str) -> str:
    """The host of an address that may be asked: encrypted and public, or this machine in rehearsals."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host))):
        raise Problem(f"adresse https attendue, lu « {url} »")
    try:
        places = {str(found[4][0]) for found in socket.getaddrinfo(host, parts.port or parts.scheme)}
    except (OSError, ValueError):
        raise Problem(f"{host} : adresse introuvable") from None
    if not all(map(is_reachable, {host, *places})):
        raise Problem(f"{host} : adresse locale refusée (OUVOIR_ALLOW_LOOPBACK=1 pour une répétition)")
    return host


def _read(response: httpx.Response) -> bytes:
    """The whole body, within bounds of size and time."""
    body, started = bytearray(), time.monotonic()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise TooHeavy("réponse démesurée")
        if time.monotonic() - started > _LONGEST_ANSWER:
            raise TooHeavy("réponse trop lente")
    return bytes(body)


def _rows(response: httpx.Response, body: bytes) -> list[Row]:
    written = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if written not in _JSON:
        raise _Later(f"réponse en {written[:60] or 'format inconnu'}, JSON attendu")
    try:
        return _Answer.model_validate(json.loads(body)).results.bindings
    except ValidationError:
        raise _Later("réponse d'une autre forme que celle de SPARQL") from None
    except (ValueError, RecursionError):  # the service cuts the JSON where the budget ends, and writes its error there
        raise TooHeavy("réponse coupée") from None


def _asked_wait(told: str) -> float | None:
    """The seconds of a Retry-After, given as a number or as a date."""
    if told.isascii() and told.isdigit():
        return min(float(told), 1e6) or None
    try:
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 1.0)
    except (ValueError, TypeError):
        return None
