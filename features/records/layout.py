"""What a record store holds: checked, pseudonymised records.

Layout of a store folder::

    store.json            what this store is: format, hash of the records, whether they are made up
    authority.toml        as the authority wrote it
    report.json           what import read, kept, repaired and rejected
    coverage.parquet      table, urn, first_day, last_day, rows
    holes.parquet         urn, first_day, last_day, known_on: registers missing inside a school's own; only where some are
    TABLE/2024-25.parquet typed rows of one academic year (schools and withheld: TABLE/all.parquet)
    superseded/roll.parquet
                          what the roll said of a spell up to a day (known_until), and no longer; only where it did
    rejected/TABLE.parquet
"""

# 2: spells end one another and have superseded readings, marks off a spell and over holes count for nobody, withheld
# protects both ends of a claim. A store of format 1 has none of it, and would be read as if nothing of it applied.
FORMAT = 2
HOLES_FILE = "holes.parquet"
HOLES = ("urn", "first_day", "last_day", "known_on")
SUPERSEDED = "superseded"
STORED = {
    "schools": {
        "urn": "int32", "laestab": "string", "name": "string", "phase": "string", "type": "string",
        "district": "string", "sharing_panel": "string", "opened_on": "date", "closed_on": "date",
        "predecessor_urn": "int32",
    },
    "roll": {
        "pupil": "int64", "urn": "int32", "enrolment_status": "string", "entry_date": "date",
        "leaving_date": "date", "leaving_reason": "string", "known_on": "date", "end_known_on": "date",
        "birth_date": "date", "sex": "string", "nc_year": "string",
    },
    "census": {
        "pupil": "int64", "census_date": "date", "urn": "int32", "birth_date": "date", "sex": "string",
        "ethnicity": "string", "fsm_eligible": "boolean", "sen_provision": "string",
        "sen_need_1": "string", "sen_need_2": "string", "nc_year": "string", "idaci_decile": "int8",
        "known_on": "date", "fsm_category": "string", "idaci_vintage": "int16",
    },
    "attendance": {
        "pupil": "int64", "urn": "int32", "date": "date", "am": "string", "pm": "string", "known_on": "date",
    },
    "suspensions": {
        "pupil": "int64", "urn": "int32", "category": "string", "start_date": "date", "sessions": "int16",
        "reason_1": "string", "reason_2": "string", "reason_3": "string", "outcome": "string",
        "outcome_on": "date", "known_on": "date",
    },
    "involvements": {
        "pupil": "int64", "kind": "string", "start_date": "date", "end_date": "date", "known_on": "date",
        "end_known_on": "date",
    },
    "internal_suspensions": {
        "pupil": "int64", "urn": "int32", "start_date": "date", "sessions": "int16", "reason_1": "string", "known_on": "date",
    },
    "attainment": {
        "pupil": "int64", "stage": "string", "subject": "string", "year": "int16", "result": "string", "taken_by": "date",
        "known_on": "date",
    },
    "support": {
        "pupil": "int64", "kind": "string", "start_date": "date", "end_date": "date", "known_on": "date",
        "end_known_on": "date",
    },
    "withheld": {"pupil": "int64", "reason": "string", "from": "date", "to": "date"},
}  # fmt: skip
COVERAGE = {"table": "string", "urn": "int32", "first_day": "date", "last_day": "date", "rows": "int64"}
