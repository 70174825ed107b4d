"""The lookups of a register scan, and its SQL: what every text that is right as it stands adds up to."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from features.records.cells import EPOCH
from features.records.extract import File
from features.records.identities import Pupils
from features.records.lags import academic_years
from features.records.packing import Packing

COLUMNS = ("upn", "urn", "date", "am", "pm", "recorded_on")
TABLES = {"upn": "upns", "urn": "urns", "date": "days", "am": "ams", "pm": "pms", "recorded_on": "days"}


def make_lookups(
    packing: Packing,
    pupils: Pupils,
    own_values: Mapping[str, Mapping[str, str]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Tables from the texts that are right as they stand to what they add to a packed number."""
    weights = packing.weights
    upns, pseudonyms = list(pupils.pseudonyms), np.array(list(pupils.pseudonyms.values()), "int64")
    urns = packing.schools
    days = np.arange(packing.num_days)
    dates = [date.fromordinal(EPOCH + packing.first_day) + timedelta(int(day)) for day in days]
    marks = {name: _marks(packing.codes, own_values.get(name, {})) for name in ("am", "pm")}
    lookups = {
        "upns": {"text": upns, "part": np.searchsorted(packing.pupils, pseudonyms) * weights["pupil"]},
        "urns": {
            "text": [str(urn) for urn in urns],
            "number": urns,
            "part": np.arange(len(urns)) * weights["school"],
        },
        "days": {
            "text": [day.isoformat() for day in dates],
            "turned": [day.strftime("%d/%m/%Y") for day in dates],
            "number": pa.array(dates, pa.date32()),
            "year": academic_years(packing.days(days)).astype("int16"),
            "part": days * weights["day"],
            "recorded": (days + 1) * weights["recorded"] if packing.has_recorded else days * 0,
        },
        **{
            f"{name}s": {"text": list(texts), "part": np.array(list(texts.values()), "int64") * weights[name]}
            for name, texts in marks.items()
        },
    }
    for name, columns in lookups.items():
        connection.register("lookup", pa.table({key: pa.array(value) for key, value in columns.items()}))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM lookup")
        connection.unregister("lookup")


def _marks(codes: Sequence[str], own_values: Mapping[str, str]) -> dict[str, int]:
    """Every text that is a mark as it stands, to the place of its code; the extract's own ones too."""
    places = {code: place for place, code in enumerate(codes)}
    own = {text: places[code] for text, code in own_values.items() if code in places}
    return {text: place for text, place in places.items() if text not in own_values} | own


def scan_query(file: File, source: str, day_first: frozenset[str], packing: Packing) -> str:
    """One scan: the packed number of every row, its academic year, and the texts of a row that has none."""
    texts, joins, parts = [], [], []
    for name, table in TABLES.items():
        if name not in file.positions:
            texts.append("NULL")
            continue
        place = file.positions[name]
        typed, text = _expressions(file, place)
        texts.append(text)
        key = "number" if typed else "turned" if name in day_first else "text"
        if not typed and table in ("upns", "ams", "pms"):
            key = "text"
        joins.append(f"LEFT JOIN {table} AS j_{name} ON j_{name}.{key} = {typed or text}")
        if name == "recorded_on":
            parts.append(f"CASE WHEN coalesce({text}, '') = '' THEN 0 ELSE j_{name}.recorded END")
        else:
            parts.append(f"j_{name}.part")
    packed = " + ".join(parts)
    return (
        f"SELECT packed, year, CASE WHEN packed IS NULL THEN [{', '.join(texts)}] END AS texts "
        f"FROM (SELECT {packed} AS packed, j_date.year AS year, * FROM {source} AS x {' '.join(joins)})"
    )


def _expressions(file: File, place: int) -> tuple[str, str]:
    """A column as DuckDB reads it typed ("" where it is text), and as text."""
    if file.traits is not None:
        return "", f"c{place}"
    name, kind = '"' + file.header[place].replace('"', '""') + '"', file.types[place]
    if pa.types.is_date(kind) or pa.types.is_integer(kind):
        return name, f"CAST({name} AS VARCHAR)"
    if pa.types.is_timestamp(kind):
        return (
            "",
            f"CASE WHEN {name} = date_trunc('day', {name}) THEN {name}::DATE::VARCHAR ELSE {name}::VARCHAR END",
        )
    if pa.types.is_floating(kind):
        return "", f"CASE WHEN {name} = floor({name}) THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
    return "", name if pa.types.is_string(kind) else f"CAST({name} AS VARCHAR)"
