"""The API of data.gouv.fr (udata), as far as publishing needs it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from domain.common.errors import Problem
from domain.common.settings import VERSION

SITES = {"data.gouv.fr": "https://www.data.gouv.fr", "demo.data.gouv.fr": "https://demo.data.gouv.fr"}
_PATIENCE = httpx.Timeout(30, write=600, read=600)  # seconds: files are long to send, and to be taken
_LONGEST = 300
Facts = dict[str, Any]


def root_of(site: str) -> str:
    """The address of a portal known by name, or of a rehearsal on this machine. Raises Problem on any other: a key goes there."""
    if site in SITES:
        return SITES[site]
    parts = urlsplit(site)
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and not parts.path.strip("/"):
        return site.rstrip("/")
    raise Problem(f"« {site} » : {' ou '.join(SITES)} attendu, ou une adresse de cette machine pour répéter")


class Portal:
    """A portal under a key. Every call raises Problem, in one sentence, on a refusal or when the portal cannot be reached."""

    def __init__(self, site: str, key: str) -> None:
        headers = {"X-API-KEY": key, "User-Agent": f"OuVoir/{VERSION}", "Accept": "application/json"}
        self._site = site
        self._client = httpx.Client(base_url=f"{root_of(site)}/api/1", headers=headers, timeout=_PATIENCE)

    def close(self) -> None:
        """Lets the connection go."""
        self._client.close()

    def dataset(self, number: str) -> Facts | None:
        """A data set by its number; None when the portal no longer has it."""
        return self._ask("GET", f"/datasets/{number}/", absent=(404, 410))

    def formats(self) -> list[str]:
        """The endings of file names that may be sent: « csv », « json »…"""
        try:
            told = self._answer("GET", "/datasets/extensions/").json()
        except ValueError:
            told = None
        if not isinstance(told, list):
            raise Problem(f"{self._site} : réponse incomprise, sans la liste des formats acceptés")
        return [str(one) for one in told]

    def create(self, facts: Facts) -> Facts:
        """A new data set."""
        return self._told(self._ask("POST", "/datasets/", json=facts))

    def describe(self, number: str, facts: Facts) -> None:
        """New facts for a data set. `private` must be among them: left out, it would be made public."""
        self._ask("PUT", f"/datasets/{number}/", json=facts)

    def upload(self, number: str, resource: str | None, path: Path, media: str) -> Facts:
        """Sends a file, as a new resource of a data set or in place of one's; gives the resource."""
        place = f"/datasets/{number}/" + (f"resources/{resource}/upload/" if resource else "upload/")
        with path.open("rb") as file:
            return self._told(self._ask("POST", place, files={"file": (path.name, file, media)}))

    def describe_resource(self, number: str, resource: str, facts: Facts) -> None:
        """New facts for a resource."""
        self._ask("PUT", f"/datasets/{number}/resources/{resource}/", json=facts)

    def _ask(self, method: str, place: str, absent: tuple[int, ...] = (), **sent: Any) -> Facts | None:
        answer = self._answer(method, place, absent, **sent)
        return None if answer.status_code in absent else _read(answer)

    def _answer(self, method: str, place: str, expected: tuple[int, ...] = (), **sent: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, place, **sent)
        except httpx.HTTPError as error:
            raise Problem(f"{self._site} : injoignable ({type(error).__name__})") from None
        if answer.is_success or answer.status_code in expected:
            return answer
        raise Problem(f"{self._site} : {_refusal(answer)}")

    def _told(self, facts: Facts | None) -> Facts:
        if not facts or not isinstance(facts.get("id"), str):
            raise Problem(f"{self._site} : réponse incomprise, sans numéro")
        return facts


def _read(answer: httpx.Response) -> Facts:
    """The object that an answer holds; an empty one when it holds something else."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _refusal(answer: httpx.Response) -> str:
    """Why, in one line; what the portal says is shown as it says it, cut short."""
    told = _read(answer)
    said = " ".join(str(told.get("message") or told.get("errors") or "").split())[:_LONGEST]
    meaning = {
        401: "clé refusée (OUVOIR_DATAGOUV_KEY)",
        403: "cette clé n'a pas le droit de publier là",
        404: "introuvable (jeu ou fichier supprimé ?)",
        410: "supprimé sur le portail",
        413: "fichier trop lourd",
        429: "trop de demandes, réessayez plus tard",
    }.get(answer.status_code, f"refus {answer.status_code}")
    return f"{meaning} : {said}" if said else meaning
