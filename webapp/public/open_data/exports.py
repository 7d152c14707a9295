"""The exports that this site may show: those of its own folder, and of the same nature as its base."""

from pathlib import Path
from typing import NamedTuple

from domain.common.settings import get_settings
from opendata.manifest import MANIFEST_NAME, DataFile, Manifest, read_manifest
from webapp.core.context import is_demonstration


class Export(NamedTuple):
    """One export: the folder that holds it, whatever name led there, and what it says of itself."""

    folder: Path
    manifest: Manifest

    def find_file(self, name: str) -> DataFile | None:
        """The file of that name, if the export counts it."""
        if name == MANIFEST_NAME:
            return DataFile(name=MANIFEST_NAME, format="json", size=(self.folder / MANIFEST_NAME).stat().st_size, sha256="")
        return next((file for file in self.manifest.iter_files() if file.name == name), None)


def find_export(name: str) -> Export | None:
    """The latest export (« latest ») or a day's; None when there is none, or when it is of invented data and the site is not."""
    folder = (get_settings().open_data / name).resolve()  # a new export may take the name while this one is read
    manifest = read_manifest(folder.parent, folder.name)
    if manifest is None or manifest.demonstration != is_demonstration():
        return None
    return Export(folder, manifest)
