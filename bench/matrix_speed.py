"""How fast is the feature matrix beside a bare DuckDB aggregation of the same marks?

    python bench/matrix_speed.py [--pupils 210000] [--dates 18]

Makes a store with five years of registers, then in a process of its own each: a bare aggregation (one scan
of the marks, summed by pupil and week), and the matrix of all families at so many ends of half-terms. Prints
both times, their ratio, each process's peak memory (the bar of the matrix at 210,000 pupils and eighteen
dates is 75 s and 4 GB on two idle cores), pandas on a tenth of the pupils, and growth with the pupils.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

from bench.made_store import make_store
from features.calendar import Calendar
from features.matrix import feature_matrix, write_matrix
from features.records.store import open_store

GROWTH = (5_000, 50_000)


def bare(store: Path, dates: int) -> None:
    """One scan of every mark, summed by pupil and week."""
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '3GB'")
    connection.execute(
        "CREATE TEMP TABLE weeks AS SELECT pupil, date_trunc('week', date) AS week, count(*) AS days, "
        "sum((am = 'I')::INT + (pm = 'I')::INT) AS ill, sum((am = 'O')::INT + (pm = 'O')::INT) AS out "
        f"FROM '{store}/attendance/*.parquet' GROUP BY ALL"
    )


def matrix(store: Path, dates: int) -> None:
    """Every feature of every family at the last ends of half-terms."""
    records = open_store(store)
    days = Calendar.of(records.authority).as_of_dates()[-dates:]
    write_matrix(store.parent / "matrix.parquet", feature_matrix(records, days))


def in_pandas(store: Path, dates: int) -> None:
    """Missed sessions of one look-back a date, as pandas would sum them."""
    marks = pd.read_parquet(store / "attendance")
    marks["absent"] = marks["am"].isin(["I", "O", "E"]).astype("int8") + marks["pm"].isin(["I", "O", "E"])
    days = Calendar.of(open_store(store).authority).as_of_dates()[-dates:]
    for day in days:
        marks[marks["known_on"] < pd.Timestamp(day).date()].groupby("pupil")["absent"].sum()


JOBS = {"bare": bare, "matrix": matrix, "pandas": in_pandas}


def measure(job: str, store: Path, dates: int) -> tuple[float, float]:
    """Seconds and peak memory in GB of a job in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "bench.matrix_speed",
        "--job",
        job,
        "--store",
        str(store),
        "--dates",
        str(dates),
    ]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["seconds"], found["gigabytes"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=210_000)
    parser.add_argument("--dates", type=int, default=18)
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--store", type=Path)
    chosen = parser.parse_args()
    if chosen.job:
        start = time.perf_counter()
        JOBS[chosen.job](chosen.store, chosen.dates)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"seconds": time.perf_counter() - start, "gigabytes": peak}))
        return
    for pupils in (*(size for size in GROWTH if size < chosen.pupils), chosen.pupils):
        with tempfile.TemporaryDirectory(prefix="pathways-bench-") as work:
            store = Path(work) / "store"
            marks = make_store(store, pupils)
            (plain, plain_memory), (ours, memory) = (
                measure(job, store, chosen.dates) for job in ("bare", "matrix")
            )
            print(
                f"{pupils:,} pupils, {marks:,} pupil-days, {chosen.dates} dates: bare {plain:.1f} s ({plain_memory:.1f} GB), "
                f"matrix {ours:.1f} s ({memory:.1f} GB), ratio {ours / plain:.1f}",
                flush=True,
            )
    with tempfile.TemporaryDirectory(prefix="pathways-bench-") as work:
        store, tenth = Path(work) / "store", chosen.pupils // 10
        make_store(store, tenth)
        frames, ours = (measure(job, store, chosen.dates)[0] for job in ("pandas", "matrix"))
        print(f"{tenth:,} pupils: pandas, one feature {frames:.1f} s; matrix, every feature {ours:.1f} s")


if __name__ == "__main__":
    main()
