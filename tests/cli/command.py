"""Run the command in the process of the tests, and check how it refuses."""

from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import Engine

from cli.main import main
from domain.db.engine import create_db_engine
from domain.db.migrate import upgrade


def run_ouvoir(*words: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


def assert_refused(result: Result, *expected: str) -> None:
    """One line on the error stream that holds what is expected, status 2, no trace."""
    assert result.exit_code == 2, result.output
    last = result.stderr.strip().splitlines()[-1]
    # A thread that an earlier test left may write here too: a trace of the command itself goes through its group.
    assert last.startswith("ouvoir : ") and "Traceback" not in result.stdout and "cli/group.py" not in result.stderr
    assert [part for part in expected if part not in last] == []


def open_database(path: Path) -> Engine:
    engine = create_db_engine(f"sqlite:///{path}")
    upgrade(engine)
    return engine
