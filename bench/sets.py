"""List the sets that are measured: those that the matcher learns from, and others that it never saw."""

from collections.abc import Iterator
from pathlib import Path

from matcher.training.gold_sets import (
    CNC_REFERENCE,
    WORLD_REFERENCE,
    LabelledSet,
    iter_training_sets,
    read_catalogue_set,
    read_rows,
)


def load_french_titles(data: Path) -> LabelledSet:
    """Load French titles of films of the world source, whose own French titles are blanked; other facts are the source's."""
    films = {row["id"]: row for row in read_rows(data / WORLD_REFERENCE)}
    entries = {}
    for row in read_rows(data / "french_titles.csv.gz"):
        film = films.get(row["imdb_id"])
        if film is not None:
            facts = {column: film[column] for column in ("year", "directors", "runtime_min")}
            entries[film["id"]] = {"id": film["id"], "title": row["title_fr"], **facts}
    right = {film_id: {film_id} for film_id in entries}
    return LabelledSet("titres français", WORLD_REFERENCE, list(entries.values()), right, set(right), ("title_fr",))


def iter_labelled_sets(data: Path) -> Iterator[LabelledSet]:
    """Yield every set that is measured; those after the training sets were never fitted on."""
    yield from iter_training_sets(data)
    yield load_french_titles(data)
    yield read_catalogue_set(data, "Orange", "catalogue_orange_vod_noid.csv.gz", CNC_REFERENCE)
    yield read_catalogue_set(data, "MUBI", "catalogue_mubi.csv.gz", WORLD_REFERENCE)
    yield read_catalogue_set(data, "Médiathèque", "catalogue_mediatheque_numerique.csv.gz", CNC_REFERENCE)
