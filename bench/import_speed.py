"""How fast is import beside a plain DuckDB copy of the same bytes?

    python bench/import_speed.py [--rows 40000000] [--files 1] [--mess 0.001] [--work DIR]

Makes a city's year of registers as CSV (a row a pupil a school day, with a small share of messy
rows), then in a process of its own each: a plain copy, DuckDB's `read_csv` into Parquet with its
usual settings; and the import. Prints both times, their ratio and each process's peak memory, and whether
the two bars are met: at least 0.6 of the plain copy's speed, and at most 1.2 GB, both for the default size.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.records.upn import check_letter

ROWS = 40_000_000
SPEED = 0.6  # of the plain copy's, at least
MEMORY_GB = 1.2  # at most
DAYS = 190
SCHOOLS = 500
AUTHORITY = """
[authority]
name = "Bench City"
la_number = 399
extracted_on = 2025-08-31
is_made_up = true
[terms."2024/25"]
autumn_1 = [2024-09-02, 2024-10-25]
autumn_2 = [2024-11-04, 2024-12-20]
spring_1 = [2025-01-06, 2025-02-14]
spring_2 = [2025-02-24, 2025-04-11]
summer_1 = [2025-04-28, 2025-05-23]
summer_2 = [2025-06-02, 2025-07-21]
[meeting]
every = "half_term"
places_per_school = { secondary = 10 }
places_per_district = 60
"""


def make_extract(folder: Path, num_rows: int, num_files: int, mess: float) -> None:
    """A city's extract with one year of registers; the other tables are only as large as they must be."""
    num_pupils = -(-num_rows // DAYS)
    bodies = [f"399{1000 + place % 9000}{24}{place // 9000:03d}" for place in range(num_pupils)]
    upns = [check_letter(body) + body for body in bodies]
    (folder / "authority.toml").write_text(AUTHORITY)
    connection = duckdb.connect()
    connection.execute("SELECT setseed(0.5)").fetchall()
    pupils = {"place": np.arange(num_pupils), "upn": np.array(upns, object)}
    connection.register("pupils", pd.DataFrame(pupils))
    connection.execute(
        f"CREATE TABLE pupil AS SELECT upn, 100000 + place * {SCHOOLS} // {num_pupils} AS urn FROM pupils"
    )
    connection.execute(
        "CREATE TABLE day AS SELECT date FROM (SELECT unnest(generate_series(DATE '2024-09-02', DATE '2025-07-21', INTERVAL 1 DAY))::DATE "
        f"AS date) WHERE isodow(date) < 6 LIMIT {DAYS}"
    )

    def write(name: str, query: str) -> None:
        connection.execute(f"COPY ({query}) TO '{folder / name}' (FORMAT csv, HEADER)")

    write(
        "schools.csv",
        "SELECT DISTINCT urn, 'School ' || urn AS name, 'secondary' AS phase, 'academy' AS type, 'North' AS district FROM pupil",
    )
    write(
        "roll.csv",
        "SELECT upn, urn, 'C' AS enrolment_status, DATE '2023-09-01' AS entry_date, NULL AS leaving_date FROM pupil",
    )
    write(
        "census.csv",
        "SELECT DATE '2024-10-03' AS census_date, urn, upn, DATE '2012-05-05' AS birth_date, 'F' AS sex, 'WBRI' AS ethnicity, "
        "false AS fsm_eligible, 'N' AS sen_provision, 7 AS nc_year FROM pupil LIMIT 1000",
    )
    write(
        "suspensions.csv",
        "SELECT upn, urn, 'SUSP' AS category, DATE '2024-10-03' AS start_date, 2 AS sessions FROM pupil LIMIT 1000",
    )
    write(
        "involvements.csv",
        "SELECT upn, 'cin' AS kind, DATE '2024-10-03' AS start_date, NULL AS end_date FROM pupil LIMIT 1000",
    )
    present = "CASE WHEN r < 0.93 THEN '/' WHEN r < 0.96 THEN 'I' WHEN r < 0.98 THEN 'O' ELSE 'L' END"
    later = "CASE WHEN r < 0.93 THEN '\\' WHEN r < 0.96 THEN 'I' WHEN r < 0.98 THEN 'O' ELSE '\\' END"
    (folder / "attendance").mkdir()
    for part in range(num_files):
        where = f"WHERE (urn - 100000) * {num_files} // {SCHOOLS} = {part}"
        write(
            f"attendance/{part:03d}.csv",
            f"SELECT CASE WHEN m < {mess / 2} THEN lower(upn) ELSE upn END AS upn, urn, date, {present} AS am, "
            f"CASE WHEN m > 1 - {mess / 2} THEN 'ZZ' ELSE {later} END AS pm "
            f"FROM (SELECT *, random() AS r, random() AS m FROM pupil, day {where} ORDER BY upn, date)",
        )


MEASURE = """
import json, sys, time
from pathlib import Path
begun = time.perf_counter()
BODY
seconds = time.perf_counter() - begun
peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))
print(json.dumps({'seconds': seconds, 'processor': time.process_time(), 'peak_gb': int(peak.split()[1]) / 2**20}))
"""
COPY = """
import duckdb
source, target = sys.argv[1] + '/attendance/*.csv', sys.argv[2]
duckdb.connect().execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)").fetchall()
"""
IMPORT = """
from features.records.importing import import_extract
import_extract(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[2] + '-identities'))
"""


def measure(body: str, extract: Path, target: Path) -> dict[str, float]:
    """Seconds and peak memory of one job in a process of its own, its imports counted."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("BODY", body), str(extract), str(target)],
        check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])  # DuckDB draws its own progress before


def said(is_met: bool) -> str:
    return "which meets the bar:" if is_met else "which MISSES the bar:"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--mess", type=float, default=0.001, help="share of rows with a repair or a breach")
    parser.add_argument("--work", type=Path, help="a folder for some 3 GB; the system's own by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        extract = Path(work) / "extract"
        extract.mkdir()
        begun = time.perf_counter()
        make_extract(extract, options.rows, options.files, options.mess)
        size = sum(path.stat().st_size for path in (extract / "attendance").iterdir())
        print(
            f"{options.rows:,} rows, {size / 1e9:.2f} GB, {options.files} files (made in {time.perf_counter() - begun:.0f} s)"
        )
        copy = measure(COPY, extract, Path(work) / "copy.parquet")
        done = measure(IMPORT, extract, Path(work) / "store")
        for name, job in (("plain copy", copy), ("import", done)):
            print(
                f"{name:10s} {job['seconds']:6.1f} s, {job['processor']:6.1f} s of processor, peak {job['peak_gb']:.2f} GB"
            )
        ratio, work = (copy[key] / done[key] for key in ("seconds", "processor"))
        print(
            f"speed of import over plain copy: {ratio:.2f} (by processor time {work:.2f}), {said(ratio >= SPEED)} {SPEED} or more"
        )
        print(
            f"peak memory of import: {done['peak_gb']:.2f} GB, {said(done['peak_gb'] <= MEMORY_GB)} {MEMORY_GB} GB or less"
        )
        if options.rows < ROWS:
            print(f"The bars are for {ROWS:,} rows; at fewer rows starting up weighs more.")
        shutil.rmtree(extract)


if __name__ == "__main__":
    main()
