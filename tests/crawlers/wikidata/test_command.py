"""`ouvoir import` of a second base and `ouvoir enrich`, as a person meets them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.crawlers.wikidata.conftest import CannedResponse, FakeEndpoint
from tests.crawlers.wikidata.dumps import dump_entities, write_dump
from tests.domain.joined import FIRST_CSV, SECOND_CSV


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write two sources to import, into a database of this test's own."""
    monkeypatch.setenv("OUVOIR_DATABASE_URL", f"sqlite:///{tmp_path / 'ouvoir.db'}")
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    (tmp_path / "cnc.csv").write_text(FIRST_CSV, "utf-8")
    (tmp_path / "monde.csv").write_text(SECOND_CSV, "utf-8")
    return tmp_path


def ouvoir(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_two_bases_then_open_data(folder: Path, wikidata: FakeEndpoint) -> None:
    assert ouvoir("import", folder / "cnc.csv", "--layout", "films", "--source", "cnc").exit_code == 0
    done = ouvoir("import", folder / "monde.csv", "--layout", "films", "--source", "monde", "--new", "aside")
    output = "0 film créé, 0 mis à jour, 0 inchangé, 1 ligne rattachée, 1 à vérifier, 1 de côté, 0 signalement\n"
    assert (done.exit_code, done.stdout) == (0, output)
    done = ouvoir("enrich", "--from", "wikidata", "--endpoint", wikidata.url)
    output = "1 film trouvé dans Wikidata, 0 sans élément, 0 ambigu, 0 contredit ; gagné : "
    assert done.exit_code == 0 and done.stdout.startswith(output)
    assert "allocine 1, release_date 1, senscritique 1" in done.stdout


def test_a_dump_completes_films_and_its_damaged_lines_are_said(folder: Path) -> None:
    ouvoir("import", folder / "cnc.csv", "--layout", "films", "--source", "cnc")
    path = write_dump(folder, dump_entities().replace(b"\n]", b",\n{cut\n]"), "wikidata.json.bz2")
    done = ouvoir("enrich", "--from", "wikidata", "--dump", path)
    output = "1 film trouvé dans Wikidata, 0 sans élément, 0 ambigu, 0 contredit ; gagné : allocine 1, "
    assert done.exit_code == 0 and done.stdout.startswith(output) and "titles 2" in done.stdout
    assert done.stderr.splitlines()[-2:] == [
        "wikidata.json.bz2, ligne 10 : ce n'est pas un objet JSON entier, ligne sautée",
        "wikidata.json.bz2 : 11 lignes lues, 1 ligne abîmée",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("import", "cnc.csv", "--layout", "films", "--source", "Ma base"), "nom de base incorrect : « Ma base »"),
        (("import", "cnc.csv", "--layout", "films", "--new", "perhaps"), "valeur refusée pour '--new'"),
        (("enrich", "--from", "imdb"), "valeur refusée pour '--from'"),
        (("enrich", "--from", "wikidata"), "OUVOIR_CONTACT"),
        (("enrich", "--from", "wikidata", "--dump", "cnc.csv"), "cnc.csv, ligne 1 : ce n'est pas un objet JSON entier ; un dump"),
        (("enrich", "--from", "wikidata", "--dump", "absent.gz"), "absent.gz : fichier illisible"),
        (("enrich", "--from", "wikidata", "--endpoint", "http://127.0.0.1:9/"), "adresse locale refusée"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    folder: Path, words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in ("OUVOIR_CONTACT", "OUVOIR_ALLOW_LOOPBACK"):
        monkeypatch.delenv(name, raising=False)
    done = ouvoir(*words)
    assert (
        done.exit_code == 2
        and message in done.stderr.splitlines()[-1]
        and "Traceback" not in done.stdout
        and "cli/group.py" not in done.stderr
    )


def test_a_service_that_refuses_is_said_in_one_line(folder: Path, wikidata: FakeEndpoint) -> None:
    ouvoir("import", folder / "monde.csv", "--layout", "films")
    wikidata.faults = [CannedResponse(403, b"You have been banned")]
    done = ouvoir("enrich", "--from", "wikidata", "--endpoint", wikidata.url)
    assert done.exit_code == 2 and done.stderr.splitlines()[-1].startswith("ouvoir : 127.0.0.1 refuse la demande (réponse 403)")
