"""Columns that rows gain, what is proposed while one types, the framed page, and the guide for people."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from matcher.comparisons.pair import COMPARISON_LEVELS
from tests.scene import GUEPARD, HOSTILE, VADROUILLE
from tests.search.conftest import SAMURAI
from tests.webapp.reconcile.conftest import SERVICE
from tests.webapp.reconcile.schemas import EXTENSION, FILMS, PROPERTIES, PROPOSALS, TYPES, list_faults
from webapp.core.matcher_figures import load_matcher_report
from webapp.reconcile import properties


def extended(site: FlaskClient, ids: list[int | str], *names: str) -> dict[str, dict[str, list[Any]]]:
    asked = {"ids": [str(number) for number in ids], "properties": [{"id": name} for name in names]}
    answer = site.post(SERVICE, data={"extend": json.dumps(asked)})
    assert answer.status_code == 200, answer.text
    assert list_faults(EXTENSION, answer.json) == [] and answer.json
    assert [one["id"] for one in answer.json["meta"]] == list(names)
    found: dict[str, dict[str, list[Any]]] = answer.json["rows"]
    return found


def test_films_gain_facts_and_numbers(site: FlaskClient) -> None:
    names = ("title", "year", "release_date", "directors", "countries", "runtime_min", "imdb", "visa", "page")
    row = extended(site, [VADROUILLE], *names)[str(VADROUILLE)]
    assert row == {
        "title": [{"str": "La Grande Vadrouille"}],
        "year": [{"int": 1966}],
        "release_date": [{"date": "1966-12-08T00:00:00Z"}],
        "directors": [{"str": "Gérard Oury"}],
        "countries": [{"str": "France"}, {"str": "Royaume-Uni"}],
        "runtime_min": [{"int": 123}],
        "imdb": [{"str": "tt0060474"}],
        "visa": [],
        "page": [{"str": f"http://localhost/films/{VADROUILLE}-la-grande-vadrouille"}],
    }


def test_films_gain_the_services_that_offer_them_now(site: FlaskClient) -> None:
    rows = extended(site, [VADROUILLE, GUEPARD], "services", "services_rent", "services_subscription", "services_free")
    told = {name: {one["str"] for one in values} for name, values in rows[str(VADROUILLE)].items()}
    assert told["services_rent"] == {"Ciné Exemple", "Kiosque Exemple", "Boîtier Exemple"}
    assert told["services"] == told["services_rent"] | {"Abonné Exemple", "Antenne Exemple"}
    assert told["services_subscription"] == {"Abonné Exemple"} and told["services_free"] == set()
    assert not any(rows[str(GUEPARD)].values())


def test_other_titles_are_neither_the_title_nor_the_original_one(site: FlaskClient) -> None:
    row = extended(site, [SAMURAI], "other_titles", "original_title")[str(SAMURAI)]
    assert row == {"other_titles": [{"str": "Seven Samurai"}], "original_title": [{"str": "Shichinin no samurai"}]}


def test_every_property_may_be_asked_of_every_film(site: FlaskClient) -> None:
    rows = extended(site, [VADROUILLE, HOSTILE, SAMURAI], *properties.PROPERTIES)
    assert all(row.keys() == properties.PROPERTIES.keys() for row in rows.values())


def test_a_number_that_is_no_film_has_no_values(site: FlaskClient) -> None:
    assert extended(site, ["zz", "", "99999999999999999999", "0"], "title") == {
        number: {"title": []} for number in ("zz", "", "99999999999999999999", "0")
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"ids": ["1"], "properties": [{"id": "actor"}]}, "Propriété « actor » inconnue"),
        ({"ids": ["1"], "properties": [{"id": "\ud800"}]}, "Propriété «  » inconnue"),
        ({"ids": ["1"], "properties": [{"id": "title", "settings": {"limit": 1}}]}, "pas de réglage"),
        ({"ids": ["1"]}, "champ « properties »"),
        ({"ids": ["1"] * 501, "properties": []}, "champ « ids »"),
    ],
)
def test_what_cannot_be_given_is_refused(site: FlaskClient, asked: object, said: str) -> None:
    answer = site.get(SERVICE, query_string={"extend": json.dumps(asked)})
    assert answer.status_code == 400 and said in answer.text


def test_films_are_suggested_while_one_types(site: FlaskClient) -> None:
    openrefine = {"spell": "always", "exact": "false", "scoring": "entity", "prefixed": "true", "type": "film"}
    answer = site.get(f"{SERVICE}/suggestions/films", query_string={"prefix": "grande vad"} | openrefine)
    assert list_faults(FILMS, answer.json) == [] and answer.json
    assert answer.json["result"][0] == {
        "id": str(VADROUILLE),
        "name": "La Grande Vadrouille",
        "description": "1966, Gérard Oury",
        "notable": [{"id": "work", "name": "Œuvre"}],
    }
    by_number = site.get(f"{SERVICE}/suggestions/films?prefix={GUEPARD}").json
    assert by_number and by_number["result"][0]["name"] == "Le Guépard"
    assert site.get(f"{SERVICE}/suggestions/films?prefix=grande+vad&cursor=10").json == {"result": []}
    assert site.get(f"{SERVICE}/suggestions/films").json == {"result": []}


def test_properties_and_types_are_suggested_and_proposed(site: FlaskClient) -> None:
    found = site.get(f"{SERVICE}/suggestions/proprietes?prefix=annee").json
    assert list_faults(PROPERTIES, found) == [] and found and [one["id"] for one in found["result"]] == ["year"]
    kinds = site.get(f"{SERVICE}/suggestions/types?prefix=metr").json
    assert list_faults(TYPES, kinds) == [] and kinds and [one["id"] for one in kinds["result"]] == ["short"]
    proposed = site.get(f"{SERVICE}/proprietes?type=film&limit=3").json
    assert list_faults(PROPOSALS, proposed) == [] and proposed and len(proposed["properties"]) == proposed["limit"] == 3
    everything = site.get(f"{SERVICE}/proprietes").json
    assert everything and len(everything["properties"]) == len(properties.PROPERTIES)


def test_the_preview_may_be_framed_by_any_site_and_tells_the_film(site: FlaskClient) -> None:
    answer = site.get(f"/rapprocher/apercu/{VADROUILLE}")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "noindex" in answer.text
    assert "La Grande Vadrouille" in answer.text and "Gérard Oury" in answer.text and "Kiosque Exemple" in answer.text
    assert "Aucune offre" in site.get(f"/rapprocher/apercu/{GUEPARD}").text
    assert "<script>alert" not in site.get(f"/rapprocher/apercu/{HOSTILE}").text
    assert site.get("/rapprocher/apercu/999").status_code == 404
    assert 'lang="en"' in site.get(f"/en/rapprocher/apercu/{VADROUILLE}").text


def test_the_guide_gives_the_address_the_properties_and_the_figure_of_the_report(site: FlaskClient) -> None:
    text, found = site.get("/rapprocher").text, load_matcher_report()
    assert f"http://localhost{SERVICE}" in text and found
    assert found.precision.replace(" ", "\u00a0") in text and found.bound.replace(" ", "\u00a0") in text
    assert all(f"<code>{name}</code>" in text for name in properties.PROPERTIES)
    assert f"http://localhost{SERVICE}" in site.get("/en/rapprocher").text
    assert 'href="/rapprocher"' in site.get("/plan-du-site").text


def test_every_clue_has_its_words_in_the_guide(site: FlaskClient) -> None:
    explained = set(re.findall(r'id="indice-([a-z]+)"', site.get("/rapprocher").text))
    assert explained == {*COMPARISON_LEVELS, "number"}


def test_without_a_report_the_guide_gives_no_figure(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.reconcile.views.load_matcher_report", lambda: None)
    assert "Aucun rapport d’essai" in site.get("/rapprocher").text
