"""The index of a file of films is stored, and decides as the one just built; what is stored is never stale, nor trusted."""

import csv
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from domain.common.errors import UserError
from matcher import index_store
from matcher.blocking import FilmIndex
from matcher.decision import decide_entries
from matcher.file_index import open_file_index
from matcher.loaders.csv_files import read_reference
from matcher.model import load_model
from tests.matcher.index_contents import describe_index
from tests.matcher.works import build_work

TITLES = ("Persépolis", "La Mécanique de l'ombre", "Playtime", "Les Plages d'Agnès : un film", "Сталкер", "5x2", "Nuit et jour")


@pytest.fixture(autouse=True)
def _own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path / "var"))


def write_reference(folder: Path, count: int = 120) -> Path:
    path = folder / "reference.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "year", "runtime_min", "directors", "countries", "imdb"])
        for rank in range(count):
            title = f"{TITLES[rank % 7]} {rank // 7 or ''}" if rank != 50 else ""
            row = [f"f{count - rank}", title, 1960 + rank % 50, 80 + rank % 40, f"Agnès Varda{rank % 9}", "France"]
            writer.writerow([*row, f"tt{7_000_000 + rank}"])
    return path


def list_stored(folder: Path) -> list[Path]:
    return sorted((folder / "var" / "match").iterdir())


def open_in_process(reference: Path) -> int:
    return len(open_file_index(reference).films.films)


def test_a_stored_index_is_the_index_just_built(tmp_path: Path) -> None:
    reference = write_reference(tmp_path)
    films, untitled_count = read_reference(reference)
    fresh = FilmIndex(films)
    entries = [build_work(str(rank), TITLES[rank % 7], year=1962 + rank, by=f"VARDA{rank} Agnès") for rank in range(60)]
    for _ in range(3):
        stored = open_file_index(reference)
        assert describe_index(stored.films) == describe_index(fresh) and stored.untitled_count == untitled_count == 1
        assert decide_entries(entries, stored.films, load_model()) == decide_entries(entries, fresh, load_model())
    assert len(list_stored(tmp_path)) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_several_processes_build_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("matcher.loaders.csv_files._BATCH_SIZE", 17)
    reference = write_reference(tmp_path)
    fresh = FilmIndex(read_reference(reference)[0])
    assert describe_index(open_file_index(reference, workers).films) == describe_index(fresh)


def test_another_content_is_another_index(tmp_path: Path) -> None:
    reference = write_reference(tmp_path)
    open_file_index(reference)
    reference.write_text(reference.read_text("utf-8").replace("Playtime", "Trafic"), "utf-8")
    assert describe_index(open_file_index(reference).films) == describe_index(FilmIndex(read_reference(reference)[0]))
    assert len(list_stored(tmp_path)) == 2


def test_another_code_is_another_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = write_reference(tmp_path)
    open_file_index(reference)
    code = tmp_path / "code"
    code.mkdir()
    (code / "work.py").write_text("changed = True", "utf-8")
    monkeypatch.setattr(index_store, "_SOURCE_FOLDERS", (str(code),))
    open_file_index(reference)
    assert len(list_stored(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"", b"not an index", None])
def test_a_damaged_file_is_built_again(tmp_path: Path, damage: bytes | None) -> None:
    reference = write_reference(tmp_path)
    expected = describe_index(open_file_index(reference).films)
    (path,) = list_stored(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert describe_index(open_file_index(reference).films) == expected
    assert path.read_bytes() == content


def test_where_nothing_can_be_written_the_index_serves_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be", "utf-8")
    reference = write_reference(tmp_path)
    assert len(open_file_index(reference).films.films) == 119


def test_processes_that_build_at_once_all_have_it(tmp_path: Path) -> None:
    reference = write_reference(tmp_path)
    with ProcessPoolExecutor(3) as pool:
        assert list(pool.map(open_in_process, [reference] * 6)) == [119] * 6
    assert len(list_stored(tmp_path)) == 1


def test_the_files_unused_for_longest_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_store, "_MAX_FILES", 2)
    first = write_reference(tmp_path)
    open_file_index(first)
    (first_path,) = list_stored(tmp_path)
    for count in (20, 30):
        open_file_index(write_reference(tmp_path, count))
        open_file_index(write_reference(tmp_path))  # in use
    assert first_path in list_stored(tmp_path) and len(list_stored(tmp_path)) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_of_two_wrong_cells_the_first_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("matcher.loaders.csv_files._BATCH_SIZE", 2)
    path = tmp_path / "r.csv"
    path.write_text("id,title,year\n9,Alien,1979\n8,Aliens,mille\n7,Alien 3,x\n9,Alien,1979\n", "utf-8")
    with pytest.raises(UserError, match="ligne 3, colonne year : « mille »"):
        open_file_index(path, workers)
    assert not (tmp_path / "var").exists()


def test_an_empty_reference_has_no_film(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,title\n", "utf-8")
    assert [len(open_file_index(path).films.films) for _ in range(2)] == [0, 0]
    found = open_file_index(path).films.find_candidates([build_work("1", "Alien", year=1979)])
    assert list(found[0].positions) == []


def test_a_film_is_read_by_position_or_by_slice(tmp_path: Path) -> None:
    films = open_file_index(write_reference(tmp_path)).films.films
    assert films[0] == films[:2][0] == next(iter(films)) and films[-1] == list(films)[-1]
    with pytest.raises(IndexError):
        films[len(films)]
