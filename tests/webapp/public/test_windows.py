"""The rules of the chronologie on a page, and the windows of a film as a calendar."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from domain.common.text import clean_text
from domain.db.engine import write_session
from domain.models.film import Film
from domain.windows.rules import get_window_rules
from tests.conftest import NOW
from tests.domain.builders import make_platform
from tests.scene import DUNE_1984, HOSTILE, HOSTILE_TITLE, LA_FEMME, VADROUILLE
from webapp.core.context import ENGINE_KEY
from webapp.core.french import typeset

JANUARY = date(2026, 1, 7)


def released(app: Flask, film_id: int, day: date | None, **facts: object) -> None:
    """Set the day of release of a film of the scene."""
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.get_one(Film, film_id).sqlmodel_update({"release_date": day, "year": day.year if day else None, **facts})


def events(client: FlaskClient, film_id: int) -> dict[str, tuple[date, str, str]]:
    """Return the events of a calendar by their uid: day, summary, state."""
    calendar = Calendar.from_ical(client.get(f"/films/{film_id}/fenetres.ics").text)
    parsed_events = [
        (str(event["uid"]), (event.decoded("dtstart"), str(event["summary"]), str(event.get("status", ""))))
        for event in calendar.walk("VEVENT")
    ]
    assert len(dict(parsed_events)) == len(parsed_events)
    return dict(parsed_events)


def test_every_rule_is_on_the_page_with_its_source_and_its_doubt(client: FlaskClient) -> None:
    page = client.get("/fenetres").text.replace("\N{NO-BREAK SPACE}", " ").replace("’", "'")
    assert page.count("<tr>") == len(get_window_rules()) + 2 and page.count("ligne revue le 22 novembre 2026") == len(
        get_window_rules()
    )
    assert page.count("À confirmer.") == sum(bool(rule.doubt) for rule in get_window_rules())
    for words in ("Code du cinéma, articles L. 231-1", "jusqu'à 28 jours plus tôt par dérogation", "Une seule source", "17 mois"):
        assert words in page, words
    assert page.index("Netflix") < page.index("À d'autres dates")


def test_services_of_the_register_have_their_names(client: FlaskClient, app: Flask) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        make_platform(session, "hbo-max").name = "HBO Max (nom du registre)"
    page = client.get("/fenetres").text
    assert "HBO Max (nom du registre)" in page
    assert "Prime Video" in page and "prime-video" not in page, "one that is not registered has the name of its file"


def test_a_calendar_has_a_whole_day_for_each_window_to_come(client: FlaskClient, app: Flask) -> None:
    released(app, LA_FEMME, NOW.date() - timedelta(days=10))
    events_by_uid = events(client, LA_FEMME)
    assert events_by_uid["film-6-disney@ouvoir"][0] == date(2027, 8, 12)
    summary = events_by_uid["film-6-pay_agr@ouvoir"][1]
    assert summary == "Canal+ et Ciné+ OCS\N{NO-BREAK SPACE}: la fenêtre s’ouvre pour Une femme est une femme"
    assert not [uid for uid in events_by_uid if "derogation" in uid], "it is offered to rent: nothing is to come there"


def test_a_derogation_is_marked_as_possible(client: FlaskClient, app: Flask) -> None:
    released(app, DUNE_1984, date(2026, 9, 16), admissions=60_000)
    events_by_uid = events(client, DUNE_1984)
    day, summary, state = events_by_uid["film-3-tvod-derogation@ouvoir"]
    assert (day, state) == (date(2026, 12, 19), "TENTATIVE") and "possible par dérogation pour Dune" in summary
    assert events_by_uid["film-3-tvod@ouvoir"][0] == date(2027, 1, 16) and events_by_uid["film-3-tvod@ouvoir"][2] == ""
    released(app, DUNE_1984, date(2026, 9, 16), admissions=150_000)
    assert "film-3-tvod-derogation@ouvoir" not in events(client, DUNE_1984)


def test_the_same_day_gives_the_same_bytes(client: FlaskClient, app: Flask) -> None:
    released(app, DUNE_1984, JANUARY)
    first, again = (client.get("/films/3/fenetres.ics") for _ in range(2))
    assert first.data == again.data and first.content_type == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.data.startswith(b"BEGIN:VCALENDAR\r\n") and all(len(line) <= 75 for line in first.data.split(b"\r\n"))


def test_a_title_cannot_break_the_calendar(client: FlaskClient, app: Flask) -> None:
    released(app, HOSTILE, JANUARY)
    summaries = list(events(client, HOSTILE).values())
    assert summaries and all(typeset(clean_text(HOSTILE_TITLE)) in summary for _, summary, _ in summaries)


def test_a_title_of_several_lines_is_one_line_and_its_commas_are_kept(client: FlaskClient, app: Flask) -> None:
    released(app, DUNE_1984, JANUARY, title="Le Bon, la Brute\nX-INVENTED:1\r\net le Truand; suite")
    body = client.get("/films/3/fenetres.ics").text.replace("\r\n ", "")
    assert "\nX-INVENTED" not in body and "X-WR-CALNAME:Le Bon\\, la Brute X-INVENTED:1 et le Truand\\; suite" in body
    assert "\\n" not in body


@pytest.mark.parametrize("film_id", [VADROUILLE, DUNE_1984, 999])
def test_nothing_to_come_is_not_found(client: FlaskClient, film_id: int) -> None:
    answer = client.get(f"/films/{film_id}/fenetres.ics")
    assert answer.status_code == 404 and "Traceback" not in answer.text
