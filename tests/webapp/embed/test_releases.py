"""Versions of the element's script: a version given out never changes."""

from flask.testing import FlaskClient

from webapp.embed.releases import SCRIPTS_FOLDER, load_releases

# Written when a version is given out, never changed after: partners' pages hold these hashes. A change is a new version.
GIVEN_OUT = {
    "1.0.0": "sha384-cuTfmhc+AAnGAK31I75xdMs2TN/mVTsuCKdirv85Hbsdg3yFU+cd5U/ymH0cLGfL",
}


def test_no_version_ever_changes() -> None:
    assert {script.version: script.integrity for script in load_releases().scripts} == GIVEN_OUT
    assert sorted(path.name for path in SCRIPTS_FOLDER.iterdir()) == sorted(f"{version}.js" for version in GIVEN_OUT)


def test_every_version_is_served_for_ever_and_to_any_site(client: FlaskClient) -> None:
    for script in load_releases().scripts:
        answer = client.get(f"/widget/{script.version}/ouvoir.js")
        assert answer.data == script.body and answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_floating_address_gives_the_latest_for_a_while(client: FlaskClient) -> None:
    answer = client.get("/widget/v1/ouvoir.js")
    assert answer.data == load_releases().latest.body and answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_version_is_not_found(client: FlaskClient) -> None:
    for version in ("9.9.9", "v2", "1.0", "..", "%2e%2e"):
        assert client.get(f"/widget/{version}/ouvoir.js").status_code == 404


def test_the_script_touches_neither_html_nor_storage() -> None:
    for word in (b"innerHTML", b"insertAdjacent", b"cookie", b"localStorage", b"sessionStorage", b"indexedDB", b"eval("):
        assert word not in load_releases().latest.body
