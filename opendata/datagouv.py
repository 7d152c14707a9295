"""The API of data.gouv.fr (udata), as far as publishing needs it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from domain.common.errors import UserError
from domain.common.settings import VERSION

PORTAL_URLS = {"data.gouv.fr": "https://www.data.gouv.fr", "demo.data.gouv.fr": "https://demo.data.gouv.fr"}
_TIMEOUT = httpx.Timeout(30, write=600, read=600)  # seconds: files are long to send, and to be taken
_MAX_MESSAGE_LENGTH = 300
Payload = dict[str, Any]


def get_portal_url(site: str) -> str:
    """The address of a portal known by name, or of a rehearsal on this machine. Raises Problem on any other: a key goes there."""
    if site in PORTAL_URLS:
        return PORTAL_URLS[site]
    parts = urlsplit(site)
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and not parts.path.strip("/"):
        return site.rstrip("/")
    raise UserError(f"« {site} » : {' ou '.join(PORTAL_URLS)} attendu, ou une adresse de cette machine pour répéter")


class DatagouvClient:
    """A portal under a key. Every call raises Problem, in one sentence, on a refusal or when the portal cannot be reached."""

    def __init__(self, site: str, key: str) -> None:
        headers = {"X-API-KEY": key, "User-Agent": f"OuVoir/{VERSION}", "Accept": "application/json"}
        self._site = site
        self._client = httpx.Client(base_url=f"{get_portal_url(site)}/api/1", headers=headers, timeout=_TIMEOUT)

    def close(self) -> None:
        """Lets the connection go."""
        self._client.close()

    def get_dataset(self, dataset_id: str) -> Payload | None:
        """A data set by its number; None when the portal no longer has it."""
        return self._request_object("GET", f"/datasets/{dataset_id}/", absent_codes=(404, 410))

    def list_extensions(self) -> list[str]:
        """The endings of file names that may be sent: « csv », « json »…"""
        try:
            told = self._request("GET", "/datasets/extensions/").json()
        except ValueError:
            told = None
        if not isinstance(told, list):
            raise UserError(f"{self._site} : réponse incomprise, sans la liste des formats acceptés")
        return [str(one) for one in told]

    def create_dataset(self, payload: Payload) -> Payload:
        """A new data set."""
        return self._require_id(self._request_object("POST", "/datasets/", json=payload))

    def update_dataset(self, dataset_id: str, payload: Payload) -> None:
        """New facts for a data set. `private` must be among them: left out, it would be made public."""
        self._request_object("PUT", f"/datasets/{dataset_id}/", json=payload)

    def upload_file(self, dataset_id: str, resource_id: str | None, path: Path, media_type: str) -> Payload:
        """Sends a file, as a new resource of a data set or in place of one's; gives the resource."""
        place = f"/datasets/{dataset_id}/" + (f"resources/{resource_id}/upload/" if resource_id else "upload/")
        with path.open("rb") as file:
            return self._require_id(self._request_object("POST", place, files={"file": (path.name, file, media_type)}))

    def update_resource(self, dataset_id: str, resource_id: str, payload: Payload) -> None:
        """New facts for a resource."""
        self._request_object("PUT", f"/datasets/{dataset_id}/resources/{resource_id}/", json=payload)

    def _request_object(self, method: str, path: str, absent_codes: tuple[int, ...] = (), **sent: Any) -> Payload | None:
        answer = self._request(method, path, absent_codes, **sent)
        return None if answer.status_code in absent_codes else _parse_object(answer)

    def _request(self, method: str, path: str, expected_codes: tuple[int, ...] = (), **sent: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **sent)
        except httpx.HTTPError as error:
            raise UserError(f"{self._site} : injoignable ({type(error).__name__})") from None
        if answer.is_success or answer.status_code in expected_codes:
            return answer
        raise UserError(f"{self._site} : {_format_refusal(answer)}")

    def _require_id(self, payload: Payload | None) -> Payload:
        if not payload or not isinstance(payload.get("id"), str):
            raise UserError(f"{self._site} : réponse incomprise, sans numéro")
        return payload


def _parse_object(response: httpx.Response) -> Payload:
    """The object that an answer holds; an empty one when it holds something else."""
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _format_refusal(response: httpx.Response) -> str:
    """Why, in one line; what the portal says is shown as it says it, cut short."""
    told = _parse_object(response)
    said = " ".join(str(told.get("message") or told.get("errors") or "").split())[:_MAX_MESSAGE_LENGTH]
    meaning = {
        401: "clé refusée (OUVOIR_DATAGOUV_KEY)",
        403: "cette clé n'a pas le droit de publier là",
        404: "introuvable (jeu ou fichier supprimé ?)",
        410: "supprimé sur le portail",
        413: "fichier trop lourd",
        429: "trop de demandes, réessayez plus tard",
    }.get(response.status_code, f"refus {response.status_code}")
    return f"{meaning} : {said}" if said else meaning
