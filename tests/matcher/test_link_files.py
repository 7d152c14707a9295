"""`ouvoir link`: two files in, one out, whole or not at all; what cannot be used is named."""

import csv
import gzip
import io
from pathlib import Path

import pytest

from domain.common.errors import UserError
from matcher.link_files import link_files

REFERENCE = """id,title,directors,year,release_date,countries
10,LA MECANIQUE DE L'OMBRE,KRUITHOF Thomas,2015,2017-01-11,FRANCE
11,PERSEPOLIS,PARONNAUD Vincent|SATRAPI Marjane,2005,2007-06-27,FRANCE
12,,SANS Titre,2001,,
"""
ENTRIES = """title,year,id,directors,unknown
Persepolis,2007,b,Gabrielle Lopes Benites,x
"Mécanique de l'ombre (La)",2017,a,Thomas Kruithof,
Playtime,1967,c,Jacques Tati,
"""


@pytest.fixture(autouse=True)
def _own_var(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path_factory.mktemp("var")))


def put(path: Path, text: str) -> Path:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def run(folder: Path, reference: str = REFERENCE, entries: str = ENTRIES, output: str = "links.csv", workers: int = 1) -> Path:
    films, lines = put(folder / "reference.csv", reference), put(folder / "entries.csv", entries)
    link_files(films, lines, folder / output, workers, None, lambda line: None)
    return folder / output


def rows(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_links_come_in_the_order_of_the_entries_with_the_columns_of_the_contract(tmp_path: Path) -> None:
    links = rows(run(tmp_path))
    columns = "entry_id film_id decision probability reason runner_up_id runner_up_probability"
    assert list(links[0]) == columns.split()
    assert [(row["entry_id"], row["decision"], row["film_id"]) for row in links] == [
        ("b", "review", "11"),
        ("a", "auto", "10"),
        ("c", "none", ""),
    ]
    assert all(0 <= float(row["probability"]) <= 1 for row in links)


def test_gzip_is_read_and_written(tmp_path: Path) -> None:
    plain = run(tmp_path)
    reference, entries = put(tmp_path / "r.csv.gz", REFERENCE), put(tmp_path / "e.csv.gz", ENTRIES)
    link_files(reference, entries, tmp_path / "links.csv.gz", 1, None, lambda line: None)
    assert rows(tmp_path / "links.csv.gz") == rows(plain)


def test_films_without_a_title_are_left_out_and_told(tmp_path: Path) -> None:
    messages: list[str] = []
    link_files(put(tmp_path / "r.csv", REFERENCE), put(tmp_path / "e.csv", ENTRIES), tmp_path / "l.csv", 1, None, messages.append)
    assert messages[0].startswith("2 films, 1 sans titre laissés de côté ; 3 entrées ; index prêt en ")
    assert messages[1] == "auto : 1 ; review : 1 ; none : 1"


def test_the_number_of_workers_and_the_order_of_columns_change_nothing(tmp_path: Path) -> None:
    alone = run(tmp_path).read_bytes()
    assert run(tmp_path, output="two.csv", workers=2).read_bytes() == alone
    turned = [row.split(",") for row in REFERENCE.splitlines()]
    assert run(tmp_path, reference="\n".join(",".join(row[::-1]) for row in turned), output="turned.csv").read_bytes() == alone


def test_links_are_the_same_the_second_time(tmp_path: Path) -> None:
    first = run(tmp_path).read_bytes()
    assert run(tmp_path).read_bytes() == run(tmp_path, workers=2).read_bytes() == first


def test_no_entries_give_a_header_alone(tmp_path: Path) -> None:
    assert rows(run(tmp_path, entries="id,title\n")) == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("id,name\n1,Alien\n", "entries.csv, ligne 1 : colonne absente : title"),
        ("id,title\n,Alien\n", "entries.csv, ligne 2, colonne id : valeur absente"),
        ("id,title\n1,\n", "entries.csv, ligne 2, colonne title : valeur absente"),
        ("id,title\n1,Alien\n1,Aliens\n", "entries.csv, ligne 3, colonne id : « 1 » est déjà à la ligne 2"),
        ("id,title,year\n1,Alien,mille\n", "ligne 2, colonne year : « mille », attendu : nombre entre 1870 et 2100"),
        ("id,title,year\n1,Alien,19790\n", "colonne year"),
        ("id,title,runtime_min\n1,Alien,1h57\n", "colonne runtime_min"),
        ("id,title,kind\n1,Alien,movie\n", "colonne kind : « movie », attendu : film | short | series | episode | other"),
        ("id,title,release_date\n1,Alien,12/09/1979\n", "colonne release_date : « 12/09/1979 », attendu : date AAAA-MM-JJ"),
        ("id,title\n1,Alien,1979\n", "ligne 2 : 3 cellules au lieu de 2"),
        ("<!doctype html>", "page HTML reçue au lieu d'un CSV"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(tmp_path: Path, entries: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        run(tmp_path, entries=entries)
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entries.csv", "reference.csv"]


@pytest.mark.parametrize(
    ("output", "workers", "message"),
    [
        ("absent/links.csv", 1, "le dossier n'existe pas"),
        (".", 1, "c'est un dossier"),
        ("links.csv", 0, "--workers : nombre entre 1 et 64"),
        (f"{'x' * 300}.csv", 1, "écriture impossible"),
    ],
)
def test_an_output_or_workers_that_cannot_be_are_named(tmp_path: Path, output: str, workers: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        run(tmp_path, output=output, workers=workers)


def test_a_failed_run_leaves_the_last_links_alone(tmp_path: Path) -> None:
    before = run(tmp_path).read_bytes()
    with pytest.raises(UserError):
        run(tmp_path, entries="id,title\n1,\n")
    assert (tmp_path / "links.csv").read_bytes() == before


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    films = tmp_path / "films.csv"
    films.write_text("id,title\n1,Playtime\n", "utf-8")
    with pytest.raises(UserError, match="aussi un fichier d'entrée"):
        link_files(films, films, films, 1, None, print)
    assert films.read_text("utf-8") == "id,title\n1,Playtime\n"
