"""What the page of a film says when it is not offered, and what opens later."""

import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from domain.common.enums import Kind
from domain.common.ratings import parse_rating
from domain.db.engine import write_session
from domain.models.film import Film
from tests.conftest import NOW
from tests.scene import DUNE_1984, LA_FEMME
from webapp.core.context import ENGINE_KEY
from webapp.core.rating_labels import format_rating

RELEASED = date(2026, 1, 7)
CAUSES = "le CNC donne deux causes d'absence"


def words(client: FlaskClient, film_id: int, prefix: str = "") -> str:
    page = client.get(f"{prefix}/films/{film_id}", follow_redirects=True).text
    text = unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(head|script).*?</\1>", "", page, flags=re.S)))
    return " ".join(text.replace("’", "'").split())


def told(app: Flask, client: FlaskClient, day: date | None, at: date | None = None, **facts: object) -> str:
    """Return the words of the page of a film without offer, released one day and asked about another."""
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.get_one(Film, DUNE_1984).sqlmodel_update(
            {"release_date": day, "year": day and day.year, "runtime_min": 137, **facts}
        )
    moment = datetime(at.year, at.month, at.day, 12, tzinfo=NOW.tzinfo) if at else NOW
    with time_machine.travel(moment, tick=False):
        return words(client, DUNE_1984)


def test_a_film_just_released_says_from_when(client: FlaskClient, app: Flask) -> None:
    page = told(app, client, RELEASED, date(2026, 2, 1), admissions=150_000)
    assert "Sorti en salle le 7 janvier 2026. Location et achat possibles à partir du 7 mai 2026." in page
    assert "dérogation" not in page and CAUSES not in page
    coming = page[page.index("Ce qui s'ouvrira") :]
    days = ("7 mai 2026 Location et achat", "7 juillet 2026 Canal+ et Ciné+ OCS", "7 octobre 2026 Disney+", "7 juin 2027 Netflix")
    assert [coming.index(day) for day in days] == sorted(coming.index(day) for day in days)
    assert "Netflix (règle à confirmer)" in coming and "7 janvier 2029 Gratuit en ligne" in coming


def test_a_derogation_is_told_as_possible_before_and_after_its_day(client: FlaskClient, app: Flask) -> None:
    before = told(app, client, RELEASED, date(2026, 2, 1), admissions=60_000)
    assert "à partir du 7 mai 2026. Une dérogation peut avancer cette date au 9 avril 2026." in before
    after = told(app, client, RELEASED, date(2026, 4, 20), admissions=None)
    assert "à partir du 7 mai 2026. Une dérogation a pu les permettre dès le 9 avril 2026." in after


def test_a_film_still_to_come_is_not_said_to_be_out(client: FlaskClient, app: Flask) -> None:
    page = told(app, client, date(2027, 1, 6))
    assert "Sortie en salle le 6 janvier 2027. Location et achat possibles à partir du 6 mai 2027." in page


def test_an_open_window_without_offer_is_said_with_causes_that_are_only_possible(client: FlaskClient, app: Flask) -> None:
    page = told(app, client, date(2015, 1, 7), year=2014)
    assert "Aucune offre légale connue à ce jour. Sorti en salle le 7 janvier 2015." in page
    assert "possibles depuis le 7 mai 2015" in page and CAUSES in page and "Nous ne savons pas laquelle vaut ici." in page
    assert "Ce qui s'ouvrira" not in page


@pytest.mark.parametrize(
    ("day", "facts", "sentence"),
    [
        (RELEASED, {"runtime_min": 52}, "Une œuvre d'une heure ou moins n'est soumise à aucun délai"),
        (RELEASED, {"kind": Kind.SERIES}, "ne concerne que les films de cinéma"),
        (None, {"in_cinemas": False}, "il n'est jamais sorti en salle"),
        (None, {"year": 2026}, "Sa date de sortie en salle ne nous est pas connue"),
        (RELEASED, {"year": 1953}, "date sa sortie du 7 janvier 2026, longtemps après sa production"),
    ],
)
def test_a_film_without_windows_says_why(
    client: FlaskClient, app: Flask, day: date | None, facts: dict[str, Any], sentence: str
) -> None:
    page = told(app, client, day, **facts)
    unknown = "date" in sentence
    assert ("Le CNC donne trois causes d'absence" in page) == unknown and (CAUSES in page) == (not unknown)
    assert sentence in page and "Ce qui s'ouvrira" not in page and "Location et achat possibles" not in page


def test_an_old_film_without_day_of_release_is_not_said_to_be_bound(client: FlaskClient, app: Flask) -> None:
    assert "S'il est sorti à l'époque de sa production, ils sont tous passés." in told(app, client, None, year=1937)
    assert "S'il est sorti" not in told(app, client, None, year=2024)


def test_a_subscription_may_have_had_to_withdraw_it(client: FlaskClient, app: Flask) -> None:
    page = told(app, client, date(2024, 1, 17))
    assert "un service par abonnement peut devoir retirer un film" in page and "à partir du 17 janvier 2027" in page


def test_an_offer_seen_too_early_is_shown_as_it_is(client: FlaskClient, app: Flask) -> None:
    before = words(client, LA_FEMME)
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.get_one(Film, LA_FEMME).sqlmodel_update({"release_date": date(2026, 11, 4), "year": 2026})
    page = words(client, LA_FEMME)
    assert "Kiosque Exemple" in before and "Kiosque Exemple" in page and "anomalie" not in page.lower()
    coming = page[page.index("Ce qui s'ouvrira") :]
    assert "Location et achat" not in coming and "4 mai 2027 Canal+" in coming


def test_the_page_leads_to_rules_and_calendar(client: FlaskClient, app: Flask) -> None:
    told(app, client, RELEASED)
    page = client.get(f"/films/{DUNE_1984}", follow_redirects=True).text
    assert 'href="/fenetres"' in page and f'href="/films/{DUNE_1984}/fenetres.ics"' in page


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("TP", "tous publics"),
        ("12A", "interdit aux moins de 12 ans, avec avertissement"),
        ("TPA", "tous publics, avec avertissement"),
        ("X", "classé X, interdit aux moins de 18 ans"),
    ],
)
def test_ratings_are_told_in_words(code: str, label: str) -> None:
    assert parse_rating(code) == code and format_rating(code) == label
