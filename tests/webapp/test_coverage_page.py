"""Coverage in public."""

import csv
import io
import re
from html import unescape

from flask.testing import FlaskClient


def test_figures_are_those_of_the_scene(client: FlaskClient) -> None:
    page = unescape(re.sub(r"<[^>]+>", " ", client.get("/couverture").text))
    text = re.sub(r"\s+", " ", page)
    for words in ("dans la base 6", "à voir en ce moment 3", "location 3", "achat 2", "le 22 novembre 2026 à 14 h 37"):
        assert words in text
    assert "Ciné Exemple 22 novembre 2026 à 13 h 37 celle du 22 novembre 2026 est en attente de vérification 3 3 2 1 0 2" in text
    assert "Kiosque Exemple 22 novembre 2026 à 13 h 37 2 2 2 0 0 2" in text


def test_the_table_says_what_the_page_says(client: FlaskClient) -> None:
    answer = client.get("/couverture.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = {row["platform"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    cine, kiosque = rows["cine"], rows["kiosque"]
    assert list(cine) == [
        *("counted_at", "platform", "platform_name", "run", "collected_at", "rows_received", "rows_kept"),
        *("rows_linked", "rows_doubtful", "rows_unlinked", "films_available", "held_run", "held_at"),
    ]
    assert (cine["counted_at"], cine["collected_at"], cine["held_at"]) == (
        *("2026-11-22T13:37:00Z", "2026-11-22T12:37:00Z"),
        "2026-11-22T13:37:00Z",
    )
    figures = ("rows_received", "rows_kept", "rows_linked", "rows_doubtful", "rows_unlinked", "films_available")
    assert [cine[name] for name in figures] == ["3", "3", "2", "1", "0", "2"]
    assert (kiosque["held_run"], kiosque["held_at"]) == ("", "")


def test_the_link_to_the_table_tells_its_weight(client: FlaskClient) -> None:
    assert f"(CSV, {len(client.get('/couverture.csv').data)}\xa0octets)" in client.get("/couverture").text
