"""The rule to beat: a film of the same comparable title and the same year, when there is only one."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from matcher.labelled import LabelledSet, read_rows
from records.titles import title_key

_TITLES = ("title", "original_title", "title_fr", "other_titles")


def _keys(row: dict[str, str]) -> set[str]:
    return {title_key(title) for column in _TITLES for title in row.get(column, "").split("|") if title}


def exact_links(labelled: LabelledSet, data: Path) -> Iterator[dict[str, str]]:
    """LINKS rows, with the columns that are measured."""
    films: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in read_rows(data / labelled.reference):
        for key in _keys(row):
            films[key, row["year"]].add(row["id"])
    for entry in labelled.entries:
        year = entry.get("year", "")
        found = {film for key in _keys(entry) for film in films.get((key, year), ())} if year else set[str]()
        yield {"entry_id": entry["id"], "film_id": "".join(found), "decision": "auto" if len(found) == 1 else "none"}
