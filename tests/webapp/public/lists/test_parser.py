"""A list as people send it: every export form, plain tables, typed lines, and what cannot be read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.text import clean_text
from search.requested_film import MAX_BYTES, MAX_LINE_LENGTH, MAX_LINES, InputLine, LineFault
from webapp.core.context import RequestError
from webapp.public.lists.carried_list import dump_lines, load_lines
from webapp.public.lists.parser import read_file, read_list

WATCHLIST = """Date,Name,Year,Letterboxd URI
2026-01-02,La Strada,1954,https://boxd.it/aaaa
2026-01-03,"The Good, the Bad and the Ugly",1966,https://boxd.it/bbbb
"""
LETTERBOXD_LIST = """Letterboxd list export v7
Date,Name,Tags,URL,Description
2026-01-01,Mes films,"un, deux",https://boxd.it/list,"Une description
sur deux lignes, avec Name,Year"

Position,Name,Year,URL,Description
1,Dune,2021,https://boxd.it/cccc,
2,Persona,1966,https://boxd.it/dddd,"Vu
deux fois"
"""
IMDB = """Position,Const,Created,Description,Title,Original Title,URL,Title Type,IMDb Rating,Year,Genres,Directors
1,tt0053125,2026-01-01,,La Strada,La strada,https://www.imdb.com/title/tt0053125/,Movie,8,1954,"Drama, Road","Federico Fellini"
2,tt0000002,2026-01-01,,Une série,Une série,https://www.imdb.com/title/x/,TV Mini Series,8,2014–2018,,"Joel Coen, Ethan Coen"
"""
SENSCRITIQUE = """id,title,original_title,director,release_date,imdb_id,category
1,Bienvenue quelque part,Somewhere,Une Réalisatrice,1997-24-10,tt0119177,Film
2,Sans original,,"Une, Deux",2001-01-01,,Série
"""


def read(text: str) -> list[InputLine]:
    return read_file(text.encode())


def told(lines: list[InputLine]) -> list[tuple[int, tuple[str, ...], int | None]]:
    return [(line.line, line.titles, line.year) for line in lines]


def test_a_letterboxd_watchlist() -> None:
    lines = [(2, ("La Strada",), 1954), (3, ("The Good, the Bad and the Ugly",), 1966)]
    assert told(read(WATCHLIST)) == lines


def test_a_letterboxd_list_after_its_preamble() -> None:
    assert told(read(LETTERBOXD_LIST)) == [(7, ("Dune",), 2021), (8, ("Persona",), 1966)]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_letterboxd_list_saved_again_by_a_spreadsheet(delimiter: str) -> None:
    text = io.StringIO()
    rows = list(csv.reader(io.StringIO(LETTERBOXD_LIST)))
    csv.writer(text, delimiter=delimiter).writerows([*row, *[""] * (5 - len(row))] for row in rows)
    assert [line.titles for line in read(text.getvalue())] == [("Dune",), ("Persona",)]


def test_an_imdb_list() -> None:
    film, series = read(IMDB)
    assert film == InputLine(2, "", ("La Strada", "La strada"), 1954, ("Federico Fellini",), (("imdb", "tt0053125"),), False)
    assert (series.series, series.year, series.directors) == (True, 2014, ("Joel Coen", "Ethan Coen"))


def test_what_tools_draw_from_senscritique() -> None:
    first, second = read(SENSCRITIQUE)
    assert first.titles == ("Bienvenue quelque part", "Somewhere") and first.identifiers == (("imdb", "tt0119177"),)
    assert (first.year, first.directors, first.series) == (1997, ("Une Réalisatrice",), False)
    assert second.titles == ("Sans original",) and second.series is True


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_plain_table_in_french(delimiter: str, encoding: str) -> None:
    rows = ["Titre Année Réalisateur(s) Note".split(), ["L’Été meurtrier", "1983", "Jean Becker", "5"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read_file(text.encode(encoding)) == [InputLine(2, "", ("L’Été meurtrier",), 1983, ("Jean Becker",))]


@pytest.mark.parametrize(
    ("header", "cell", "identifiers"),
    [
        ("titre,tmdb", "438631", (("tmdb", "438631"),)),
        ("titre,TMDB ID", "438631", (("tmdb", "438631"),)),
        ("titre,tmdbID", "nombre", ()),
        ("titre,imdbID", "TT60474", ()),
        ("titre,id IMDb", "tt0060474", (("imdb", "tt0060474"),)),
        ("titre,AlloCiné", "1", (("allocine", "1"),)),
        ("titre,lien", "https://www.themoviedb.org/movie/438631-dune?language=fr", (("tmdb", "438631"),)),
    ],
)
def test_numbers_of_films_are_read_and_checked(header: str, cell: str, identifiers: tuple[tuple[str, str], ...]) -> None:
    assert read(f"{header}\nDune,{cell}\n")[0].identifiers == identifiers


def test_a_number_without_a_title_is_enough() -> None:
    assert read("titre,imdb\n,tt0060474\n")[0].identifiers == (("imdb", "tt0060474"),)


def test_typed_lines_keep_their_order_and_their_number() -> None:
    lines = read("\ufeffDune 2021\n\n  La Strada, Fellini \r\nLes 400 coups (1959)\rfin")
    assert [(line.line, line.typed) for line in lines] == [
        *[(1, "Dune 2021"), (3, "La Strada, Fellini"), (4, "Les 400 coups (1959)"), (5, "fin")]
    ]


def test_a_first_line_that_is_a_film_is_no_header() -> None:
    assert [line.typed for line in read("Film, Beckett\nDune\n")] == ["Film, Beckett", "Dune"]


def test_a_single_column_is_a_list_of_typed_lines() -> None:
    assert [line.typed for line in read("Titre\nDune, première partie\n")] == ["Dune, première partie"]


def test_a_line_that_would_shift_its_columns_is_told_and_not_read() -> None:
    lines = read("titre,année\nLe Bon, la Brute et le Truand,1966\nDune\n,1999\n" + "x" * 301 + ",1999\nSuite,2000,,\n")
    assert [line.fault for line in lines] == [LineFault.CELLS, None, LineFault.NO_TITLE, LineFault.TOO_LONG, None]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"Dune\nPer\0sona\n", "Ligne 2"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "Ligne 3"),
        (b"PK\x03\x04\0\0", "Ligne 1"),
        ("Dune\nÉté\n".encode() + b"\xff\xfe\n", "Ligne 3"),
        (b'titre,annee\nDune,2021\n"Persona,1966\nSuite,2000\n', "Ligne 3"),
        (b'titre,annee\nDune,2021\n"Persona" bis,1966\n', "Ligne 3"),
        (b"Dune\n" + b"x" * (MAX_LINE_LENGTH + 1), "Ligne 2"),
        (b"x" * MAX_BYTES, "Ligne 1"),
        (b"x" * (MAX_BYTES + 1), "plus de 1 Mo"),
        (b"Dune\n" * (MAX_LINES + 1), "plus de 500 lignes"),
        (b"titre,annee\n" + b"Dune,2021\n" * (MAX_LINES + 1), "plus de 500 lignes"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_file(data)
    message = str(refused.value.description)
    assert sentence in message and "\n" not in message and len(message) < 200


def test_exactly_as_many_lines_as_may_be_are_read() -> None:
    assert len(read("Dune\n" * MAX_LINES)) == MAX_LINES


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(st.lists(st.tuples(CELLS, st.integers(1888, 2030), CELLS), max_size=20), st.sampled_from(",;\t"))
def test_every_row_written_by_a_spreadsheet_comes_back(rows: list[tuple[str, int, str]], delimiter: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("Titre", "Année", "Remarque"), *rows])
    lines = read_list(text.getvalue())
    assert [line.year for line in lines] == [year if clean_text(title) else None for title, year, _ in rows]
    assert all((line.fault is LineFault.NO_TITLE) is not bool(line.titles) for line in lines)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_what_is_read_may_be_carried(data: bytes) -> None:
    try:
        lines = read_file(data)
    except RequestError:
        return
    assert not lines or load_lines(dump_lines(lines)) == lines


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_what_is_read_may_be_carried(text: str) -> None:
    try:
        lines = read_list(text)
    except RequestError:
        return
    assert not lines or load_lines(dump_lines(lines)) == lines


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '[{"line":0}]', '[{"line":1,"typed":"' + "x" * 400 + '"}]', '[{"line":1,"titles":"x"}]', "[" * 9999,
     '[{"line":1,"typed":"\\ud800"}]', '[{"line":1,"fault":"<b>"}]', str([{"line": 1}] * 501).replace("'", '"')],
)  # fmt: skip
def test_a_carried_list_that_somebody_changed_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        load_lines(text)
