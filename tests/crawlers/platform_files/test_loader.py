"""A platform file is checked whole, and its faults are named."""

import re
from pathlib import Path

import pytest

from crawlers.platform_files.loader import KNOWN_KEYS, load_any_platform_file, load_platform
from domain.common.enums import LegalBasis
from domain.common.errors import UserError
from tests.crawlers.conftest import FEED, PLATFORMS, WriteFile


def test_every_file_of_the_project_loads() -> None:
    files = [load_any_platform_file(path.stem, PLATFORMS) for path in sorted(PLATFORMS.glob("*.toml"))]
    assert len({file.name for file in files}) == len(files) > 60
    assert all(file.legal.evidence.endswith(".") for file in files)


def test_the_facts_of_a_file_go_to_the_register() -> None:
    facts = load_platform("orange", PLATFORMS).build_platform_facts()
    assert (facts.slug, facts.name, facts.legal_basis) == ("orange", "La VOD d'Orange", LegalBasis.CONTRACT)


def test_the_register_knows_when_a_platform_is_collected_and_that_an_editor_sends_when_it_likes(tmp_path: Path) -> None:
    text = (PLATFORMS / "orange.toml").read_text("utf-8").split("[politeness]")[0]
    (tmp_path / "nuit.toml").write_text("every_hours = 12\n" + text + '\n[politeness]\nnight = "01:00-06:00"\n', "utf-8")
    night, pushed = (
        load_platform("nuit", tmp_path).build_platform_facts(),
        load_any_platform_file("editeur-exemple", PLATFORMS).build_platform_facts(),
    )
    assert (night.every_hours, night.night, pushed.every_hours, pushed.night) == (12, "01:00-06:00", None, None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "feed"', 'kind = "feed"\nformt = "csv"', "source.formt : clé inconnue (peut-être « format » ?)"),
        ('kind = "feed"', 'kind = "fed"', "source : kind : feed, api, pages, lookup ou push attendu"),
        ('title = "title"', 'title = "titles[?"', "fields.title : expression JMESPath illisible « titles[? »"),
        ('["price", "cents"]', '["price", "euros"]', "offers.0.price_cents : transformation inconnue « euros »"),
        ('access = "rent"', 'access = "location"', "offers.0.access : attendu : free, free-with-ads"),
        ('kind = "feed"', "kind = \"pages\"\npages = '('", "source.pages : expression régulière illisible"),
        ('kind = "feed"', "kind = \"pages\"\npages = 'x'\ncss = {a = 'p['}", "source.css : sélecteur CSS illisible « p[ »"),
        ('kind = "feed"', 'kind = "feed"\npages = {by = "until_empty"}', "source : la table pages et le mot {page}"),
        (
            'kind = "feed"',
            'kind = "feed"\nformat = "gowatchit"\nannounced = "n"',
            "source : « gowatchit » est un document entier",
        ),
        ('ref = "id"', "", "fields.ref : clé obligatoire absente"),
        ("min = 2", 'min = "deux"', "expect.min : nombre entier attendu"),
        ("{title = 1.0}", "{titel = 1.0}", "expect.fill : champ inconnu « titel »"),
        ("http://127.0.0.1:1/", "http://films.example/", "source.url : adresse https:// attendue"),
        ('hosts = ["films.example"]', "", "hosts : sites des liens attendus"),
        ('link"', 'link"\nyear', "TOML illisible"),
        ("LEGAL", 'verified = "sample"', "clé obligatoire absente"),
    ],
)
def test_a_fault_is_told_in_one_line(write_file: WriteFile, old: str, new: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^essai.toml : .*{re.escape(message)}.*$") as problem:
        write_file(FEED, {old: new})
    assert "\n" not in str(problem.value)


def test_a_syntax_fault_is_told_with_its_line(write_file: WriteFile) -> None:
    with pytest.raises(UserError, match="line 2"):
        write_file(FEED, {'name = "Liste': 'name = Liste"'})


def test_an_unknown_platform_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="plateforme inconnue : « nulle-part »"):
        load_platform("nulle-part", PLATFORMS)


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"x\.toml : fichier illisible"):
        load_platform("x", tmp_path)


def test_a_secret_is_the_name_of_a_variable_never_a_value(write_file: WriteFile) -> None:
    with pytest.raises(UserError, match=r"source\.auth\.secret : valeur refusée"):
        write_file(FEED, {'kind = "feed"': 'kind = "feed"\nauth = {scheme = "bearer", secret = "s3cr3t-t0ken"}'})


@pytest.mark.parametrize("header", ["User-Agent", "cookie", "Authorization"])
def test_no_header_can_change_who_we_are(write_file: WriteFile, header: str) -> None:
    with pytest.raises(UserError, match=f"en-tête réservé : {header}"):
        write_file(FEED, {'kind = "feed"': f'kind = "feed"\nheaders = {{{header} = "x"}}'})


def test_no_key_can_loosen_courtesy(write_file: WriteFile) -> None:
    assert not [key for key in KNOWN_KEYS if re.search("robot|agent|obey|concurren|retr|cookie|loopback", key)]
    with pytest.raises(UserError, match=r"politeness\.delay : valeur refusée « 0\.5 » \(au moins 1"):
        write_file(FEED, {"[expect]": "[politeness]\ndelay = 0.5\n[expect]"})


def test_an_origin_replaces_the_server_and_nothing_else() -> None:
    platform = load_platform("mubi", PLATFORMS).with_origin("http://127.0.0.1:9303")
    assert platform.source.url == "http://127.0.0.1:9303/v4/browse/films?sort=title&playable=true&page={page}"
    assert platform.hosts == {"mubi.com"}
