"""What stops an import once its tables can be read: private columns, and phases without places."""

import duckdb
import numpy as np

from features.errors import AuthorityRefused, ExtractRefused
from features.records import private
from features.records.authority import FILE_NAME
from features.records.checked import Checked
from features.records.extract import Extract, File
from features.records.read import csv_source, quoted, refusal


def refuse_placeless(schools: Checked, roll: Checked, extract: Extract) -> None:
    """Refuse an authority that does not say how many places a phase with pupils has."""
    phases = dict(zip(schools.values("urn").tolist(), schools.texts("phase"), strict=True))
    with_pupils = {phases[urn] for urn in np.unique(roll.values("urn")).tolist() if urn in phases}
    if missing := sorted(with_pupils - set(extract.authority.meeting.places_per_school)):
        raise AuthorityRefused(
            *(
                f"{FILE_NAME}, meeting.places_per_school: the phase {phase} has pupils and no number of places. "
                f"Add {phase} = 0, or how many children a meeting there can look at."
                for phase in missing
            )
        )


def known_names(tables: dict[str, Checked]) -> frozenset[str]:
    if "names" not in tables:
        return frozenset()
    words = (
        tables["names"].columns[name].words
        for name in ("forename", "surname")
        if name in tables["names"].columns
    )
    return frozenset(word.casefold() for column in words for word in column)


def refuse_private(extract: Extract, names: frozenset[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a column the contract does not know that holds numbers or names which may not come in."""
    breaches = [
        f"{file.name}, column {column}: {why}. Take the column out of the file and import again."
        for files in extract.files.values()
        for file in files
        for column in file.ignored
        if (why := private.held(_texts(file, column, connection), names))
    ]
    if breaches:
        raise ExtractRefused(*breaches)


def _texts(file: File, column: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The distinct short values of a column."""
    if file.traits is not None:
        name, source = f"c{file.header.index(column)}", csv_source([file])
    else:
        name, source = '"' + column.replace('"', '""') + '"', f"read_parquet({quoted(str(file.path))})"
    text = f"CAST({name} AS VARCHAR)"
    try:
        rows = connection.execute(
            f"SELECT DISTINCT {text} FROM {source} WHERE length({text}) BETWEEN 1 AND 40"
        ).fetchall()
    except duckdb.Error as error:
        raise refusal(error, [file]) from None
    return [value for (value,) in rows]
