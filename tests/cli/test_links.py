"""`ouvoir links` as a person meets it."""

from pathlib import Path

import pytest
from sqlmodel import select

from crawlers.platform_files.loader import PlatformFile
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.runs.platforms import register_platform
from tests.cli.command import assert_refused, open_database, run_ouvoir
from tests.crawlers.conftest import rehearsing as rehearsing
from tests.crawlers.conftest import write_file as write_file
from tests.crawlers.link_checker.conftest import FILM_PATH, FakeService
from tests.crawlers.link_checker.conftest import platform as platform
from tests.crawlers.link_checker.conftest import service as service
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_rental


@pytest.mark.usefixtures("rehearsing")
def test_links_are_checked_service_by_service(
    database: Path, tmp_path: Path, service: FakeService, platform: PlatformFile
) -> None:
    with write_session(open_database(database)) as session:
        session.add(make_film(1, "Playtime"))
        observation = make_observation("1", "Playtime", make_rental(url=service.origin + FILM_PATH))
        collect_run(session, register_platform(session, platform.build_platform_facts()), [observation])
        link_entry(session, session.exec(select(Entry)).one(), session.get_one(Film, 1))
    result = run_ouvoir("links", "--platforms", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "essai : 1 lien vérifié : 1 rompu\n"), result.stderr
    assert run_ouvoir("links", "essai", "--platforms", tmp_path).stdout == "aucun lien à vérifier aujourd’hui\n"


def test_a_service_that_may_not_be_collected_is_refused_by_name_and_left_out_of_all(database: Path) -> None:
    assert_refused(run_ouvoir("links", "netflix"), "netflix : ")
    assert_refused(run_ouvoir("links", "inconnue"), "plateforme inconnue")
