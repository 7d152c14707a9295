"""Find the exports that this site may show: those of its own folder, invented data on a demonstration only."""

from pathlib import Path
from typing import NamedTuple

from domain.common.settings import get_settings
from opendata.manifest import MANIFEST_NAME, DataFile, Manifest, read_manifest
from webapp.core.context import is_demonstration


class Export(NamedTuple):
    """Hold an export: its real folder, whatever name led there, and its manifest."""

    folder: Path
    manifest: Manifest

    def find_file(self, name: str) -> DataFile | None:
        """Return the file of a name, None when the export does not list it."""
        if name == MANIFEST_NAME:
            return DataFile(name=MANIFEST_NAME, format="json", size=(self.folder / MANIFEST_NAME).stat().st_size, sha256="")
        return next((file for file in self.manifest.iter_files() if file.name == name), None)


def find_export(name: str) -> Export | None:
    """Return the latest export (« latest ») or a day's; None when there is none, or when one of export and site is invented."""
    folder = (get_settings().open_data / name).resolve()  # a new export may take the name while this one is read
    manifest = read_manifest(folder.parent, folder.name)
    if manifest is None or manifest.demonstration != is_demonstration():
        return None
    return Export(folder, manifest)
