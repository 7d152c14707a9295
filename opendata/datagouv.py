"""Call the API of data.gouv.fr (udata), as far as publishing needs it."""

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
    """Return the URL of a portal known by name, or of a rehearsal on this machine.

    Raises UserError for any other: an API key is sent there.
    """
    if site in PORTAL_URLS:
        return PORTAL_URLS[site]
    parts = urlsplit(site)
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and not parts.path.strip("/"):
        return site.rstrip("/")
    raise UserError(f"« {site} » : {' ou '.join(PORTAL_URLS)} attendu, ou une adresse de cette machine pour répéter")


class DatagouvClient:
    """Call a portal with an API key.

    Every call raises UserError, in one French sentence, when the portal refuses or cannot be reached.
    """

    def __init__(self, site: str, key: str) -> None:
        headers = {"X-API-KEY": key, "User-Agent": f"OuVoir/{VERSION}", "Accept": "application/json"}
        self._site = site
        self._client = httpx.Client(base_url=f"{get_portal_url(site)}/api/1", headers=headers, timeout=_TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def get_dataset(self, dataset_id: str) -> Payload | None:
        """Return a data set by its id; None when the portal no longer has it."""
        return self._request_object("GET", f"/datasets/{dataset_id}/", absent_codes=(404, 410))

    def list_extensions(self) -> list[str]:
        """Return the file extensions that may be sent: « csv », « json »…"""
        try:
            extensions = self._request("GET", "/datasets/extensions/").json()
        except ValueError:
            extensions = None
        if not isinstance(extensions, list):
            raise UserError(f"{self._site} : réponse incomprise, sans la liste des formats acceptés")
        return [str(extension) for extension in extensions]

    def create_dataset(self, payload: Payload) -> Payload:
        """Create a data set, and return it with its id."""
        return self._require_id(self._request_object("POST", "/datasets/", json=payload))

    def update_dataset(self, dataset_id: str, payload: Payload) -> None:
        """Replace the facts of a data set. `private` must be among them: left out, the data set would be made public."""
        self._request_object("PUT", f"/datasets/{dataset_id}/", json=payload)

    def upload_file(self, dataset_id: str, resource_id: str | None, path: Path, media_type: str) -> Payload:
        """Send a file as a new resource of a data set, or in place of one of its resources; return the resource."""
        target = f"/datasets/{dataset_id}/resources/{resource_id}" if resource_id else f"/datasets/{dataset_id}"
        with path.open("rb") as file:
            files = {"file": (path.name, file, media_type)}
            return self._require_id(self._request_object("POST", f"{target}/upload/", files=files))

    def update_resource(self, dataset_id: str, resource_id: str, payload: Payload) -> None:
        """Replace the facts of a resource."""
        self._request_object("PUT", f"/datasets/{dataset_id}/resources/{resource_id}/", json=payload)

    def _request_object(self, method: str, path: str, absent_codes: tuple[int, ...] = (), **options: Any) -> Payload | None:
        response = self._request(method, path, absent_codes, **options)
        return None if response.status_code in absent_codes else _parse_object(response)

    def _request(self, method: str, path: str, expected_codes: tuple[int, ...] = (), **options: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise UserError(f"{self._site} : injoignable ({type(error).__name__})") from None
        if response.is_success or response.status_code in expected_codes:
            return response
        raise UserError(f"{self._site} : {_format_refusal(response)}")

    def _require_id(self, payload: Payload | None) -> Payload:
        if not payload or not isinstance(payload.get("id"), str):
            raise UserError(f"{self._site} : réponse incomprise, sans numéro")
        return payload


def _parse_object(response: httpx.Response) -> Payload:
    """Return the JSON object of a response; an empty one when it holds anything else."""
    try:
        payload = response.json()
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _format_refusal(response: httpx.Response) -> str:
    """Format why a request was refused, in one line; the portal's own message is quoted, cut short."""
    payload = _parse_object(response)
    raw_message = payload.get("message") or payload.get("errors") or ""
    message = " ".join(str(raw_message).split())[:_MAX_MESSAGE_LENGTH]
    meaning = {
        401: "clé refusée (OUVOIR_DATAGOUV_KEY)",
        403: "cette clé n'a pas le droit de publier là",
        404: "introuvable (jeu ou fichier supprimé ?)",
        410: "supprimé sur le portail",
        413: "fichier trop lourd",
        429: "trop de demandes, réessayez plus tard",
    }.get(response.status_code, f"refus {response.status_code}")
    return f"{meaning} : {message}" if message else meaning
