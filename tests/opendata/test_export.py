"""An export has exact cells, the same rows in every format, checksums and schemas that hold."""

import csv
import hashlib
import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from frictionless import Resource, Schema
from sqlalchemy import Engine

from domain.common.enums import LegalBasis
from domain.common.errors import UserError
from domain.db.engine import write_session
from opendata.columns import format_cells
from opendata.export import export_nightly, format_summary
from opendata.manifest import Manifest, list_exported_days, read_manifest
from tests.domain.builders import make_film
from tests.opendata.scene import FORMULA, NOW, SITE, export_database, fill_database

RENTED = {
    "film_id": "1", "title": "Playtime", "year": "1967", "platform": "cine", "access": "rent", "price": "3.99",
    "currency": "EUR", "quality": "HD", "languages": "VF|VOSTFR", "audio_description": "true", "sdh": "false",
    "edition": "", "starts": "", "ends": "",
    "url": "https://cine.example/1", "first_seen": "2026-11-22T12:37:00Z", "last_seen": "2026-11-22T12:37:00Z", "run": "2",
    "decided_by": "matcher test", "decided_at": "2026-11-22T12:37:00Z", "probability": "",
}  # fmt: skip


def read_rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "latest" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def export(folder: Path) -> tuple[Path, Manifest]:
    manifest = read_manifest(folder)
    assert manifest
    return folder, manifest


def test_an_offer_carries_its_evidence_and_nothing_unknown_is_guessed(engine: Engine, tmp_path: Path) -> None:
    fill_database(engine)
    export_database(engine, tmp_path)
    offers = read_rows(tmp_path, "offres_du_jour")
    rented, lent, sold = (dict(offer) for offer in offers)
    assert rented.pop("offer_id") and rented == RENTED
    assert (lent["access"], lent["ends"], lent["url"], lent["price"]) == ("library", "2026-12-01T13:37:00Z", "", "")
    assert (sold["film_id"], sold["price"], sold["currency"], sold["audio_description"]) == ("2", "", "", "")


def test_the_state_of_a_past_day_can_be_read_in_the_periods(export: tuple[Path, Manifest]) -> None:
    periods = [period for period in read_rows(export[0], "periodes_offres") if period["access"] == "rent"]
    assert [(period["price"], period["closed_at"], period["closed_why"]) for period in periods] == [
        ("2.99", "2026-11-22T12:37:00Z", "prix ou dates changés"), ("3.99", "", ""),
    ]  # fmt: skip


def test_cells_stay_exact_even_when_a_spreadsheet_would_run_them(export: tuple[Path, Manifest]) -> None:
    films = read_rows(export[0], "films_identifiants")
    assert [film["title"] for film in films] == ["Playtime", FORMULA, "Sans offre"]
    assert films[0]["imdb"] == "tt0062136" and films[0]["directors"] == "Jacques Tati|A/B"
    assert films[0]["page"] == f"{SITE}/films/1-un-film"


def test_bytes_follow_the_convention_and_sums_check(export: tuple[Path, Manifest]) -> None:
    latest = export[0] / "latest"
    raw = (latest / "films_identifiants.csv").read_bytes()
    assert raw.startswith(b"film_id,") and raw.count(b"\r\n") == 4 == raw.count(b"\n")
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=latest, check=False).returncode == 0
    for file in export[1].iter_files():
        data = (latest / file.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)
    assert {path.name for path in latest.iterdir()} == {file.name for file in export[1].iter_files()} | {"manifest.json"}


def test_every_table_is_valid_against_its_schema(export: tuple[Path, Manifest]) -> None:
    folder, tables = str(export[0] / "latest"), [dataset for dataset in export[1].sets if dataset.schema_file]
    for table in tables:
        assert table.schema_file
        schema = Schema.from_descriptor(json.loads((export[0] / "latest" / table.schema_file.name).read_text("utf-8")))
        assert all(field.title for field in schema.fields)
        report = Resource(path=table.files[0].name, basepath=folder, schema=schema, encoding="utf-8").validate()
        assert report.valid and report.tasks[0].stats["rows"] == table.rows, report.flatten(["fieldName", "message"])
    assert len(tables) == 6


def test_parquet_says_the_same_with_types(export: tuple[Path, Manifest]) -> None:
    for table in filter(lambda dataset: dataset.schema_file, export[1].sets):
        parquet = duckdb.sql(f"SELECT * FROM '{export[0]}/latest/{table.name}.parquet'")
        assert parquet is not None
        csv_rows = [list(row.values()) for row in read_rows(export[0], table.name)]
        assert [[plain(value) for value in format_cells(row)] for row in parquet.fetchall()] == csv_rows
    offers = duckdb.sql(f"SELECT price, sdh, first_seen, film_id FROM '{export[0]}/latest/offres_du_jour.parquet'")
    assert offers is not None
    assert offers.fetchall()[0] == (Decimal("3.99"), False, datetime(2026, 11, 22, 12, 37, tzinfo=UTC), "1")


def plain(value: object) -> str:
    """Format a cell as CSV does; decimals have trailing zeros in Parquet."""
    if value is None:
        return ""
    return str(value).rstrip("0") if isinstance(value, Decimal) else str(value)


def test_films_stand_against_catalogues(export: tuple[Path, Manifest]) -> None:
    first, second = read_rows(export[0], "presences_catalogues")
    assert (first["catalogue_cine"], first["catalogue_media_theque"], first["titles"]) == ("rent", "library", "en:Play Time")
    assert (second["catalogue_cine"], second["catalogue_media_theque"]) == ("buy", "")


def test_coverage_and_services_tell_what_is_left_out(export: tuple[Path, Manifest]) -> None:
    cine, _ = read_rows(export[0], "couverture")
    assert (cine["platform"], cine["rows_linked"], cine["films_available"], cine["error_rate"]) == ("cine", "2", "2", "")
    assert [service["legal_basis"] for service in read_rows(export[0], "services")] == ["contract", "contract"]
    assert "Licence Ouverte 2.0" in (export[0] / "latest" / "LISEZMOI.txt").read_text("utf-8")


def test_a_past_day_is_told_apart_and_does_not_take_the_place_of_the_latest(
    export: tuple[Path, Manifest], filled_engine: Engine
) -> None:
    from opendata.export import export_open_data

    past = export_open_data(filled_engine, export[0], NOW, NOW.date() - timedelta(days=1), SITE)
    assert past.at == datetime(2026, 11, 21, 22, 59, 59, tzinfo=UTC) and "couverture" not in {table.name for table in past.sets}
    with (export[0] / "2026-11-21" / "offres_du_jour.csv").open(encoding="utf-8", newline="") as file:
        assert [offer["price"] for offer in csv.DictReader(file) if offer["access"] == "rent"] == ["2.99"]
    latest = read_manifest(export[0])
    assert (
        latest and latest.day == date(2026, 11, 22) and list_exported_days(export[0]) == [date(2026, 11, 22), date(2026, 11, 21)]
    )
    with pytest.raises(UserError, match="à venir"):
        export_open_data(filled_engine, export[0], NOW, NOW.date() + timedelta(days=1), SITE)


def test_invented_data_say_so_everywhere_and_never_stand_beside_real_ones(
    export: tuple[Path, Manifest], filled_engine: Engine, tmp_path: Path
) -> None:
    from domain.runs.platforms import get_platform

    with write_session(filled_engine) as session:
        get_platform(session, "cine").legal_basis = LegalBasis.INVENTED
    with pytest.raises(UserError, match=r"données réelles, celles de cette base sont de démonstration"):
        export_database(filled_engine, export[0])
    manifest = export_database(filled_engine, tmp_path / "demo")
    file_names = [file.name for dataset in manifest.sets for file in dataset.files]
    assert manifest.demonstration and all(name.startswith("demonstration_") for name in file_names)
    assert all("démonstration" in dataset.title for dataset in manifest.sets)
    assert "DONNÉES DE DÉMONSTRATION" in (tmp_path / "demo" / "latest" / "LISEZMOI.txt").read_text("utf-8")


def test_the_night_exports_once_a_day_and_only_what_was_collected(sqlite_engine: Engine, tmp_path: Path) -> None:
    messages: list[str] = []
    export_nightly(sqlite_engine, tmp_path, NOW, messages.append)
    assert messages == []
    fill_database(sqlite_engine)
    for moment in (NOW.replace(hour=2), NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        export_nightly(sqlite_engine, tmp_path, moment, messages.append)
    assert len(messages) == 2 and messages[0].startswith(
        "données ouvertes du 2026-11-22 : films_identifiants 3, offres_du_jour 3"
    )
    assert list_exported_days(tmp_path) == [date(2026, 11, 23), date(2026, 11, 22)]


def test_what_is_told_counts_every_file(export: tuple[Path, Manifest]) -> None:
    assert format_summary(export[1]).endswith(" ; 0,0 Mo")


def test_films_of_any_number_are_all_exported(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opendata import batches

    monkeypatch.setattr(batches, "_BATCH_SIZE", 2)
    fill_database(sqlite_engine)
    with write_session(sqlite_engine) as session:
        session.add_all(make_film(film_id, "Loin") for film_id in (0, 2**31 - 1))
    export_database(sqlite_engine, tmp_path)
    assert [film["film_id"] for film in read_rows(tmp_path, "films_identifiants")] == ["0", "1", "2", "3", "2147483647"]
    assert len(read_rows(tmp_path, "periodes_offres")) == 4
