"""Small records for tests, written as pipe tables: an authority with five ordinary school years."""

import tomllib
from collections.abc import Mapping
from datetime import date

import ibis
import pandas as pd

from features.records.authority import Authority
from features.records.layout import COVERAGE, STORED
from features.records.store import Records

AUTHORITY = """
[authority]
name = "Smallshire"
la_number = 399
extracted_on = 2025-08-31
is_made_up = true

[terms."2020/21"]
autumn_1 = [2020-09-07, 2020-10-23]
autumn_2 = [2020-11-02, 2020-12-18]
spring_1 = [2021-01-04, 2021-02-12]
spring_2 = [2021-02-22, 2021-03-26]
summer_1 = [2021-04-12, 2021-05-28]
summer_2 = [2021-06-07, 2021-07-23]
[terms."2021/22"]
autumn_1 = [2021-09-06, 2021-10-22]
autumn_2 = [2021-11-01, 2021-12-17]
spring_1 = [2022-01-04, 2022-02-11]
spring_2 = [2022-02-21, 2022-04-08]
summer_1 = [2022-04-25, 2022-05-27]
summer_2 = [2022-06-06, 2022-07-22]
[terms."2022/23"]
autumn_1 = [2022-09-05, 2022-10-21]
autumn_2 = [2022-10-31, 2022-12-16]
spring_1 = [2023-01-03, 2023-02-10]
spring_2 = [2023-02-20, 2023-03-31]
summer_1 = [2023-04-17, 2023-05-26]
summer_2 = [2023-06-05, 2023-07-21]
[terms."2023/24"]
autumn_1 = [2023-09-04, 2023-10-27]
autumn_2 = [2023-11-06, 2023-12-22]
spring_1 = [2024-01-08, 2024-02-09]
spring_2 = [2024-02-19, 2024-03-22]
summer_1 = [2024-04-08, 2024-05-24]
summer_2 = [2024-06-03, 2024-07-19]
[terms."2024/25"]
autumn_1 = [2024-09-02, 2024-10-25]
autumn_2 = [2024-11-04, 2024-12-20]
spring_1 = [2025-01-06, 2025-02-14]
spring_2 = [2025-02-24, 2025-04-11]
summer_1 = [2025-04-28, 2025-05-23]
summer_2 = [2025-06-02, 2025-07-18]

[closures]
"2024/25" = [2025-05-05]

[lawful_basis]
youth_justice = "a made-up condition"

[meeting]
every = "half_term"
places_per_school = { nursery = 0, primary = 5, middle = 5, secondary = 10, all_through = 10, special = 5, ap = 0, pru = 0 }
places_per_district = 60
"""

SCHOOLS = """
urn    | name        | phase     | type       | district | opened_on  | predecessor_urn
100001 | Ash Primary | primary   | maintained | North    |            |
100002 | Elm School  | secondary | academy    | North    |            |
100003 | Oak Unit    | pru       | maintained | South    |            |
100004 | Old Primary | primary   | maintained | South    |            |
100005 | New Primary | primary   | academy    | South    | 2023-09-01 | 100004
"""


def authority(text: str = AUTHORITY) -> Authority:
    return Authority.model_validate(tomllib.loads(text))


def rows(text: str) -> list[dict[str, str]]:
    """A pipe table as a list of dicts of text; a blank cell is left out."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    names = lines[0]
    return [{name: cell for name, cell in zip(names, line, strict=True) if cell} for line in lines[1:]]


def typed_rows(table: str, cells: list[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of a stored table, typed as the store types them; `known_on` defaults to the day itself.

    A spell's `end_known_on` defaults to its end.
    """
    schema = STORED[table]
    own = {"roll": "entry_date", "census": "census_date", "attendance": "date", "attainment": "taken_by"}.get(
        table, "start_date"
    )
    end = {"roll": "leaving_date"}.get(table, "end_date")
    made = []
    for cell in cells:
        row = {name: _read(cell.get(name), kind) for name, kind in schema.items()}
        if "known_on" in schema and row["known_on"] is None:
            row["known_on"] = row[own]
        if "end_known_on" in schema and row["end_known_on"] is None:
            row["end_known_on"] = row[end]
        made.append(row)
    return made


def typed(table: str, cells: list[Mapping[str, object]]) -> pd.DataFrame:
    """The same as a frame."""
    return pd.DataFrame(typed_rows(table, cells), columns=list(STORED[table]), dtype=object)


def _read(value: object, kind: str) -> object:
    if value is None or not isinstance(value, str):
        return value
    if kind.startswith("int"):
        return int(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "boolean":
        return value == "true"
    return value


def records(*, connection=None, toml: str = AUTHORITY, **tables: str | list[dict[str, object]]) -> Records:
    """Records from pipe tables or lists of dicts; a table not given is empty, schools are `SCHOOLS`."""
    connection = connection or ibis.get_backend()  # what keeps tables in memory
    made = {}
    for name, schema in STORED.items():
        given = tables.get(name, SCHOOLS if name == "schools" else [])
        frame = typed(name, rows(given) if isinstance(given, str) else given)
        made[name] = ibis.memtable(frame, schema=ibis.schema(schema))
    coverage = pd.DataFrame({name: [] for name in COVERAGE})
    return Records(authority(toml), connection, made, coverage)
