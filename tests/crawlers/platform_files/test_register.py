"""The register holds every service, says by what right, and is told in one line each."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.collect import collect_platform
from crawlers.platform_files.loader import AnyPlatformFile, PlatformFile, PushPlatformFile, load_any_platform_file
from crawlers.platform_files.register import (
    check_register,
    format_register,
    get_last_accepted_days,
    get_state_label,
    list_platform_files,
)
from domain.common.enums import Blocker, LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.db.engine import write_session
from tests.crawlers.conftest import FEED, LEGAL, PAGES, PLATFORMS, WriteFile
from tests.domain.builders import NOON, collect_run, make_observation, make_platform

FORBIDDEN = set("crunchyroll disney-plus hbo-max netflix paramount-plus prime-video".split())
CLOSED = set(
    "brutx canalplay filmo imineo lionsgate-plus montparnassevod mytf1vod nolim ocs pluzz-vad salto universcine wuaki-tv "
    "zive".split()
)
LISTED = set(
    "adn apple-tv-plus apple-tv-store arte arte-boutique benshi bouygues-vod brefcinema canal-series canal-vod cine-plus-ocs "
    "francetv free-vod google-play-films gulli-max lacinetek m6 madelen mediatheque-numerique mk2-curiosity molotov mubi mycanal "
    "orange outbuster plex pluto-tv premiere-max rakuten-tv samsung-tv-plus sfr-vod shadowz sooner spicee tenk tf1 tf1-premium "
    "tfou-max viva".split()
)
INVENTED = set("actions-exemple editeur-exemple etat-exemple gowatchit-exemple video-exemple".split())
FROM_MEMORY = "Aucune preuve écrite"


@pytest.fixture(scope="module")
def files() -> dict[str, AnyPlatformFile]:
    register = list_platform_files(PLATFORMS)
    assert register.faults == ()
    return {file.slug: file for file in register.files}


def test_every_known_service_has_its_file(files: dict[str, AnyPlatformFile]) -> None:
    assert set(files) == FORBIDDEN | CLOSED | LISTED | INVENTED


def test_the_project_s_own_register_has_no_fault() -> None:
    assert check_register(PLATFORMS, PAGES) == []


def test_none_claims_to_have_been_seen_live(files: dict[str, AnyPlatformFile]) -> None:
    complete = [file for file in files.values() if isinstance(file, PlatformFile | PushPlatformFile)]
    assert len(complete) == 18
    assert {file.verified for file in complete} == {"sample"}
    assert all(file.legal.blocked for file in complete)


def test_every_kind_of_source_has_a_complete_file(files: dict[str, AnyPlatformFile]) -> None:
    sources = [file.source for file in files.values() if isinstance(file, PlatformFile | PushPlatformFile)]
    assert {source.kind for source in sources} == {"feed", "api", "pages", "lookup", "push"}
    assert {getattr(source, "format", "json") for source in sources} == {"json", "csv", "media-actions", "gowatchit"}
    assert {getattr(source, "state", None) for source in sources} == {None, "flight"}


def test_closed_and_forbidden_services_are_said_so(files: dict[str, AnyPlatformFile]) -> None:
    assert {slug for slug, file in files.items() if file.status is PlatformStatus.CLOSED} == CLOSED
    assert {slug for slug, file in files.items() if file.legal.basis is LegalBasis.FORBIDDEN} == FORBIDDEN
    assert all(files[slug].status_note for slug in CLOSED)


def test_a_service_known_from_memory_stays_blocked(files: dict[str, AnyPlatformFile]) -> None:
    remembered = [file for file in files.values() if file.legal.evidence.startswith(FROM_MEMORY)]
    assert len(remembered) == 13
    for file in remembered:
        assert file.legal.doubt and file.legal.blocked_by is Blocker.PROBE and file.legal.blocked
        assert "preuve écrite" in file.legal.blocked


def test_no_service_is_listed_as_open_before_its_terms_are_read(files: dict[str, AnyPlatformFile]) -> None:
    assert not [slug for slug, file in files.items() if file.legal.basis is LegalBasis.OPEN]


@pytest.mark.parametrize("slug", sorted(FORBIDDEN))
def test_a_forbidden_service_refuses_even_a_rehearsal(sqlite_engine: Engine, rehearsing: None, slug: str) -> None:
    with pytest.raises(UserError, match=f"^{slug} : collecte interdite"):
        collect_platform(sqlite_engine, load_any_platform_file(slug, PLATFORMS), PLATFORMS, "http://127.0.0.1:9", print)


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("canalplay", "plateforme fermée"),
        ("tenk", "collecte pas encore permise"),
        ("editeur-exemple", "l'éditeur nous envoie son catalogue"),
    ],
)
def test_what_cannot_be_collected_says_why_in_a_rehearsal(
    sqlite_engine: Engine, rehearsing: None, slug: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        collect_platform(sqlite_engine, load_any_platform_file(slug, PLATFORMS), PLATFORMS, "http://127.0.0.1:9", print)


@pytest.mark.parametrize(
    ("slug", "state"),
    [
        ("mubi", "bloquée (accord)"),
        ("tf1", "bloquée (clé)"),
        ("sooner", "bloquée (à sonder)"),
        ("video-exemple", "bloquée (inventée)"),
        ("netflix", "interdite"),
        ("salto", "fermée"),
    ],
)
def test_the_state_of_a_service_in_words(files: dict[str, AnyPlatformFile], slug: str, state: str) -> None:
    assert get_state_label(files[slug]) == state


def test_a_service_with_its_agreement_is_collected_or_paused(write_file: WriteFile) -> None:
    assert get_state_label(write_file()) == "collectée"
    assert get_state_label(write_file(FEED, {"LEGAL": 'status = "paused"' + LEGAL})) == "suspendue"


def test_an_editor_with_its_agreement_pushes(tmp_path: Path) -> None:
    text = (PLATFORMS / "editeur-exemple.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("blocked")]
    (tmp_path / "editeur.toml").write_text("\n".join(lines), "utf-8")
    assert get_state_label(load_any_platform_file("editeur", tmp_path)) == "poussée par l'éditeur"


def test_the_list_is_aligned_and_sorted_by_name(files: dict[str, AnyPlatformFile]) -> None:
    heads, *lines = format_register(list_platform_files(PLATFORMS).files)
    assert len(lines) == len(files)
    assert lines[0].startswith("Actions Exemple") and lines[-1].startswith("Zive")
    column = heads.index("OFFRES")
    orange = next(line for line in lines if line.startswith("La VOD d'Orange"))
    assert orange[column:].split("  ")[0] == "location, achat"
    assert orange.split()[-5:] == ["bloquée", "(accord)", "flux", "sur", "échantillon"]
    assert {line[column - 2 : column] for line in lines} == {"  "}


def test_the_list_gives_the_last_accepted_run(engine: Engine) -> None:
    with write_session(engine) as session:
        collect_run(session, make_platform(session, "mubi"), [make_observation("1", "Un film")])
        make_platform(session, "orange")
        session.flush()
        days = get_last_accepted_days(session)
    assert days == {"mubi": NOON.date()}
    files = [load_any_platform_file(slug, PLATFORMS) for slug in ("mubi", "orange")]
    heads, mubi, orange = format_register(files, days)
    assert heads.endswith("DERNIÈRE COLLECTE ACCEPTÉE")
    assert mubi.endswith("2026-11-22") and orange.endswith("-")


def test_a_day_seen_live_is_told(write_file: WriteFile) -> None:
    seen = write_file(FEED, {"LEGAL": LEGAL.replace('"sample"', "2026-11-20", 1)})
    assert format_register([seen])[1].endswith("2026-11-20")


def test_each_fault_of_a_folder_is_one_line(tmp_path: Path) -> None:
    for slug in ("orange", "netflix", "universcine"):
        shutil.copy(PLATFORMS / f"{slug}.toml", tmp_path)
    same = (PLATFORMS / "orange.toml").read_text("utf-8").replace('"orange-vod-partner-utf8bom.csv"', '"absente.csv"')
    (tmp_path / "orange-bis.toml").write_text('replaces = ["disparue", "netflix", "universcine"]\n' + same, "utf-8")
    (tmp_path / "faux.toml").write_text(same.replace("operator", "operater"), "utf-8")
    assert check_register(tmp_path, PAGES) == [
        "faux.toml : operater : clé inconnue (peut-être « operator » ?)",
        "orange-bis.toml : name : « La VOD d'Orange » est déjà le nom de orange.toml",
        "orange-bis.toml : replaces : « disparue » n'a pas de fichier",
        'orange-bis.toml : replaces : « netflix » : status = "closed" attendu dans son fichier',
        "orange-bis.toml : sample : réponse enregistrée « absente.csv » attendue dans pages",
    ]
    assert [fault for fault in check_register(tmp_path, tmp_path / "rien") if "sample" in fault] == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="introuvable"):
        list_platform_files(tmp_path / "rien")
