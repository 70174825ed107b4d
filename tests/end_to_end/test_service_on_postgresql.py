"""The whole service on PostgreSQL: what its tests say of it over HTTP on a SQLite file holds there too."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.served import DATABASE

TOP = Path(__file__).parents[2]
FILES = ("test_service_answers.py", "test_service_pages.py", "test_service_sign_in.py")


def test_answers_pages_and_sign_in_are_the_same_on_postgresql(postgres, tmp_path):
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE whole_service")
    address = postgres.replace("/postgres?", "/whole_service?").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    files = [str(TOP / "tests" / "unit" / name) for name in FILES]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *files], cwd=TOP,
        env={**ours, DATABASE: address, "BENTOML_HOME": str(tmp_path / "bentoml")}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:]
    with psycopg.connect(postgres.replace("/postgres?", "/whole_service?")) as connection:
        (held,) = connection.execute("SELECT count(*) FROM access_log").fetchone()
    assert held > 100  # it was there that they were asked
