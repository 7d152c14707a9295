"""The latest export sent to data.gouv.fr: each data set once, its files when they changed, nothing otherwise."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from domain.common.errors import Problem
from domain.common.text import counted
from opendata.datagouv import Facts, Portal, root_of
from opendata.manifest import LATEST, DataFile, DataSet, Manifest, read_manifest

Say = Callable[[str], None]
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_NAMES = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}


class SentFile(BaseModel):
    """A resource of the portal, and the sum of what was last sent to it."""

    number: str
    sha256: str


class SentSet(BaseModel):
    """A data set of the portal by its number, which unlike its address never changes, its facts and its files by name."""

    number: str
    facts: Facts
    files: dict[str, SentFile] = {}


class Memory(BaseModel):
    """What was sent to a portal, by name of data set: without it, a second run would create everything again."""

    sets: dict[str, SentSet] = {}


@dataclass(frozen=True)
class Wish:
    """Where to publish: the portal, the organisation that new data sets belong to, and whether they are public at once."""

    site: str
    organisation: str | None
    public: bool


def publish(folder: Path, wish: Wish, key: str | None, say: Say) -> str:
    """Sends what changed, or without a key says what would be; gives one sentence.

    Raises Problem when there is no export, when it is a demonstration's, or on a refusal of the portal: what was sent before
    is remembered, and another run goes on from there.
    """
    root_of(wish.site)
    manifest = read_manifest(folder)
    if manifest is None:
        raise Problem(f"{folder} : aucun export (« ouvoir export » d'abord)")
    if manifest.demonstration:
        raise Problem("des données de démonstration ne se publient pas")
    kept = folder / f"{wish.site.replace('://', '-').replace(':', '-')}.json"
    sender = _Sender(folder, wish, manifest, kept, say)
    if key is None:
        return sender.rehearse()
    portal = Portal(wish.site, key)
    try:
        return sender.send(portal)
    finally:
        portal.close()


class _Sender:
    def __init__(self, folder: Path, wish: Wish, manifest: Manifest, kept: Path, say: Say) -> None:
        self._here, self._wish, self._manifest, self._say = (folder / LATEST).resolve(), wish, manifest, say
        self._kept, self._memory = kept, _remembered(kept)
        self._sent = 0
        self._formats: list[str] | None = None

    def rehearse(self) -> str:
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
        return f"à blanc : {counted(waiting, 'fichier')} à envoyer à {self._wish.site} (--yes pour envoyer)"

    def send(self, portal: Portal) -> str:
        """Does it."""
        for told in self._manifest.sets:
            known = self._known(portal, told)
            for file in told.files:
                if _has_changed(known, file) and self._takes(portal, file):
                    self._send_file(portal, told, known, file)
        return f"{counted(self._sent, 'fichier envoyé')} à {self._wish.site}"

    def _takes(self, portal: Portal, file: DataFile) -> bool:
        """Whether the portal takes files of that format; it is asked once."""
        if self._formats is None:
            self._formats = portal.formats()
        taken = Path(file.name).suffix[1:] in self._formats
        if not taken:
            self._say(f"{file.name} : laissé, le portail ne prend pas ce format")
        return taken

    def _known(self, portal: Portal, told: DataSet) -> SentSet:
        """The data set at the portal, made if need be, its facts brought up to date."""
        facts = self._facts(told)
        known = self._memory.sets.get(told.name)
        if known is None:
            return self._create(portal, told, facts)
        if known.facts == facts and not any(_has_changed(known, file) for file in told.files):
            return known
        there = portal.dataset(known.number)
        if there is None or there.get("deleted"):
            raise Problem(f"{told.name} : jeu {known.number} supprimé sur le portail ; ôtez-le de {self._kept} pour le recréer")
        if known.facts != facts:
            portal.describe(known.number, facts | {"private": bool(there.get("private"))})
            known.facts = facts
            self._remember()
        return known

    def _create(self, portal: Portal, told: DataSet, facts: Facts) -> SentSet:
        if not self._wish.organisation:
            raise Problem(
                f"{told.name} : jeu à créer, --organization attendu (le numéro de l'organisation sur {self._wish.site})"
            )
        made = portal.create(facts | {"organization": self._wish.organisation, "private": not self._wish.public})
        known = self._memory.sets[told.name] = SentSet(number=made["id"], facts=facts)
        self._remember()
        self._say(
            f"{told.name} : jeu {known.number} créé{'' if self._wish.public else ' en brouillon, à rendre public sur le portail'}"
        )
        return known

    def _send_file(self, portal: Portal, told: DataSet, known: SentSet, file: DataFile) -> None:
        before = known.files.get(file.name)
        media = _MEDIA.get(file.format, "application/json")
        resource = portal.upload(known.number, before.number if before else None, self._here / file.name, media)
        if before is None:
            known.files[file.name] = SentFile(number=resource["id"], sha256="")  # known before anything may fail: never twice
            self._remember()
        kind = "documentation" if file.format == "schema" else "main"
        title = f"{told.title} ({_NAMES[file.format]})"  # the portal names it after the file each time it is sent
        portal.describe_resource(known.number, resource["id"], {"title": title, "type": kind, "filetype": "file"})
        known.files[file.name] = SentFile(number=resource["id"], sha256=file.sha256)
        self._remember()
        self._sent += 1
        self._say(f"{told.name} : {file.name} envoyé")

    def _facts(self, told: DataSet) -> Facts:
        words = ["-".join(word.split()) for word in told.keywords]
        return {"title": told.title, "description": told.description, "license": "lov2", "frequency": "daily", "tags": words}

    def _remember(self) -> None:
        fresh = self._kept.with_suffix(".part")
        fresh.write_text(self._memory.model_dump_json(indent=2) + "\n", "utf-8")
        fresh.replace(self._kept)


def _has_changed(known: SentSet | None, file: DataFile) -> bool:
    sent = known.files.get(file.name) if known else None
    return sent is None or sent.sha256 != file.sha256


def _remembered(kept: Path) -> Memory:
    """What a file of memory holds; nothing when there is none. Raises Problem on one that cannot be read: it is not empty."""
    try:
        return Memory.model_validate(json.loads(kept.read_text("utf-8"))) if kept.exists() else Memory()
    except (OSError, ValueError, ValidationError):
        raise Problem(f"{kept} : illisible ; sans ce fichier, tout serait publié une seconde fois") from None
