"""The service's database: open and bring up to date in one call, read, write, and leave nothing behind."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from serving.database.migrations import upgrade
from serving.errors import DatabaseRefused

WAIT_S = 30  # for another writer of a SQLite file


class Database:
    """An open database.

    Attributes
    ----------
    engine : Engine
    path : Path or None
        The file, where it is SQLite.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        name = engine.url.database
        self.path = Path(name) if engine.dialect.name == "sqlite" and name else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read with; nothing it adds is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is kept whole when the block ends, on disk before it returns, or not at all."""
        with (
            self.engine.connect().execution_options(is_writing=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the service's database, made or brought up to date where it is not.

    Parameters
    ----------
    url : str
        `sqlite:///service.db` or `postgresql+psycopg://USER@HOST/NAME`, as SQLAlchemy reads it.

    Raises
    ------
    DatabaseRefused
        It cannot be reached, is not one of ours, or was made by a newer version.
    """
    address = make_url(url)
    options: dict[str, Any] = {}
    if address.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": WAIT_S, "check_same_thread": False}
        if not address.database:
            raise DatabaseRefused(
                "The database would be in memory, and lost when the service stops. Name a file: sqlite:///service.db"
            )
        if not Path(address.database).exists():
            _make_private(Path(address.database))
    else:
        options["pool_pre_ping"] = True  # a server may have ended the connection; a file does not
    # Names as they are written: an escaped one would pass a search of the files by.
    options["json_serializer"] = partial(json.dumps, ensure_ascii=False)
    engine = create_engine(address, pool_size=20, max_overflow=60, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        upgrade(engine)
    except DatabaseRefused:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        reason = type(getattr(error, "orig", None) or error).__name__
        raise DatabaseRefused(
            f"The database at {address.render_as_string(hide_password=True)} could not be opened ({reason}). Check that it is there, "
            "that this account may write to it, and that its disk has room."
        ) from None
    return Database(engine)


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as error:
        raise DatabaseRefused(
            f"{path} cannot be made ({error.strerror}). Name another place for the database."
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: it would begin them as reads and fail to become writes.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def unlocked(session: Session, table: str, what: str) -> Iterator[None]:
    """Within one transaction, let a purge do what the table's trigger forbids everybody else; then forbid it again."""
    trigger = f"{table}_no_{what.lower()}"
    if session.get_bind().dialect.name == "sqlite":
        made = session.execute(
            text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": trigger}
        ).scalar_one()
        session.execute(text(f"DROP TRIGGER {trigger}"))
        yield
        session.execute(text(made))
        return
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
    yield
    session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"))


def shrink(database: Database) -> None:
    """Rewrite the database so that deleted rows are in no file of it.

    On PostgreSQL the write-ahead log and backups keep older bytes until they are recycled: that is the
    server's to do, and what an erasure says.

    Raises
    ------
    DatabaseRefused
        Somebody else keeps the database busy.
    """
    if database.path is None:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # the planner's samples of columns hold values too
            connection.execute(text("VACUUM (FULL)"))
        return
    # A connection of its own: one from the pool would come back in another mode than it went.
    own = sqlite3.connect(database.path, timeout=WAIT_S, isolation_level=None)
    try:
        own.execute("VACUUM")
        (is_busy, *_) = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        is_busy = 1
    finally:
        own.close()
    if is_busy:
        raise DatabaseRefused(
            "The database is busy, so what was deleted is still in its files. Stop the service, and do it again."
        )
