"""The register in the database, brought to what the platform files say."""

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from crawlers.platform_files.register import list_platform_files, sync_platforms
from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.common.environment import DATA
from domain.db.engine import read_session, write_session
from domain.models.platform import Platform
from domain.runs.platforms import PlatformFacts, register_platforms
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental

REAL = DATA / "platforms"


def facts_of(slug: str, **changes: object) -> PlatformFacts:
    file = next(file for file in list_platform_files(REAL).files if file.slug == slug)
    return file.build_platform_facts().model_copy(update=changes)


def slugs(engine: Engine) -> set[str]:
    with read_session(engine) as session:
        return set(session.exec(select(Platform.slug)))


def test_every_real_file_enters_the_register_and_no_invented_one(engine: Engine) -> None:
    faults: list[str] = []
    sync_platforms(engine, REAL, faults.append)
    expected = {file.slug for file in list_platform_files(REAL).files if file.legal.basis is not LegalBasis.INVENTED}
    assert slugs(engine) == expected and "netflix" in expected and faults == []
    with read_session(engine) as session:
        assert session.exec(select(Platform.id).where(col(Platform.current_run_id).is_not(None))).all() == []
        orange = session.exec(select(Platform).where(Platform.slug == "orange")).one()
    assert orange.blocked and orange.legal_doubt and orange.site and orange.accesses == [Access.RENT, Access.BUY]


def test_a_second_time_changes_nothing_and_keeps_runs(engine: Engine) -> None:
    with write_session(engine) as session:
        register_platforms(session, [facts_of("orange")])
        platform = session.exec(select(Platform)).one()
        run = collect_run(session, platform, [make_observation("1", "Un film", make_rental())])
    sync_platforms(engine, REAL, lambda line: None)
    sync_platforms(engine, REAL, lambda line: None)
    with read_session(engine) as session:
        orange = session.exec(select(Platform).where(Platform.slug == "orange")).one()
        assert (orange.id, orange.current_run_id) == (platform.id, run.id)


def test_a_service_that_closed_is_told_and_one_whose_file_is_gone_stays(engine: Engine) -> None:
    with write_session(engine) as session:
        register_platforms(session, [facts_of("orange"), facts_of("mubi")])
    with write_session(engine) as session:
        register_platforms(session, [facts_of("orange", status=PlatformStatus.CLOSED, status_note="fermé en mai")])
    with read_session(engine) as session:
        stored = {platform.slug: (platform.status, platform.status_note) for platform in session.exec(select(Platform))}
    assert stored == {"orange": (PlatformStatus.CLOSED, "fermé en mai"), "mubi": (PlatformStatus.OPEN, None)}


@pytest.mark.parametrize("basis", [LegalBasis.INVENTED, LegalBasis.OPEN])
def test_a_demonstration_gains_no_real_service(engine: Engine, basis: LegalBasis) -> None:
    with write_session(engine) as session:
        collect_run(session, make_platform(session, "demo", basis), [make_observation("1", "Un film", make_rental())])
    sync_platforms(engine, REAL, lambda line: None)
    assert (slugs(engine) == {"demo"}) is (basis is LegalBasis.INVENTED)
