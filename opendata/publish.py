"""The latest export sent to data.gouv.fr: each data set once, its files when they changed, nothing otherwise."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from domain.common.errors import UserError
from domain.common.text import format_count
from opendata.datagouv import DatagouvClient, Payload, get_portal_url
from opendata.manifest import LATEST_NAME, DataFile, DataSet, Manifest, read_manifest

ProgressCallback = Callable[[str], None]
_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_FORMAT_LABELS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}


class PublishedFile(BaseModel):
    """A resource of the portal, and the sum of what was last sent to it."""

    number: str
    sha256: str


class PublishedDataset(BaseModel):
    """A data set of the portal by its number, which unlike its address never changes, its facts and its files by name."""

    number: str
    facts: Payload
    files: dict[str, PublishedFile] = {}


class PublicationState(BaseModel):
    """What was sent to a portal, by name of data set: without it, a second run would create everything again."""

    sets: dict[str, PublishedDataset] = {}


@dataclass(frozen=True)
class PublicationOptions:
    """Where to publish: the portal, the organisation that new data sets belong to, and whether they are public at once."""

    site: str
    organisation: str | None
    public: bool


def publish_export(folder: Path, options: PublicationOptions, key: str | None, say: ProgressCallback) -> str:
    """Sends what changed, or without a key says what would be; gives one sentence.

    Raises Problem when there is no export, when it is a demonstration's, or on a refusal of the portal: what was sent before
    is remembered, and another run goes on from there.
    """
    get_portal_url(options.site)
    manifest = read_manifest(folder)
    if manifest is None:
        raise UserError(f"{folder} : aucun export (« ouvoir export » d'abord)")
    if manifest.demonstration:
        raise UserError("des données de démonstration ne se publient pas")
    kept = folder / f"{options.site.replace('://', '-').replace(':', '-')}.json"
    sender = _Publisher(folder, options, manifest, kept, say)
    if key is None:
        return sender.preview_changes()
    portal = DatagouvClient(options.site, key)
    try:
        return sender.send_changes(portal)
    finally:
        portal.close()


class _Publisher:
    def __init__(
        self, folder: Path, options: PublicationOptions, manifest: Manifest, state_path: Path, say: ProgressCallback
    ) -> None:
        self._here, self._wish, self._manifest, self._say = (folder / LATEST_NAME).resolve(), options, manifest, say
        self._kept, self._memory = state_path, _load_state(state_path)
        self._sent = 0
        self._formats: list[str] | None = None

    def preview_changes(self) -> str:
        """Says what would be done."""
        waiting = 0
        for told in self._manifest.sets:
            known = self._memory.sets.get(told.name)
            if known is None:
                self._say(f"{told.name} : à créer ({'public' if self._wish.public else 'brouillon'})")
            changed = [file for file in told.files if _has_changed(known, file)]
            waiting += len(changed)
            for file in changed:
                self._say(f"{told.name} : {file.name} à envoyer ({file.size} octets)")
        return f"à blanc : {format_count(waiting, 'fichier')} à envoyer à {self._wish.site} (--yes pour envoyer)"

    def send_changes(self, portal: DatagouvClient) -> str:
        """Does it."""
        for told in self._manifest.sets:
            known = self._ensure_dataset(portal, told)
            for file in told.files:
                if _has_changed(known, file) and self._accepts_format(portal, file):
                    self._send_file(portal, told, known, file)
        return f"{format_count(self._sent, 'fichier envoyé')} à {self._wish.site}"

    def _accepts_format(self, portal: DatagouvClient, file: DataFile) -> bool:
        """Whether the portal takes files of that format; it is asked once."""
        if self._formats is None:
            self._formats = portal.list_extensions()
        taken = Path(file.name).suffix[1:] in self._formats
        if not taken:
            self._say(f"{file.name} : laissé, le portail ne prend pas ce format")
        return taken

    def _ensure_dataset(self, portal: DatagouvClient, dataset: DataSet) -> PublishedDataset:
        """The data set at the portal, made if need be, its facts brought up to date."""
        facts = self._build_payload(dataset)
        known = self._memory.sets.get(dataset.name)
        if known is None:
            return self._create_dataset(portal, dataset, facts)
        if known.facts == facts and not any(_has_changed(known, file) for file in dataset.files):
            return known
        there = portal.get_dataset(known.number)
        if there is None or there.get("deleted"):
            raise UserError(
                f"{dataset.name} : jeu {known.number} supprimé sur le portail ; ôtez-le de {self._kept} pour le recréer"
            )
        if known.facts != facts:
            portal.update_dataset(known.number, facts | {"private": bool(there.get("private"))})
            known.facts = facts
            self._save_state()
        return known

    def _create_dataset(self, portal: DatagouvClient, dataset: DataSet, payload: Payload) -> PublishedDataset:
        if not self._wish.organisation:
            raise UserError(
                f"{dataset.name} : jeu à créer, --organization attendu (le numéro de l'organisation sur {self._wish.site})"
            )
        made = portal.create_dataset(payload | {"organization": self._wish.organisation, "private": not self._wish.public})
        known = self._memory.sets[dataset.name] = PublishedDataset(number=made["id"], facts=payload)
        self._save_state()
        draft = "" if self._wish.public else " en brouillon, à rendre public sur le portail"
        self._say(f"{dataset.name} : jeu {known.number} créé{draft}")
        return known

    def _send_file(self, portal: DatagouvClient, dataset: DataSet, published: PublishedDataset, file: DataFile) -> None:
        before = published.files.get(file.name)
        media = _MEDIA_TYPES.get(file.format, "application/json")
        resource = portal.upload_file(published.number, before.number if before else None, self._here / file.name, media)
        if before is None:
            published.files[file.name] = PublishedFile(
                number=resource["id"], sha256=""
            )  # known before anything may fail: never twice
            self._save_state()
        kind = "documentation" if file.format == "schema" else "main"
        title = f"{dataset.title} ({_FORMAT_LABELS[file.format]})"  # the portal names it after the file each time it is sent
        portal.update_resource(published.number, resource["id"], {"title": title, "type": kind, "filetype": "file"})
        published.files[file.name] = PublishedFile(number=resource["id"], sha256=file.sha256)
        self._save_state()
        self._sent += 1
        self._say(f"{dataset.name} : {file.name} envoyé")

    def _build_payload(self, dataset: DataSet) -> Payload:
        words = ["-".join(word.split()) for word in dataset.keywords]
        return {
            "title": dataset.title,
            "description": dataset.description,
            "license": "lov2",
            "frequency": "daily",
            "tags": words,
        }

    def _save_state(self) -> None:
        fresh = self._kept.with_suffix(".part")
        fresh.write_text(self._memory.model_dump_json(indent=2) + "\n", "utf-8")
        fresh.replace(self._kept)


def _has_changed(published: PublishedDataset | None, file: DataFile) -> bool:
    sent = published.files.get(file.name) if published else None
    return sent is None or sent.sha256 != file.sha256


def _load_state(state_path: Path) -> PublicationState:
    """What a file of memory holds; nothing when there is none. Raises Problem on one that cannot be read: it is not empty."""
    try:
        return (
            PublicationState.model_validate(json.loads(state_path.read_text("utf-8")))
            if state_path.exists()
            else PublicationState()
        )
    except (OSError, ValueError, ValidationError):
        raise UserError(f"{state_path} : illisible ; sans ce fichier, tout serait publié une seconde fois") from None
