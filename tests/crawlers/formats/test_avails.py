"""Avails, as XLSX and as XML: one line a work; a hostile workbook is told."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bench.fuzz_formats import make_workbook
from crawlers.formats.avails import read_avails
from domain.common.errors import UserError
from tests.crawlers.conftest import PAGES

COLUMNS = ["ALID", "Territory", "TerritoryExclusion", "WorkType", "TitleDisplayUnlimited", "ReleaseYear", "TotalRunTime"]
COLUMNS += ["LicenseType", "Start", "End", "PriceType", "PriceValue", "SRP"]


def book(*rows: list[Any], sheets: int = 1) -> bytes:
    """Return a workbook whose first sheet holds those rows."""
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    for _ in range(sheets - 1):
        made.create_sheet()
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def avails(*rows: list[Any]) -> list[Any]:
    return list(read_avails(book(["Avail"] * len(COLUMNS), COLUMNS, *rows), "x"))


def test_the_licences_of_a_work_are_one_line() -> None:
    marees, phare = read_avails(make_workbook(), "x")
    assert marees == {
        "ref": "md:alid:marees",
        "title": "Les Marées hautes",
        "year": 2019,
        "directors": ["Élise Carvalho"],
        "minutes": 97,
        "kind": "Movie",
        "offers": [
            {"mode": mode, "price": price, "currency": "EUR", "quality": "HD", "languages": ["fr", "en"], **WINDOW}
            for mode, price in (("VOD", 3.99), ("EST", 9.99))
        ],
    }
    assert (phare["year"], phare["offers"][0]["territories"], phare["offers"][0]["ends"]) == ("1974", ["FR", "BE"], "2027-01-01")


WINDOW = {"starts": "2026-01-01", "territories": ["FR"]}


def test_cells_of_every_type_are_read() -> None:
    start, end = datetime.combine(date(2026, 1, 1), time()), date(2027, 1, 1)
    rows: list[list[Any]] = [
        [30434.0, "FR", "BE, CH", "Movie", "X", 2019.0, "01:37:31", "VOD", start, end, "WSP", 2.5, None],
        [30434, "FR", None, "Movie", "Autre", 2019, None, "VOD", "2026-01-01", "ESTStart", "SRP", "3.99", "#N/A"],
        [None] * len(COLUMNS),
        ["//REQ", "//Opt", "//Opt", "//REQ", *[None] * 9],
    ]
    (line,) = avails(*rows)
    assert (line["ref"], line["title"], line["year"], line["minutes"]) == ("30434", "X", 2019, 98)
    wholesale, public = line["offers"]
    assert "price" not in wholesale and wholesale["excluded"] == ["BE", "CH"] and wholesale["ends"] == "2027-01-01"
    assert public["price"] == "3.99" and public["ends"] == "ESTStart"


def test_licences_without_number_are_lines_of_their_own() -> None:
    row = [None, "FR", None, "Movie", "X", *[None] * 8]
    assert [line["title"] for line in avails(row, row)] == ["X", "X"]


def test_a_formula_gives_no_value_of_its_own() -> None:
    (line,) = avails(["a", "FR", None, "Movie", "=1+1", "=2000+19", *[None] * 7])
    assert "title" not in line and "year" not in line


def test_a_document_in_xml() -> None:
    assert read_avails((PAGES / "generic-avails.xml").read_bytes(), "x") == [
        {
            "ref": "md:alid:org:vod.example.fr:marees",
            "title": "Les Marées hautes",
            "other_titles": ["Marées hautes, Les"],
            "year": "2019",
            "directors": ["Élise Carvalho"],
            "minutes": 97,
            "kind": "Movie",
            "ids": {"eidr": "urn:eidr:10.5240:0000-0000-0000-0000-0000-X"},
            "offers": [
                {
                    "mode": "VOD",
                    "price": "3.99",
                    "currency": "EUR",
                    "quality": "HD",
                    "languages": ["fr"],
                    "starts": "2026-01-01T00:00:00",
                    "ends": "2027-01-01T00:00:00",
                    "territories": ["FR", "BE"],
                },
                {"mode": "EST", "quality": "UHD", "starts": "2026-01-01T00:00:00", "territories": ["US"]},
            ],
        }
    ]


def packed(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (make_workbook()[:4000], "endommagé ou coupé"),
        (packed(a=b"\0" * (33 * 2**20)), "démesuré une fois décompressé"),
        (packed(**{f"m{number}": b"" for number in range(1100)}), "démesuré"),
        (packed(a=b"x"), "endommagé ou illisible"),
        (book(["Titre", "Prix"], ["X", 3], sheets=2), "aucune feuille d'Avails"),
        (book(["Avail"], COLUMNS), "aucune ligne d'Avails"),
        (b"<a/>", "AvailList manque"),
        (b"<html><p>robot ?", "page HTML"),
        (b"", "XML coupé"),
    ],
    ids=range(9),
)
def test_another_document_is_told(data: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_avails(data, "x")


def test_a_sheet_that_never_ends_is_told() -> None:
    data = book(["Avail"] * len(COLUMNS), COLUMNS, ["a", "FR", None, "Movie", "X", *[None] * 8])
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'<row r="3"', b'<row r="900000000"')
    with pytest.raises(UserError, match="démesurée|aucune ligne"):
        read_avails(packed(**members), "x")


@pytest.mark.parametrize(
    ("part", "where", "flood"),
    [
        ("xl/worksheets/sheet1.xml", b"</row>", b"<c/>" * 60_000),
        ("xl/worksheets/sheet1.xml", b"</row>", b"<row><c/></row>" * 60_000),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row/>" * 600_000),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"<c/>" * 4_000_001),
        ("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 60_000),
    ],
)
def test_a_small_workbook_that_would_fill_the_memory_is_told(part: str, where: bytes, flood: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(make_workbook())) as source:
        members = {name: source.read(name) for name in source.namelist()}
    members[part] = members[part].replace(where, flood + where, 1)
    with pytest.raises(UserError, match="démesuré une fois décompressé"):
        read_avails(packed(**members), "x")


def test_a_large_sheet_is_no_flood() -> None:
    row = ["a", "FR", None, "Movie", "X", 2019, None, "VOD", None, None, "SRP", None, 3]
    assert len(avails(*[[f"a{number}", *row[1:]] for number in range(5_000)])) == 5_000


@pytest.mark.parametrize(
    ("name", "works", "licences", "first"),
    [
        ("movielabs_avails_all_v1.8.xlsx", 26, 65, ("VIEW_MT_2006", "The View from a Mountain", 2006, 116)),
        ("movielabs_avails_volume_v1.8.xlsx", 21, 33, ("md:pseudoalid:wprid.fox.com:001143", "THE BRAVADOS", "1958", 98)),
        (
            "movielabs_avails_tv_v2.3.xml",
            23,
            110,
            ("md:alid:disney.com:jake-s01e01", "Hide The Hideout! /The Old Shell Game", None, None),
        ),
    ],
)
def test_the_samples_of_movielabs_are_read_whole(
    shared: Path, name: str, works: int, licences: int, first: tuple[object, ...]
) -> None:
    lines = read_avails((shared / "data" / "samples" / name).read_bytes(), name)
    assert len(lines) == works and sum(len(line["offers"]) for line in lines) == licences
    assert tuple(lines[0].get(fact) for fact in ("ref", "title", "year", "minutes")) == first
