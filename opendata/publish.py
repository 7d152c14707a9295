"""Publish the latest export on data.gouv.fr: each data set is created once, and its files are sent when they changed."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.common.atomic_write import write_atomically
from domain.common.errors import UserError
from domain.common.progress import ProgressCallback
from domain.common.text import format_count
from opendata.datagouv import DatagouvClient, Payload, get_portal_url
from opendata.manifest import LATEST_NAME, DataFile, DataSet, Manifest, read_manifest

_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_FORMAT_LABELS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}


class PublishedFile(BaseModel):
    """Remember a resource of the portal by its id, and the checksum of what was last sent to it."""

    model_config = ConfigDict(populate_by_name=True)
    id: str = Field(alias="number")
    sha256: str


class PublishedDataset(BaseModel):
    """Remember a data set of the portal by its id, which unlike its URL never changes, its facts, and its files by name."""

    model_config = ConfigDict(populate_by_name=True)
    id: str = Field(alias="number")
    facts: Payload
    files: dict[str, PublishedFile] = {}


class PublicationState(BaseModel):
    """Remember what was sent to a portal, by data set name: without it, another run would create everything again."""

    sets: dict[str, PublishedDataset] = {}


@dataclass(frozen=True)
class PublicationOptions:
    """Say where to publish: the portal, the organisation that owns new data sets, and whether these are public at once."""

    site: str
    organisation: str | None
    public: bool


def publish_export(folder: Path, options: PublicationOptions, key: str | None, progress: ProgressCallback) -> str:
    """Send what changed, or without an API key only say what would be sent; return a French sentence.

    Raises UserError when there is no export, when it is a demonstration's, or when the portal refuses: what was sent before
    is remembered, and another run goes on from there.
    """
    get_portal_url(options.site)
    manifest = read_manifest(folder)
    if manifest is None:
        raise UserError(f"{folder} : aucun export (« ouvoir export » d'abord)")
    if manifest.demonstration:
        raise UserError("des données de démonstration ne se publient pas")
    state_path = folder / f"{options.site.replace('://', '-').replace(':', '-')}.json"
    publisher = _Publisher(folder, options, manifest, state_path, progress)
    if key is None:
        return publisher.preview_changes()
    portal = DatagouvClient(options.site, key)
    try:
        return publisher.send_changes(portal)
    finally:
        portal.close()


class _Publisher:
    """Compare an export with what was sent before, and send the difference."""

    def __init__(
        self, folder: Path, options: PublicationOptions, manifest: Manifest, state_path: Path, progress: ProgressCallback
    ) -> None:
        self._export_folder = (folder / LATEST_NAME).resolve()
        self._options = options
        self._manifest = manifest
        self._progress = progress
        self._state_path = state_path
        self._state = _load_state(state_path)
        self._sent_count = 0
        self._accepted_extensions: list[str] | None = None

    def preview_changes(self) -> str:
        """Report what would be sent, without a request."""
        file_count = 0
        for dataset in self._manifest.sets:
            published = self._state.sets.get(dataset.name)
            if published is None:
                visibility = "public" if self._options.public else "brouillon"
                self._progress(f"{dataset.name} : à créer ({visibility})")
            for file in dataset.files:
                if _has_changed(published, file):
                    file_count += 1
                    self._progress(f"{dataset.name} : {file.name} à envoyer ({file.size} octets)")
        return f"à blanc : {format_count(file_count, 'fichier')} à envoyer à {self._options.site} (--yes pour envoyer)"

    def send_changes(self, portal: DatagouvClient) -> str:
        """Send every file that changed; return how many, in a French sentence."""
        for dataset in self._manifest.sets:
            published = self._ensure_dataset(portal, dataset)
            for file in dataset.files:
                if _has_changed(published, file) and self._accepts_format(portal, file):
                    self._send_file(portal, dataset, published, file)
        return f"{format_count(self._sent_count, 'fichier envoyé')} à {self._options.site}"

    def _accepts_format(self, portal: DatagouvClient, file: DataFile) -> bool:
        """Return whether the portal takes files of that format; it is asked once."""
        if self._accepted_extensions is None:
            self._accepted_extensions = portal.list_extensions()
        is_accepted = Path(file.name).suffix[1:] in self._accepted_extensions
        if not is_accepted:
            self._progress(f"{file.name} : laissé, le portail ne prend pas ce format")
        return is_accepted

    def _ensure_dataset(self, portal: DatagouvClient, dataset: DataSet) -> PublishedDataset:
        """Return the data set as the portal holds it, created or updated when needed."""
        facts = self._build_payload(dataset)
        published = self._state.sets.get(dataset.name)
        if published is None:
            return self._create_dataset(portal, dataset, facts)
        if published.facts == facts and not any(_has_changed(published, file) for file in dataset.files):
            return published
        remote = portal.get_dataset(published.id)
        if remote is None or remote.get("deleted"):
            raise UserError(
                f"{dataset.name} : jeu {published.id} supprimé sur le portail ; ôtez-le de {self._state_path} pour le recréer"
            )
        if published.facts != facts:
            portal.update_dataset(published.id, facts | {"private": bool(remote.get("private"))})
            published.facts = facts
            self._save_state()
        return published

    def _create_dataset(self, portal: DatagouvClient, dataset: DataSet, payload: Payload) -> PublishedDataset:
        if not self._options.organisation:
            raise UserError(
                f"{dataset.name} : jeu à créer, --organization attendu (le numéro de l'organisation sur {self._options.site})"
            )
        ownership = {"organization": self._options.organisation, "private": not self._options.public}
        created = portal.create_dataset(payload | ownership)
        published = PublishedDataset(id=created["id"], facts=payload)
        self._state.sets[dataset.name] = published
        self._save_state()
        draft = "" if self._options.public else " en brouillon, à rendre public sur le portail"
        self._progress(f"{dataset.name} : jeu {published.id} créé{draft}")
        return published

    def _send_file(self, portal: DatagouvClient, dataset: DataSet, published: PublishedDataset, file: DataFile) -> None:
        previous = published.files.get(file.name)
        resource_id = previous.id if previous else None
        media_type = _MEDIA_TYPES.get(file.format, "application/json")
        resource = portal.upload_file(published.id, resource_id, self._export_folder / file.name, media_type)
        if previous is None:
            # Remembered before anything else may fail: it must never be created twice.
            published.files[file.name] = PublishedFile(id=resource["id"], sha256="")
            self._save_state()
        kind = "documentation" if file.format == "schema" else "main"
        title = f"{dataset.title} ({_FORMAT_LABELS[file.format]})"  # the portal names it after the file each time it is sent
        portal.update_resource(published.id, resource["id"], {"title": title, "type": kind, "filetype": "file"})
        published.files[file.name] = PublishedFile(id=resource["id"], sha256=file.sha256)
        self._save_state()
        self._sent_count += 1
        self._progress(f"{dataset.name} : {file.name} envoyé")

    def _build_payload(self, dataset: DataSet) -> Payload:
        return {
            "title": dataset.title,
            "description": dataset.description,
            "license": "lov2",
            "frequency": "daily",
            "tags": ["-".join(keyword.split()) for keyword in dataset.keywords],
        }

    def _save_state(self) -> None:
        text = self._state.model_dump_json(indent=2, by_alias=True) + "\n"
        write_atomically(self._state_path, text.encode())


def _has_changed(published: PublishedDataset | None, file: DataFile) -> bool:
    """Return whether a file differs from what was last sent under its name."""
    sent = published.files.get(file.name) if published else None
    return sent is None or sent.sha256 != file.sha256


def _load_state(state_path: Path) -> PublicationState:
    """Load what was sent before; nothing when the file does not exist.

    Raises UserError when it cannot be read: that is not the same as empty.
    """
    if not state_path.exists():
        return PublicationState()
    try:
        return PublicationState.model_validate(json.loads(state_path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError):
        raise UserError(f"{state_path} : illisible ; sans ce fichier, tout serait publié une seconde fois") from None
