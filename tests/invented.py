"""Small invented records for properties: dozens of pupils, each at the edges where counting goes wrong."""

import random
from datetime import date, timedelta

from features.codes import code_set
from features.involvements import BY_CODE
from tests import small
from tests.reference import World
from tests.spec.specs import world

EDGES = (
    0,
    1,
    2,
    5,
    6,
    10,
    11,
    19,
    20,
    21,
    59,
    60,
    61,
    62,
    119,
    120,
    121,
    189,
    190,
    191,
    249,
    250,
    251,
    379,
    380,
    381,
    400,
)
LAGS = (0, 0, 0, 1, 3, 7, 35, 100)
SCHOOLS = """
urn    | name        | phase       | type       | district | opened_on  | predecessor_urn
100001 | Ash Primary | primary     | maintained | North    |            |
100002 | Elm School  | secondary   | academy    | North    |            |
100003 | Oak Unit    | pru         | maintained | South    |            |
100004 | Old School  | secondary   | maintained | South    |            |
100005 | New School  | secondary   | academy    | South    | 2023-09-01 | 100004
100006 | Fir School  | all_through | free       | North    | 2024-01-29 |
100007 | Yew School  | secondary   | maintained | North    |            |
"""
CENSUS_DAYS = [
    date(year, month, day) for year in range(2020, 2026) for month, day in ((1, 19), (5, 18), (10, 5))
]
ETHNICITIES = ("WBRI", "BCRB", "MWBC", "APKN", "WROM")
STARTS = (date(2020, 9, 7), date(2020, 9, 7), date(2022, 11, 1))
Tables = dict[str, list[dict]]


def invent(seed: int, num_pupils: int, as_of: date) -> Tables:
    """Typed rows by table of a small authority; the same arguments give the same rows."""
    chance = random.Random(seed)
    calendar = world({}, as_of)
    tables: Tables = {"schools": small.typed_rows("schools", small.rows(SCHOOLS))}
    tables |= {
        name: []
        for name in ("roll", "census", "attendance", "suspensions", "involvements", "support", "withheld")
    }
    for name, first in {
        name: chance.choice(STARTS) for name in ("attendance", "suspensions", "involvements", "census")
    }.items():
        background(tables, name, first)
    for pupil in range(1, num_pupils + 1):
        schools = roll(tables, chance, calendar, pupil)
        census(tables, chance, pupil, schools)
        marks(tables, chance, calendar, pupil, schools)
        events(tables, chance, calendar, pupil, schools)
        spells(tables, chance, calendar, pupil)
    return tables


def background(tables: Tables, name: str, first: date) -> None:
    """The first row that each table holds: of a pupil who is long gone."""
    own = {"attendance": "date", "census": "census_date"}.get(name, "start_date")
    row = {
        "pupil": 0,
        "urn": 100002,
        own: first,
        "known_on": first,
        "am": "/",
        "pm": "\\",
        "category": "SUSP",
        "sessions": 1,
    }
    row |= {
        "kind": "cin",
        "birth_date": date(2006, 1, 1),
        "sex": "F",
        "ethnicity": "WBRI",
        "fsm_eligible": False,
    }
    row |= {"sen_provision": "N", "nc_year": "10"}
    tables[name] += small.typed_rows(name, [row])


def some_day(chance: random.Random, calendar: World, after: bool = True) -> date:
    """A day at an edge of some look-back, or after the as-of date, or anywhere."""
    kind = chance.random()
    if kind < 0.7:
        return calendar.school_days[max(calendar.today - chance.choice(EDGES), 0)]
    if kind < 0.85 and after:
        return calendar.as_of + timedelta(days=chance.choice((0, 1, 30, 181, 182, 300, 363, 364, 365, 366)))
    return calendar.school_days[chance.randrange(len(calendar.school_days))]


def roll(tables: Tables, chance: random.Random, calendar: World, pupil: int) -> list[tuple[int, date]]:
    born = date(chance.randrange(2004, 2022), chance.randrange(1, 13), chance.randrange(1, 29))
    base = {
        "pupil": pupil,
        "birth_date": chance.choice((born, None)),
        "sex": "F",
        "nc_year": chance.choice((None, "X", "R", "5", "9", "10")),
    }
    day = chance.choice((date(2019, 9, 2), date(2022, 9, 5), some_day(chance, calendar)))
    been: list[tuple[int, date]] = []
    rows = []
    for number in range(chance.choice((1, 1, 2, 3))):
        urn = (
            chance.choice((100001, 100002, 100002, 100003, 100004, 100006, 100007))
            if not been or chance.random() < 0.7
            else been[-1][0]
        )
        spell = {
            **base,
            "urn": urn,
            "enrolment_status": chance.choice("CCM"),
            "entry_date": day,
            "known_on": day + timedelta(days=chance.choice(LAGS)),
        }
        rows.append(spell)
        been.append((urn, day))
        if spell["enrolment_status"] == "M" and chance.random() < 0.7:
            rows.append(
                {
                    **spell,
                    "urn": 100003 if urn != 100003 else 100001,
                    "enrolment_status": chance.choice("SSG"),
                }
            )
        if number == 2 or chance.random() < 0.4:
            break
        end = max(day, some_day(chance, calendar))
        if urn == 100004 and chance.random() < 0.7 and day < date(2023, 8, 31):
            end = date(2023, 8, 31)
        for row in rows:
            if row["entry_date"] == day:
                reason = chance.choice(
                    ("moved", "unknown", None, "ehe", "managed_move", "end_of_schooling", "deceased")
                )
                row |= {
                    "leaving_date": end,
                    "leaving_reason": reason,
                    "end_known_on": end + timedelta(days=chance.choice((-20, *LAGS))),
                }
        if urn == 100004 and end == date(2023, 8, 31):
            been.append((100005, end + timedelta(days=1)))
            rows.append(
                {
                    **base,
                    "urn": 100005,
                    "enrolment_status": "C",
                    "entry_date": date(2023, 9, 1),
                    "known_on": date(2023, 9, 4),
                }
            )
            break
        day = end + timedelta(days=chance.choice((1, 3, 45, 60, 61, 120)))
    tables["roll"] += small.typed_rows("roll", rows)
    return been


def census(tables: Tables, chance: random.Random, pupil: int, schools: list[tuple[int, date]]) -> None:
    born = date(chance.randrange(2008, 2020), chance.randrange(1, 13), 1)
    year = chance.choice(("N2", "R", "3", "6", "9", "10", "11", "X"))
    rows = []
    for day in CENSUS_DAYS:
        for urn in sorted({chance.choice(schools)[0]} | ({100003} if chance.random() < 0.2 else set())):
            if chance.random() < 0.35:
                rows.append({
                    "pupil": pupil, "urn": urn, "census_date": day, "birth_date": born, "sex": chance.choice("FM"), "ethnicity": chance.choice(ETHNICITIES),
                    "fsm_eligible": chance.random() < 0.5, "sen_provision": chance.choice("NNKE"), "sen_need_1": chance.choice((None, "SEMH", "ASD", "SLCN")),
                    "sen_need_2": chance.choice((None, "MLD", "SPLD", "BESD")), "nc_year": year, "known_on": day + timedelta(days=chance.choice((0, 35, 120))),
                })  # fmt: skip
    tables["census"] += small.typed_rows("census", rows)


def marks(
    tables: Tables, chance: random.Random, calendar: World, pupil: int, schools: list[tuple[int, date]]
) -> None:
    codes = list(code_set("attendance").code)
    days = {some_day(chance, calendar, after=False) for _ in range(chance.randrange(40))}
    start = chance.choice(EDGES[3:16]) + 8
    if chance.random() < 0.5:
        days |= {
            calendar.school_days[max(calendar.today - n, 0)]
            for n in range(start - chance.randrange(12), start)
        }
    if chance.random() < 0.2:
        days |= {date(2024, 2, 3), date(2023, 12, 25)}  # a Saturday and a holiday
    away = chance.random()
    second = {
        row["urn"] for row in tables["roll"] if row["pupil"] == pupil and row["enrolment_status"] == "S"
    }
    rows = []
    for day in sorted(days):
        for urn in sorted({chance.choice(schools)[0]} | (second if chance.random() < 0.5 else set())):
            kind = chance.random()
            am, pm = (
                ("/", "\\")
                if kind < 0.3
                else (chance.choice("IMONE"), chance.choice("IMONE"))
                if kind < 0.4 + away / 2
                else chance.choices(codes, k=2)
            )
            rows.append(
                {
                    "pupil": pupil,
                    "urn": urn,
                    "date": day,
                    "am": am,
                    "pm": pm,
                    "known_on": day + timedelta(days=chance.choice(LAGS)),
                }
            )
    tables["attendance"] += small.typed_rows("attendance", rows)


def events(
    tables: Tables, chance: random.Random, calendar: World, pupil: int, schools: list[tuple[int, date]]
) -> None:
    rows = []
    reasons = (None, "DB", "PP", "VA", "DA", "OW", "DM", "BU", "DS", "SM", "LD", "MT", "PH")
    for _ in range(chance.choice((0, 0, 1, 3, 6))):
        day = some_day(chance, calendar)
        category = chance.choice(("SUSP", "SUSP", "SUSP", "LNCH", "PERM"))
        event = {"pupil": pupil, "urn": chance.choice(schools)[0], "category": category, "start_date": day}
        for _ in range(chance.choice((1, 1, 2, 3))):
            decided = chance.choice((None, None, "upheld", "cancelled", "withdrawn", "reinstated", "quashed"))
            rows.append(event | {
                "sessions": None if category == "PERM" else chance.randrange(1, 24), "outcome": decided,
                "outcome_on": None if decided is None or chance.random() < 0.3 else day + timedelta(days=chance.choice((0, 10, 60))),
                "known_on": day + timedelta(days=chance.choice(LAGS)), **{f"reason_{n}": chance.choice(reasons) for n in (1, 2, 3)},
            })  # fmt: skip
    tables["suspensions"] += small.typed_rows("suspensions", rows)


def spells(tables: Tables, chance: random.Random, calendar: World, pupil: int) -> None:
    for table in ("involvements", "support"):
        rows = []
        for _ in range(chance.choice((0, 4, 8) if table == "involvements" else (0, 0, 0, 1))):
            start = some_day(chance, calendar)
            end = max(start, some_day(chance, calendar)) if chance.random() < 0.6 else None
            kind = chance.choice(tuple(BY_CODE)) if table == "involvements" else "targeted"
            row = {
                "pupil": pupil if chance.random() < 0.95 else None,
                "kind": kind,
                "start_date": start,
                "end_date": end,
            }
            row["known_on"] = start + timedelta(days=chance.choice(LAGS))
            row["end_known_on"] = None if end is None else end + timedelta(days=chance.choice((-10, *LAGS)))
            rows.append(row)
        tables[table] += small.typed_rows(table, rows)
    if chance.random() < 0.1:
        start = some_day(chance, calendar)
        row = {
            "pupil": pupil,
            "reason": chance.choice(("objection", "restricted")),
            "from": start,
            "to": chance.choice((None, start + timedelta(days=30))),
        }
        tables["withheld"] += small.typed_rows("withheld", [row])
