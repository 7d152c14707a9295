"""List the sets that are measured: those that the matcher learns from, and others that it never saw."""

from collections.abc import Iterator
from pathlib import Path

from matcher.training.gold_sets import (
    CNC_REFERENCE,
    WORLD_REFERENCE,
    LabelledSet,
    iter_training_sets,
    read_catalogue_set,
    read_french_titles_set,
)


def iter_labelled_sets(data: Path) -> Iterator[LabelledSet]:
    """Yield every set that is measured; of those after the training sets, French titles were fitted on as poorer copies only."""
    yield from iter_training_sets(data)
    yield read_french_titles_set(data)
    yield read_catalogue_set(data, "Orange", "catalogue_orange_vod_noid.csv.gz", CNC_REFERENCE)
    yield read_catalogue_set(data, "MUBI", "catalogue_mubi.csv.gz", WORLD_REFERENCE)
    yield read_catalogue_set(data, "Médiathèque", "catalogue_mediatheque_numerique.csv.gz", CNC_REFERENCE)
