"""Coverage in public."""

import csv
import io
import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, Verdict
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from tests.conftest import NOW
from webapp.core.context import ENGINE_KEY

ERRORS = ("links_checked", "links_wrong", "links_undecided", "error_rate", "error_low", "error_high")


def checked(session: Session, slug: str, verdict: Verdict, chosen_id: int | None = None) -> None:
    """Record a person's answer to a check of the platform's first link, whatever film it is."""
    entry = session.exec(select(Entry).join(Platform).where(Platform.slug == slug).order_by(col(Entry.id))).first()
    assert entry is not None
    facts: dict[str, Any] = {"entry_id": entry.id, "film_id": 1, "chosen_id": chosen_id, "outcome": verdict}
    session.add(ReviewCase(cause=CaseCause.AUDIT, opened_at=NOW, closed_at=NOW, **facts))
    session.flush()


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
        *("links_checked", "links_wrong", "links_undecided", "error_rate", "error_low", "error_high"),
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


def read_table(client: FlaskClient) -> dict[str, dict[str, str]]:
    return {row["platform"]: row for row in csv.DictReader(io.StringIO(client.get("/couverture.csv").text))}


def test_what_nobody_checked_is_not_a_rate_of_zero(client: FlaskClient) -> None:
    assert "Le taux d’erreur n’est pas encore mesuré." in client.get("/couverture").text
    assert [read_table(client)["cine"][name] for name in ERRORS] == ["0", "0", "0", "", "", ""]


def test_the_error_rate_is_published_with_its_interval(client: FlaskClient, app: Flask) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        for _ in range(48):
            checked(session, "cine", Verdict.SAME, 1)
        checked(session, "cine", Verdict.SAME, 2)
        checked(session, "cine", Verdict.NONE)
        checked(session, "cine", Verdict.UNSURE)
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", client.get("/couverture").text)))
    assert "4,0 % de liens faux sur 50 liens vérifiés." in text
    assert "entre 0,5 % et 13,7 % (intervalle à 95 %)" in text
    assert "Ciné Exemple 50 2 1 4,0 % 0,5 % et 13,7 %" in text and "Kiosque Exemple pas encore mesuré" in text
    assert [read_table(client)["cine"][name] for name in ERRORS] == ["50", "2", "1", "0.0400", "0.0049", "0.1371"]
