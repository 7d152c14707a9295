"""What addresses are asked with, and what is refused."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.webapp.api.requests import read_problem
from webapp.api import cursors
from webapp.api.parameters import ChangesParams, OffersParams, RequestModel, SearchParams
from webapp.api.request_parser import read_parameters
from webapp.core.context import RequestError


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("films?q=dune&tri=prix", "Paramètre inconnu : « tri » (attendus : q, page,"),
        ("films/1?prix=1", "« prix » (aucun n’est attendu)"),
        ("films?q=dune&q=mad+max", "« q » est donné plusieurs fois"),
        ("films?q=dune&page=0", "(paramètre « page ») : « 0 » ; attendu : un nombre entier de 1 à 10000."),
        ("films?q=dune&page=%EF%BC%91", "« page »"),
        ("films?q=dune&page=1e3", "« page »"),
        ("films?q=dune&page=", "« page »"),
        ("films", "Le paramètre « q » est attendu : un texte de 200 caractères au plus"),
        (f"films?q={'a' * 201}", "« q »"),
        ("films?q=%20%09", "« q »"),
        ("films?q=dune&acces=vol", "« acces »"),
        ("films?q=dune&acces=", "« acces »"),
        ("films?q=dune&disponible=oui", "« disponible »"),
        ("films?q=dune&services=zz", "« services »"),
        ("films?q=dune&services=%27%20OR%201", "« services »"),
        ("films?q=dune&pays=France", "« pays »"),
        ("films?q=dune&%3Cscript%3E=1", "« <script> »"),
        ("films/1/offers?history=1", "« history »"),
        ("films/1/offers?at=hier", "« at »"),
        ("films/1/offers?at=2026-02-30", "« at »"),
        ("films/1/offers?at=1795354620", "« at »"),
        ("films/1/offers?at=2026-11-20T10:00:00", "« at »"),
        ("changes?limit=101", "« limit »"),
        ("changes?type=offer-sold", "« type »"),
        ("changes?cursor=abc", "« cursor »"),
        (f"changes?cursor={'a' * 401}", "« cursor »"),
        ("identifiers?scheme=imbd", "« scheme »"),
        ("openapi.json?x=1", "« x »"),
    ],
)
def test_what_is_not_expected_is_refused_and_named(client: FlaskClient, address: str, words: str) -> None:
    assert words in read_problem(client.get(f"/api/v1/{address}"), 400, "parametre")


def test_a_cursor_is_of_one_list_and_cannot_be_made(client: FlaskClient) -> None:
    cursor = client.get("/api/v1/changes").get_json()["cursor"]
    assert client.get(f"/api/v1/changes?cursor={cursor}").status_code == 200
    assert "première page" in read_problem(client.get(f"/api/v1/identifiers?cursor={cursor}"), 400, "parametre")
    body, _, mark = cursor.partition(".")
    read_problem(client.get(f"/api/v1/changes?cursor={body[:-1]}.{mark}"), 400, "parametre")


@given(st.text())
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(RequestError):
        cursors.read_cursor("changes", text)


def test_days_are_those_of_paris_and_moments_keep_their_zone() -> None:
    def at(written: str) -> datetime | None:
        return read_parameters(OffersParams, MultiDict({"at": written})).at

    assert at("2026-11-20") == datetime(2026, 11, 20, 11, tzinfo=UTC) and at("2026-07-20") == datetime(
        2026, 7, 20, 10, tzinfo=UTC
    )
    assert at("2026-11-20t10:00:00.1234567+02:00") == datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)
    since = read_parameters(ChangesParams, MultiDict({"since": "2026-11-20"})).since
    assert since == datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.mark.parametrize("model", [SearchParams, OffersParams, ChangesParams])
@given(sent=st.lists(st.tuples(st.sampled_from(["q", "at", "type", "limit", "services", "x"]), st.text()), max_size=4))
def test_whatever_is_sent_is_read_or_refused(model: type[RequestModel], sent: list[tuple[str, str]]) -> None:
    try:
        read_parameters(model, MultiDict(sent))
    except RequestError as refusal:
        assert "«" in str(refusal.description)
