"""Bring a database to the tables of this version, with Alembic; safe when several processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from serving.errors import DatabaseRefused

LOCK = 7_141_003  # any number of ours, for PostgreSQL's advisory lock


def settings() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(engine: Engine) -> None:
    """Run what is missing, in one transaction.

    Raises
    ------
    DatabaseRefused
        The database was made by a newer version, or holds tables that are not ours.
    """
    config = settings()
    script = ScriptDirectory.from_config(config)
    with engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        now = MigrationContext.configure(connection).get_current_revision()
        if now is not None and now not in {each.revision for each in script.walk_revisions()}:
            raise DatabaseRefused(
                "The database was made by a newer version of this service. Install that version, or name another database."
            )
        if now is None and (tables := inspect(connection).get_table_names()):
            raise DatabaseRefused(
                f"The database holds {len(tables)} tables that are not this service's. Name an empty database."
            )
        if now != script.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
