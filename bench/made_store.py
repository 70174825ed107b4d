"""A record store of any size for benchmarks: ordinary registers by hash, not a believable authority."""

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from features.calendar import Calendar
from features.records.authority import HALF_TERMS, read_authority
from features.records.layout import COVERAGE, FORMAT

FIRST_YEAR, YEARS = 2020, 5
PUPILS_A_SCHOOL = 420
HALVES = ((9, 2, 10, 24), (11, 3, 12, 19), (1, 5, 2, 13), (2, 23, 4, 2), (4, 20, 5, 22), (6, 1, 7, 21))
CENSUS = ((10, 3), (1, 18), (5, 16))


def authority_toml() -> str:
    """Five school years with the same dates each, moved to weekdays."""
    lines = [
        '[authority]\nname = "Bench City"\nla_number = 399\nextracted_on = 2025-08-31\nis_made_up = true\n'
    ]
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        lines.append(f'[terms."{year}/{(year + 1) % 100:02d}"]')
        for name, (month, day, end_month, end_day) in zip(HALF_TERMS, HALVES, strict=True):
            first, last = (date(year + (m < 9), m, d) for m, d in ((month, day), (end_month, end_day)))
            first += timedelta(days=(7 - first.weekday()) % 7 if first.weekday() > 4 else 0)
            last -= timedelta(days=max(last.weekday() - 4, 0))
            lines.append(f"{name} = [{first}, {last}]")
    places = "{ primary = 5, secondary = 10 }"
    return "\n".join(
        [*lines, f'[meeting]\nevery = "half_term"\nplaces_per_school = {places}\nplaces_per_district = 60\n']
    )


def make_store(folder: Path, pupils: int) -> int:
    """Write a store; return how many pupil-days of marks it holds."""
    for table in ("schools", "roll", "census", "attendance", "suspensions", "involvements"):
        (folder / table).mkdir(parents=True)
    (folder / "authority.toml").write_text(authority_toml())
    (folder / "store.json").write_text(json.dumps({"format": FORMAT, "data_hash": "bench"}))
    pd.DataFrame({name: [] for name in COVERAGE}).to_parquet(folder / "coverage.parquet")
    calendar = Calendar.of(read_authority(folder))
    years = range(FIRST_YEAR, FIRST_YEAR + YEARS)
    census = pd.DataFrame({"day": [date(year + (m < 9), m, d) for year in years for m, d in CENSUS]})
    connection = duckdb.connect()
    connection.register("days", pd.DataFrame({"date": calendar.days.astype("datetime64[s]")}))
    connection.register("censuses", census)
    schools = max(4, pupils // PUPILS_A_SCHOOL)

    def write(query: str, path: str) -> None:
        connection.execute(f"COPY ({query} ORDER BY ALL) TO '{folder / path}'")  # as an import sorts them

    connection.execute(
        f"CREATE TABLE p AS SELECT (hash(i)::HUGEINT - 9223372036854775808)::BIGINT AS pupil, (100000 + i % {schools})::INT AS urn, i FROM range({pupils}) t(i)"
    )
    write(
        "SELECT (100000 + i)::INT AS urn, NULL::VARCHAR AS laestab, 'School ' || i AS name, "
        "CASE WHEN i % 4 = 0 THEN 'secondary' ELSE 'primary' END AS phase, 'academy' AS type, 'District ' || i % 10 AS district, "
        "NULL::VARCHAR AS sharing_panel, NULL::DATE AS opened_on, NULL::DATE AS closed_on, NULL::INT AS predecessor_urn "
        f"FROM range({schools}) t(i)", "schools/all.parquet",
    )  # fmt: skip
    write(
        "SELECT pupil, urn, 'C' AS enrolment_status, DATE '2019-09-02' AS entry_date, NULL::DATE AS leaving_date, "
        "NULL::VARCHAR AS leaving_reason, DATE '2019-09-07' AS known_on, NULL::DATE AS end_known_on, "
        "DATE '2009-09-01' + (i % 3650)::INT AS birth_date, 'M' AS sex, NULL::VARCHAR AS nc_year FROM p", "roll/2019-20.parquet",
    )  # fmt: skip
    write(
        "SELECT pupil, day::DATE AS census_date, urn, DATE '2009-09-01' + (i % 3650)::INT AS birth_date, 'M' AS sex, "
        "'WBRI' AS ethnicity, i % 3 = 0 AS fsm_eligible, CASE WHEN hash(pupil) % 10 < 8 THEN 'N' ELSE 'K' END AS sen_provision, "
        "'SEMH' AS sen_need_1, NULL::VARCHAR AS sen_need_2, 'X' AS nc_year, 5::TINYINT AS idaci_decile, day::DATE + 35 AS known_on "
        "FROM p, censuses", "census/all.parquet",
    )  # fmt: skip
    for year in years:
        span = f"date >= DATE '{year}-09-01' AND date < DATE '{year + 1}-09-01'"
        name = f"{year}-{(year + 1) % 100:02d}.parquet"
        mark = "CASE WHEN h % 100 < 93 THEN '{full}' WHEN h % 100 < 96 THEN 'I' WHEN h % 100 < 98 THEN 'O' WHEN h % 100 < 99 THEN 'L' ELSE 'E' END"
        write(
            f"SELECT pupil, urn, date::DATE AS date, {mark.format(full='/')} AS am, {mark.format(full=chr(92))} AS pm, date::DATE + 7 AS known_on "
            f"FROM (SELECT *, hash(pupil, date) AS h FROM p, days WHERE {span})", f"attendance/{name}",
        )  # fmt: skip
        write(
            "SELECT pupil, urn, 'SUSP' AS category, date::DATE AS start_date, 4::SMALLINT AS sessions, 'DB' AS reason_1, NULL::VARCHAR AS reason_2, "
            "NULL::VARCHAR AS reason_3, NULL::VARCHAR AS outcome, NULL::DATE AS outcome_on, date::DATE + 3 AS known_on "
            f"FROM p, days WHERE {span} AND hash(pupil, date, 1) % 2000 = 0", f"suspensions/{name}",
        )  # fmt: skip
    write(
        "SELECT pupil, ['cin', 'ehcp', 'cpp', 'early_help'][(1 + i % 4)::INT] AS kind, DATE '2021-01-01' + (i % 1000)::INT AS start_date, NULL::DATE AS end_date, "
        "DATE '2021-01-08' + (i % 1000)::INT AS known_on, NULL::DATE AS end_known_on FROM p WHERE i % 10 = 0", "involvements/all.parquet",
    )  # fmt: skip
    return pupils * len(calendar.days)
