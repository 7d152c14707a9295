"""A film's page for agents: read whole, corrected, merged, split, every act taken back."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col, select
from werkzeug.test import TestResponse

from domain.common.enums import Role
from domain.db.engine import read_session, write_session
from domain.films.merge import list_film_entries
from domain.linking.judgements import replace_candidates
from domain.models.agent import Agent
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.review_case import ReviewCase
from tests.domain.builders import make_proposal, read_provenance
from tests.scene import DUNE_1984, DUNE_2021, HOSTILE, VADROUILLE, build_scene
from tests.webapp.staff.conftest import NOW, SAME_ORIGIN, StaffClient

LIST, ONE = "/agents/films", f"/agents/films/{VADROUILLE}"
FACTS = {"title": "La Grande Vadrouille", "year": "1966", "runtime_min": "123", "directors": "Gérard Oury", "kind": "film"}
FACTS |= {"countries": "France\nRoyaume-Uni", "release_date": "1966-12-08", "motif": "vu au générique"}


@pytest.fixture
def inside(light_door: StaffClient) -> StaffClient:
    """A manager, before the scene."""
    build_scene(light_door.engine, NOW)
    light_door.sign_in()
    return light_door


def sent(door: StaffClient, address: str, **typed: str | list[str]) -> TestResponse:
    return door.client.post(address, data={"csrf": door.get_csrf_token()} | typed, headers=SAME_ORIGIN)


def mark(page: str) -> str:
    found = re.search(r'name="vu" value="(\w+)"', page)
    assert found
    return found[1]


def film(door: StaffClient, number: int = VADROUILLE) -> Film:
    with read_session(door.engine) as session:
        return session.get_one(Film, number)


def corrected(door: StaffClient, **typed: str) -> TestResponse:
    seen = mark(door.client.get(f"{ONE}/corriger").text)
    return sent(door, f"{ONE}/corriger/faits", **{"vu": seen} | FACTS | typed)


def undone(door: StaffClient, number: int = VADROUILLE) -> TestResponse:
    found = re.search(r'name="acte" value="(\d+)"', door.client.get(f"{LIST}/{number}").text)
    return sent(door, f"{LIST}/{number}/annuler", acte=found[1] if found else "")


def test_a_film_is_found_by_title_or_number(inside: StaffClient) -> None:
    for query in ("vadrouille", str(VADROUILLE)):
        assert f'href="{ONE}"' in inside.client.get(LIST, query_string={"q": query}).text, query
    assert "Aucun film trouvé" in inside.client.get(f"{LIST}?q=xyzzy").text and inside.client.get(LIST).status_code == 200
    assert inside.client.get(f"{LIST}/999").status_code == 404


def test_its_page_tells_facts_with_their_source_links_and_numbers(inside: StaffClient) -> None:
    page = inside.client.get(ONE).text.replace("\u00a0", " ")
    assert "8 décembre 1966" in page and "(base films)" in page and "tt0060474" in page and "2 h 03" in page
    assert "titre exact" in page and "Ciné Exemple" in page and "matcher test" in page
    assert f"{LIST}/1/reunir" in page and "/agents/taches?film=1" in page
    hostile = inside.client.get(f"{LIST}/{HOSTILE}").text
    assert "<script>alert" not in hostile and "&lt;script&gt;" in hostile


def test_facts_are_corrected_with_a_reason_and_given_back(inside: StaffClient) -> None:
    assert corrected(inside, year="1965", genres="Comédie").status_code == 303
    assert (film(inside).year, film(inside).genres, film(inside).kind) == (1965, ["comédie"], "film")
    page = inside.client.get(ONE).text
    assert "1966 → 1965" in page and "vu au générique" in page and "la base dit&nbsp;: 1966" in page
    assert (film(inside).year, film(inside).title) == (1965, "La Grande Vadrouille")
    assert "1965" in inside.client.get("/films/1-la-grande-vadrouille").text
    assert sent(inside, f"{ONE}/corriger/base", fait="year", motif="erreur").status_code == 303
    assert film(inside).year == 1966 and "fait rendu à la base" in inside.client.get(ONE).text
    assert undone(inside).status_code == 303 and film(inside).year == 1965
    assert undone(inside).status_code == 303 and film(inside).year == 1966 and film(inside).edited == {}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"year": "soixante-six"}, "Année&nbsp;: de 1870"),
        ({"motif": ""}, "Un motif est attendu"),
        ({"vu": "autre", "year": "1"}, "Année"),
        ({"vu": "autre", "year": "1965"}, "entre-temps"),
        ({"countries": "Syldavie"}, "Pays inconnu"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(inside: StaffClient, typed: dict[str, str], told: str) -> None:
    answer = corrected(inside, **{"title": "Tout autre titre"} | typed)
    text = answer.text.replace("\u00a0", "&nbsp;")
    assert answer.status_code == 409 and told in text and 'value="Tout autre titre"' in text and film(inside).edited == {}


def test_titles_and_numbers_are_added_and_taken_away(inside: StaffClient) -> None:
    assert sent(inside, f"{ONE}/corriger/titre", titre="Don’t Look Now", langue="EN", motif="affiche").status_code == 303
    assert sent(inside, f"{ONE}/corriger/numero", base="wikidata", numero="Q1234", motif="page du film").status_code == 303
    with read_session(inside.engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.title == "Don’t Look Now")).one()
        held = session.exec(select(FilmIdentifier).where(FilmIdentifier.scheme == "wikidata")).one()
        sources = [read_provenance(session, row) for row in (title, held)]
    assert (title.language, *sources) == ("en", "agent camille", "agent camille")
    for what in (f"titre-{title.id}", f"numero-{held.id}"):
        assert sent(inside, f"{ONE}/corriger/retirer", quoi=what, motif="erreur").status_code == 303
    page = inside.client.get(ONE).text
    assert "« Don’t Look Now » → –" in page.replace("\u00a0", " ") and "Q1234 → –" in page
    for verb, typed in (("titre", {"titre": "X", "langue": "eng"}), ("retirer", {"quoi": "x-1"}), ("numero", {"base": "imdb"})):
        assert sent(inside, f"{ONE}/corriger/{verb}", motif="essai", **typed).status_code == 409, verb


def test_a_number_that_another_film_has_leads_to_merging(inside: StaffClient) -> None:
    answer = sent(inside, f"{LIST}/{DUNE_1984}/corriger/numero", base="imdb", numero="tt0060474", motif="essai")
    assert answer.status_code == 409 and "film n°\u00a01" in answer.text.replace("n° 1", "n°\u00a01")
    assert f"{LIST}/{DUNE_1984}/reunir?avec=1&amp;reste=1" in answer.text


def test_two_records_are_merged_after_a_look_and_taken_apart(inside: StaffClient) -> None:
    start = f"{LIST}/{DUNE_1984}/reunir"
    assert f"avec={DUNE_2021}" in inside.client.get(f"{start}?q=dune").text
    page = inside.client.get(f"{start}?avec={DUNE_2021}&reste={DUNE_2021}").text
    assert "Ce qui sera fait" in page and "David Lynch" in page
    chosen = {"avec": str(DUNE_2021), "reste": str(DUNE_2021), "vu": mark(page)}
    assert sent(inside, start, **chosen, motif="").status_code == 409
    answer = sent(inside, start, **chosen, motif="doublon")
    assert (answer.status_code, answer.location) == (303, f"{LIST}/{DUNE_2021}")
    assert "fiche réunie à celle-ci" in inside.client.get(answer.location).text
    old = inside.client.get(f"{LIST}/{DUNE_1984}").text
    assert "réunie à celle du film" in old and "corriger" not in old
    assert inside.client.get(f"{LIST}/{DUNE_1984}/corriger").status_code == 404
    assert inside.client.get("/films/3-dune").location == "/films/4-dune-premiere-partie"
    assert undone(inside, DUNE_2021).status_code == 303
    assert inside.client.get("/films/3-dune").status_code == 200


@pytest.mark.parametrize(
    "chosen", [{}, {"avec": "1", "reste": "1"}, {"avec": "999", "reste": "999"}, {"avec": "x", "reste": "y"}]
)
def test_a_merge_that_cannot_be_is_told(inside: StaffClient, chosen: dict[str, str]) -> None:
    answer = sent(inside, f"{ONE}/reunir", motif="essai", **chosen)
    assert answer.status_code == 409 and 'role="alert"' in answer.text


def test_a_record_is_split_and_joined_again(inside: StaffClient) -> None:
    with read_session(inside.engine) as session:
        entry = list_film_entries(session, VADROUILLE)[0][0].id
    page = inside.client.get(f"{ONE}/separer").text
    assert f'name="entree" value="{entry}"' in page
    refused = sent(inside, f"{ONE}/separer", entree=[str(entry)], motif="deux films", annee="66")
    assert refused.status_code == 409 and f'value="{entry}" checked' in refused.text
    answer = sent(inside, f"{ONE}/separer", entree=[str(entry)], nom="La Vadrouille", annee="1990", motif="deux films")
    assert answer.status_code == 303
    made = film(inside, int(answer.location.rpartition("/")[2]))
    assert (made.title, made.year, made.source) == ("La Vadrouille", 1990, "agents")
    assert undone(inside).status_code == 303
    assert inside.client.get(f"/films/{made.id}").location == "/films/1-la-grande-vadrouille"


def test_a_link_in_doubt_becomes_a_case_at_the_desk(inside: StaffClient) -> None:
    with read_session(inside.engine) as session:
        entry = list_film_entries(session, VADROUILLE)[0][0].id
    for _ in range(2):
        answer = sent(inside, f"{ONE}/verifier", ligne=str(entry))
        assert answer.status_code == 303 and "cas=" in answer.location
    with read_session(inside.engine) as session:
        (case,) = session.exec(select(ReviewCase).where(ReviewCase.entry_id == entry)).all()
    assert case.film_id == VADROUILLE and "signalement d’un lecteur ou d’un agent" in inside.client.get(ONE).text
    assert sent(inside, f"{ONE}/verifier", ligne="999").status_code == 409


def test_a_film_put_forward_and_merged_since_is_shown_as_the_one_that_stands(inside: StaffClient) -> None:
    with write_session(inside.engine) as session:
        entry = list_film_entries(session, VADROUILLE)[0][0].id or 0
        replace_candidates(
            session, entry, [make_proposal(number, 0.5, "titre proche", {}) for number in (DUNE_1984, DUNE_2021)], "test"
        )
    sent(inside, f"{ONE}/verifier", ligne=str(entry))
    with write_session(inside.engine) as session:
        session.execute(update(Film).where(col(Film.id) == DUNE_1984).values(merged_into=DUNE_2021))
    page = inside.client.get("/agents/a-verifier").text
    assert page.count(f'name="film" value="{DUNE_2021}"') == 1 and f'name="film" value="{DUNE_1984}"' not in page


def test_who_only_reads_sees_all_and_changes_nothing(inside: StaffClient) -> None:
    with write_session(inside.engine) as session:
        session.execute(update(Agent).values(role=Role.READER))
    page = inside.client.get(ONE).text
    assert "tt0060474" in page and "/reunir" not in page and 'name="ligne"' not in page
    for address in ("corriger", "reunir", "separer"):
        assert inside.client.get(f"{ONE}/{address}").status_code == 403, address
    for address in ("corriger/faits", "reunir", "separer", "annuler", "verifier"):
        assert sent(inside, f"{ONE}/{address}").status_code == 403, address


def test_only_agents_enter(light_door: StaffClient) -> None:
    client: FlaskClient = light_door.client
    for address in (LIST, ONE, f"{ONE}/corriger", f"{ONE}/reunir", f"{ONE}/separer"):
        assert client.get(address).status_code == 303, address
    for address in ("corriger/faits", "reunir", "separer", "annuler", "verifier"):
        assert client.post(f"{ONE}/{address}").status_code == 303, address
    with read_session(light_door.engine) as session:
        assert session.exec(select(Film).where(col(Film.id) == 1)).first() is None
