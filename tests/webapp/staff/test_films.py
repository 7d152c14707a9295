"""Test a film's page for agents: read whole, corrected, merged, split, every act undone."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col, select
from werkzeug.test import TestResponse

from domain.common.enums import Role
from domain.db.engine import read_session, write_session
from domain.films.entry_moves import list_film_entries
from domain.linking.judgements import replace_candidates
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.review_case import ReviewCase
from tests.domain.builders import make_proposal, read_provenance
from tests.scene import DUNE_1984, DUNE_2021, HOSTILE, VADROUILLE, build_scene
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient

FILMS_URL, FILM_URL = "/agents/films", f"/agents/films/{VADROUILLE}"
FACTS = {"title": "La Grande Vadrouille", "year": "1966", "runtime_min": "123", "directors": "Gérard Oury", "kind": "film"}
FACTS |= {"countries": "France\nRoyaume-Uni", "release_date": "1966-12-08", "motif": "vu au générique"}


@pytest.fixture
def manager(sqlite_staff: StaffClient) -> StaffClient:
    """Return a manager's site over the scene."""
    build_scene(sqlite_staff.engine, NOW)
    sqlite_staff.sign_in()
    return sqlite_staff


def post_form(staff: StaffClient, address: str, **typed: str | list[str]) -> TestResponse:
    return staff.client.post(address, data={"csrf": staff.get_csrf_token()} | typed, headers=SAME_ORIGIN)


def get_etag(page: str) -> str:
    match = re.search(r'name="vu" value="(\w+)"', page)
    assert match
    return match[1]


def get_film(staff: StaffClient, film_id: int = VADROUILLE) -> Film:
    with read_session(staff.engine) as session:
        return session.get_one(Film, film_id)


def post_correction(staff: StaffClient, **typed: str) -> TestResponse:
    etag = get_etag(staff.client.get(f"{FILM_URL}/corriger").text)
    return post_form(staff, f"{FILM_URL}/corriger/faits", **{"vu": etag} | FACTS | typed)


def post_undo(staff: StaffClient, film_id: int = VADROUILLE) -> TestResponse:
    match = re.search(r'name="acte" value="(\d+)"', staff.client.get(f"{FILMS_URL}/{film_id}").text)
    return post_form(staff, f"{FILMS_URL}/{film_id}/annuler", acte=match[1] if match else "")


def test_a_film_is_found_by_title_or_number(manager: StaffClient) -> None:
    for query in ("vadrouille", str(VADROUILLE)):
        assert f'href="{FILM_URL}"' in manager.client.get(FILMS_URL, query_string={"q": query}).text, query
    assert (
        "Aucun film trouvé" in manager.client.get(f"{FILMS_URL}?q=xyzzy").text
        and manager.client.get(FILMS_URL).status_code == 200
    )
    assert manager.client.get(f"{FILMS_URL}/999").status_code == 404


def test_its_page_tells_facts_with_their_source_links_and_numbers(manager: StaffClient) -> None:
    page = manager.client.get(FILM_URL).text.replace("\u00a0", " ")
    assert "8 décembre 1966" in page and "(base films)" in page and "tt0060474" in page and "2 h 03" in page
    assert "titre exact" in page and "Ciné Exemple" in page and "matcher test" in page
    assert f"{FILMS_URL}/1/reunir" in page and "/agents/taches?film=1" in page
    hostile = manager.client.get(f"{FILMS_URL}/{HOSTILE}").text
    assert "<script>alert" not in hostile and "&lt;script&gt;" in hostile


def test_facts_are_corrected_with_a_reason_and_given_back(manager: StaffClient) -> None:
    assert post_correction(manager, year="1965", genres="Comédie").status_code == 303
    assert (get_film(manager).year, get_film(manager).genres, get_film(manager).kind) == (1965, ["comédie"], "film")
    page = manager.client.get(FILM_URL).text
    assert "1966 → 1965" in page and "vu au générique" in page and "la base dit&nbsp;: 1966" in page
    assert (get_film(manager).year, get_film(manager).title) == (1965, "La Grande Vadrouille")
    assert "1965" in manager.client.get("/films/1-la-grande-vadrouille").text
    assert post_form(manager, f"{FILM_URL}/corriger/base", fait="year", motif="erreur").status_code == 303
    assert get_film(manager).year == 1966 and "fait rendu à la base" in manager.client.get(FILM_URL).text
    assert post_undo(manager).status_code == 303 and get_film(manager).year == 1965
    assert post_undo(manager).status_code == 303 and get_film(manager).year == 1966 and get_film(manager).edited == {}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"year": "soixante-six"}, "Année&nbsp;: de 1870"),
        ({"motif": ""}, "Un motif est attendu"),
        ({"vu": "autre", "year": "1"}, "Année"),
        ({"vu": "autre", "year": "1965"}, "entre-temps"),
        ({"countries": "Syldavie"}, "Pays inconnu"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(manager: StaffClient, typed: dict[str, str], message: str) -> None:
    answer = post_correction(manager, **{"title": "Tout autre titre"} | typed)
    text = answer.text.replace("\u00a0", "&nbsp;")
    assert answer.status_code == 409 and message in text and 'value="Tout autre titre"' in text and get_film(manager).edited == {}


def test_titles_and_numbers_are_added_and_taken_away(manager: StaffClient) -> None:
    assert (
        post_form(manager, f"{FILM_URL}/corriger/titre", titre="Don’t Look Now", langue="EN", motif="affiche").status_code == 303
    )
    assert (
        post_form(manager, f"{FILM_URL}/corriger/numero", base="wikidata", numero="Q1234", motif="page du film").status_code
        == 303
    )
    with read_session(manager.engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.title == "Don’t Look Now")).one()
        identifier = session.exec(select(FilmIdentifier).where(FilmIdentifier.scheme == "wikidata")).one()
        sources = [read_provenance(session, row) for row in (title, identifier)]
    assert (title.language, *sources) == ("en", "agent camille", "agent camille")
    for what in (f"titre-{title.id}", f"numero-{identifier.id}"):
        assert post_form(manager, f"{FILM_URL}/corriger/retirer", quoi=what, motif="erreur").status_code == 303
    page = manager.client.get(FILM_URL).text
    assert "« Don’t Look Now » → –" in page.replace("\u00a0", " ") and "Q1234 → –" in page
    for verb, typed in (("titre", {"titre": "X", "langue": "eng"}), ("retirer", {"quoi": "x-1"}), ("numero", {"base": "imdb"})):
        assert post_form(manager, f"{FILM_URL}/corriger/{verb}", motif="essai", **typed).status_code == 409, verb


def test_a_number_that_another_film_has_leads_to_merging(manager: StaffClient) -> None:
    answer = post_form(manager, f"{FILMS_URL}/{DUNE_1984}/corriger/numero", base="imdb", numero="tt0060474", motif="essai")
    assert answer.status_code == 409 and "film n°\u00a01" in answer.text.replace("n° 1", "n°\u00a01")
    assert f"{FILMS_URL}/{DUNE_1984}/reunir?avec=1&amp;reste=1" in answer.text


def test_two_records_are_merged_after_a_look_and_taken_apart(manager: StaffClient) -> None:
    start = f"{FILMS_URL}/{DUNE_1984}/reunir"
    assert f"avec={DUNE_2021}" in manager.client.get(f"{start}?q=dune").text
    page = manager.client.get(f"{start}?avec={DUNE_2021}&reste={DUNE_2021}").text
    assert "Ce qui sera fait" in page and "David Lynch" in page
    chosen = {"avec": str(DUNE_2021), "reste": str(DUNE_2021), "vu": get_etag(page)}
    assert post_form(manager, start, **chosen, motif="").status_code == 409
    answer = post_form(manager, start, **chosen, motif="doublon")
    assert (answer.status_code, answer.location) == (303, f"{FILMS_URL}/{DUNE_2021}")
    assert "fiche réunie à celle-ci" in manager.client.get(answer.location).text
    old = manager.client.get(f"{FILMS_URL}/{DUNE_1984}").text
    assert "réunie à celle du film" in old and "corriger" not in old
    assert manager.client.get(f"{FILMS_URL}/{DUNE_1984}/corriger").status_code == 404
    assert manager.client.get("/films/3-dune").location == "/films/4-dune-premiere-partie"
    assert post_undo(manager, DUNE_2021).status_code == 303
    assert manager.client.get("/films/3-dune").status_code == 200


@pytest.mark.parametrize(
    "chosen", [{}, {"avec": "1", "reste": "1"}, {"avec": "999", "reste": "999"}, {"avec": "x", "reste": "y"}]
)
def test_a_merge_that_cannot_be_is_told(manager: StaffClient, chosen: dict[str, str]) -> None:
    answer = post_form(manager, f"{FILM_URL}/reunir", motif="essai", **chosen)
    assert answer.status_code == 409 and 'role="alert"' in answer.text


def test_a_record_is_split_and_joined_again(manager: StaffClient) -> None:
    with read_session(manager.engine) as session:
        entry_id = list_film_entries(session, VADROUILLE)[0][0].id
    page = manager.client.get(f"{FILM_URL}/separer").text
    assert f'name="entree" value="{entry_id}"' in page
    refused = post_form(manager, f"{FILM_URL}/separer", entree=[str(entry_id)], motif="deux films", annee="66")
    assert refused.status_code == 409 and f'value="{entry_id}" checked' in refused.text
    answer = post_form(
        manager, f"{FILM_URL}/separer", entree=[str(entry_id)], nom="La Vadrouille", annee="1990", motif="deux films"
    )
    assert answer.status_code == 303
    split_film = get_film(manager, int(answer.location.rpartition("/")[2]))
    assert (split_film.title, split_film.year, split_film.source) == ("La Vadrouille", 1990, "agents")
    assert post_undo(manager).status_code == 303
    assert manager.client.get(f"/films/{split_film.id}").location == "/films/1-la-grande-vadrouille"


def test_a_link_in_doubt_becomes_a_case_at_the_desk(manager: StaffClient) -> None:
    with read_session(manager.engine) as session:
        entry_id = list_film_entries(session, VADROUILLE)[0][0].id
    for _ in range(2):
        answer = post_form(manager, f"{FILM_URL}/verifier", ligne=str(entry_id))
        assert answer.status_code == 303 and "cas=" in answer.location
    with read_session(manager.engine) as session:
        (case,) = session.exec(select(ReviewCase).where(ReviewCase.entry_id == entry_id)).all()
    assert case.film_id == VADROUILLE and "signalement d’un lecteur ou d’un agent" in manager.client.get(FILM_URL).text
    assert post_form(manager, f"{FILM_URL}/verifier", ligne="999").status_code == 409


def test_a_film_put_forward_and_merged_since_is_shown_as_the_one_that_stands(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        entry_id = get_id(list_film_entries(session, VADROUILLE)[0][0])
        replace_candidates(
            session, entry_id, [make_proposal(film_id, 0.5, "titre proche", {}) for film_id in (DUNE_1984, DUNE_2021)], "test"
        )
    post_form(manager, f"{FILM_URL}/verifier", ligne=str(entry_id))
    with write_session(manager.engine) as session:
        session.execute(update(Film).where(col(Film.id) == DUNE_1984).values(merged_into=DUNE_2021))
    page = manager.client.get("/agents/a-verifier").text
    assert page.count(f'name="film" value="{DUNE_2021}"') == 1 and f'name="film" value="{DUNE_1984}"' not in page


def test_who_only_reads_sees_all_and_changes_nothing(manager: StaffClient) -> None:
    with write_session(manager.engine) as session:
        session.execute(update(Agent).values(role=Role.READER))
    page = manager.client.get(FILM_URL).text
    assert "tt0060474" in page and "/reunir" not in page and 'name="ligne"' not in page
    for address in ("corriger", "reunir", "separer"):
        assert manager.client.get(f"{FILM_URL}/{address}").status_code == 403, address
    for address in ("corriger/faits", "reunir", "separer", "annuler", "verifier"):
        assert post_form(manager, f"{FILM_URL}/{address}").status_code == 403, address


def test_only_agents_enter(sqlite_staff: StaffClient) -> None:
    client: FlaskClient = sqlite_staff.client
    for address in (FILMS_URL, FILM_URL, f"{FILM_URL}/corriger", f"{FILM_URL}/reunir", f"{FILM_URL}/separer"):
        assert client.get(address).status_code == 303, address
    for address in ("corriger/faits", "reunir", "separer", "annuler", "verifier"):
        assert client.post(f"{FILM_URL}/{address}").status_code == 303, address
    with read_session(sqlite_staff.engine) as session:
        assert session.exec(select(Film).where(col(Film.id) == 1)).first() is None
