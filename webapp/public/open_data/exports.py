"""The exports that this site may show: those of its own folder, and of the same nature as its base."""

from pathlib import Path
from typing import NamedTuple

from domain.common.settings import open_data_folder
from opendata.manifest import MANIFEST, DataFile, Manifest, read_manifest
from webapp.core.context import is_demonstration


class Export(NamedTuple):
    """One export: the folder that holds it, whatever name led there, and what it says of itself."""

    folder: Path
    manifest: Manifest

    def file(self, name: str) -> DataFile | None:
        """The file of that name, if the export counts it."""
        if name == MANIFEST:
            return DataFile(name=MANIFEST, format="json", size=(self.folder / MANIFEST).stat().st_size, sha256="")
        return next((file for file in self.manifest.files() if file.name == name), None)


def find_export(name: str) -> Export | None:
    """The latest export (« latest ») or a day's; None when there is none, or when it is of invented data and the site is not."""
    folder = (open_data_folder() / name).resolve()  # a new export may take the name while this one is read
    manifest = read_manifest(folder.parent, folder.name)
    if manifest is None or manifest.demonstration != is_demonstration():
        return None
    return Export(folder, manifest)
