"""Check that the last migration is known from the names of the files alone."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from domain.common.environment import MIGRATIONS
from domain.db.migrate import get_head_revision


def test_the_number_of_the_last_file_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert get_head_revision() == ScriptDirectory.from_config(config).get_current_head()
