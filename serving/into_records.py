"""What people told the service, laid beside the authority's records for whoever makes lists from them.

Objections in force keep a pupil from being scored, whatever the as-of date: scoring is what pauses. A screening
with help agreed, or with a review ahead, makes a pupil already supported. Neither is ever a feature.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import pandas as pd

from features.records.layout import STORED
from features.records.store import Records
from serving.database.connection import Database, open_database
from serving.rights.service import objecting
from serving.screening.support import reviews_ahead, support_spells
from serving.settings import read_settings

EVER = date(1900, 1, 1)  # the day an objection in force is taken to begin: before any as-of date


def with_service(records: Records, home: Path) -> Records:
    """`with_people`, from the database of a service's home folder."""
    database = open_database(read_settings(home).database_url)
    try:
        return with_people(records, database)
    finally:
        database.close()


def with_people(records: Records, database: Database) -> Records:
    """The records with objections and screenings of the service's database, for lists; not for training."""
    with database.reading() as session:
        withheld = [
            {"pupil": pupil, "reason": "objection", "from": EVER, "to": None}
            for pupil in sorted(objecting(session))
        ]
        support = [
            {
                "pupil": spell.pupil, "kind": spell.kind, "start_date": spell.start_date, "end_date": spell.end_date,
                "known_on": spell.start_date, "end_known_on": spell.end_date,
            }
            for spell in [*support_spells(session), *reviews_ahead(session)]
        ]  # fmt: skip
    tables = dict(records.tables)
    for name, rows in (("withheld", withheld), ("support", support)):
        if rows:
            frame = pd.DataFrame(rows, columns=list(STORED[name]), dtype=object)
            told = ibis.memtable(frame, schema=ibis.schema(STORED[name]))
            tables[name] = tables[name].union(told)
    return replace(records, tables=tables)
