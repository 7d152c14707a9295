"""The feed for search engines is read back by our own parser of such feeds."""

from pathlib import Path

from sqlalchemy import Engine

from crawlers.formats.media_actions import read_media_actions
from tests.opendata.scene import FORMULA, SITE, export_database


def test_the_feed_is_read_back_as_it_was_told(folder: Path) -> None:
    first, second = read_media_actions((folder / "latest" / "media_actions.json").read_bytes(), "media_actions.json")
    page = f"{SITE}/films/1-un-film"
    assert first == {
        "ref": page, "title": "Playtime", "other_titles": ["Play Time"], "year": "1967", "directors": ["Jacques Tati", "A|B"],
        "countries": ["France"], "kind": "Movie", "url": page, "ids": {"imdb": "tt0062136"},
        "offers": [
            {"mode": "rental", "price": "3.99", "currency": "EUR", "url": "https://cine.example/1", "territories": ["FR"]},
        ],
    }  # fmt: skip
    assert second["title"] == FORMULA.replace("\t", " ") and second["offers"][0] == {
        "mode": "purchase", "url": "https://cine.example/1", "territories": ["FR"],
    }  # fmt: skip


def test_a_base_without_offers_gives_an_empty_feed(sqlite_engine: Engine, tmp_path: Path) -> None:
    export_database(sqlite_engine, tmp_path)
    assert read_media_actions((tmp_path / "latest" / "media_actions.json").read_bytes(), "x") == []
