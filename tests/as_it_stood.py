"""Small extracts in which what is recorded comes late, and the same extract as it stood on an earlier day."""

import random
from datetime import date, timedelta

from tests.extracts import upn

Tables = dict[str, list[dict[str, str]]]
LAGS = {"roll": 5, "census": 35, "attendance": 7, "suspensions": 3, "involvements": 7, "support": 7}
OWN = {"roll": "entry_date", "census": "census_date", "attendance": "date"}
ENDS = {"roll": "leaving_date", "involvements": "end_date", "support": "end_date"}
SCHOOLS = (
    ("100001", "primary", "", "", ""),
    ("100002", "secondary", "", "", ""),
    ("100003", "pru", "", "", ""),
    ("100004", "secondary", "", "2023-12-22", ""),  # it closes
    ("100005", "secondary", "", "2023-10-27", ""),  # it goes on as the next
    ("100006", "secondary", "2023-11-01", "", "100005"),
)
FIRST = date(2023, 9, 4)
RENUMBERED = 500  # from which numbers are those of children whose UPN changed


def known(table: str, row: dict[str, str]) -> date:
    """The day on which a row was known, as the contract has it."""
    own = date.fromisoformat(row[OWN.get(table, "start_date")])
    recorded = row.get("recorded_on")
    return date.fromisoformat(recorded) if recorded else own + timedelta(LAGS[table])


def stood(tables: Tables, day: date) -> Tables:
    """The extract as it stood on a day: without rows, ends, reasons and outcomes that were known only later."""
    found: Tables = {}
    for table, rows in tables.items():
        if table not in LAGS:
            found[table] = rows
            continue
        kept = [dict(row) for row in rows if known(table, row) <= day]
        for row in kept:
            end = ENDS.get(table)
            if end and row.get(end):
                recorded = row.get("end_recorded_on")
                told = (
                    date.fromisoformat(recorded)
                    if recorded
                    else date.fromisoformat(row[end]) + timedelta(LAGS[table])
                )
                if told > day:
                    row |= {end: "", "end_recorded_on": ""} | (
                        {"leaving_reason": ""} if table == "roll" else {}
                    )
            if row.get("outcome_on") and date.fromisoformat(row["outcome_on"]) > day:
                row |= {"outcome": "", "outcome_on": ""}
        found[table] = kept
    return found


def invent(seed: int, num_pupils: int) -> Tables:
    """An authority of a few schools, whose pupils move and whose moves are recorded late or never."""
    chance = random.Random(seed)
    tables: Tables = {
        "schools": [
            {"urn": urn, "name": f"School {urn}", "phase": phase, "type": "academy", "district": "North",
             "opened_on": opened, "closed_on": closed, "predecessor_urn": before}
            for urn, phase, opened, closed, before in SCHOOLS
        ],
        **{name: [] for name in ("roll", "census", "attendance", "suspensions", "involvements")},
    }  # fmt: skip
    for number in range(num_pupils):
        _pupil(tables, chance, upn(number))
        if chance.random() < 0.3:
            _renumber(tables, chance, upn(number), upn(RENUMBERED + number))
    for row in tables["roll"]:
        row.setdefault("former_upn", "")
    _early(tables, upn(999))
    return tables


def _renumber(tables: Tables, chance: random.Random, old: str, new: str) -> None:
    """From some spell on the child stands under a new UPN; the first such row names the former, or a later one, or all."""
    spells = sorted((row for row in tables["roll"] if row["upn"] == old), key=lambda row: row["entry_date"])
    since = chance.choice(spells[1:] or spells)["entry_date"]
    renumbered = [row for row in spells if row["entry_date"] >= since]
    claims = chance.choice((renumbered[:1], renumbered[:1], renumbered[-1:], renumbered))
    for row in renumbered:
        row |= {"upn": new, "former_upn": old if row in claims else ""}
    for table in ("census", "attendance", "suspensions", "involvements"):
        for row in tables[table]:
            if row["upn"] == old and row[OWN.get(table, "start_date")] >= since:
                row["upn"] = new


def is_one_already(tables: Tables, old: str, new: str) -> bool:
    """Is a claim that one UPN took the place of another known, with nothing open under the former?"""
    first = [row["entry_date"] for row in tables["roll"] if row["upn"] == new]
    spells = [row for row in tables["roll"] if row["upn"] == old]
    is_over = all(row["leaving_date"] and row["leaving_date"] <= min(first, default="") for row in spells)
    return any(row["former_upn"] == old for row in tables["roll"]) and bool(spells) and is_over


def _early(tables: Tables, pupil: str) -> None:
    """A row of each table from long before: an extract without a row in one of them is refused."""
    here = {"upn": pupil, "urn": "100002"}
    tables["roll"].append(
        here
        | {
            "enrolment_status": "C",
            "entry_date": "2021-09-06",
            "leaving_date": "2022-07-22",
            "former_upn": "",
        }
    )
    tables["attendance"].append(here | {"date": "2021-09-07", "am": "/", "pm": "\\"})
    tables["census"].append(here | {
        "census_date": "2021-10-07", "birth_date": "2006-01-01", "sex": "F", "ethnicity": "WBRI", "fsm_eligible": "false",
        "sen_provision": "N", "nc_year": "11",
    })  # fmt: skip
    tables["suspensions"].append(here | {"category": "SUSP", "start_date": "2021-10-04", "sessions": "2"})
    tables["involvements"].append(
        {"upn": pupil, "kind": "cin", "start_date": "2021-09-20", "end_date": "2022-01-10"}
    )


def _some_day(chance: random.Random, first: date = FIRST, days: int = 200) -> date:
    return first + timedelta(chance.randrange(days))


def _late(chance: random.Random, day: date) -> str:
    """When something of a day was recorded; blank for the usual lag."""
    lag = chance.choice((None, None, 0, 3, 20, 60, 150))
    return "" if lag is None else str(day + timedelta(lag))


def _pupil(tables: Tables, chance: random.Random, pupil: str) -> None:
    urns = [school[0] for school in SCHOOLS]
    spells = []
    day = chance.choice((FIRST, FIRST, date(2021, 9, 6), _some_day(chance)))
    for _ in range(chance.choice((1, 2, 2, 3, 4))):
        end = _some_day(chance, day, 260) if chance.random() < 0.7 else None
        spells.append({
            "upn": pupil, "urn": chance.choice(urns), "enrolment_status": chance.choice("CCCCMMSSGP"),
            "entry_date": str(day), "leaving_date": str(end or ""),
            "leaving_reason": chance.choice(("moved", "permanently_excluded", "", "ehe")) if end else "",
            "recorded_on": _late(chance, day), "end_recorded_on": _late(chance, end) if end else "",
            "birth_date": chance.choice(("2010-01-05", "1900-01-01", "2022-05-01", "")), "nc_year": chance.choice(("9", "8", "")),
        })  # fmt: skip
        if chance.random() < 0.15:
            spells.append(spells[-1] | {"leaving_date": "", "end_recorded_on": "", "nc_year": "7"})
        day = max(FIRST, (end or day) + timedelta(chance.choice((-14, -7, -1, 0, 1, 3, 30))))
    tables["roll"] += spells
    for spell in spells:
        _marks(tables, chance, spell)
    here = spells[-1]["urn"]
    for day in (date(2023, 10, 5), date(2024, 1, 18)):
        if chance.random() < 0.7:
            tables["census"].append({
                "census_date": str(day), "urn": chance.choice((here, spells[0]["urn"])), "upn": pupil,
                "birth_date": chance.choice(("2010-01-05", "1900-01-01", "2021-10-01")), "sex": "F", "ethnicity": "WBRI",
                "fsm_eligible": "true", "sen_provision": chance.choice("NKE"), "sen_need_1": "SEMH", "nc_year": chance.choice(("8", "9", "X")),
                "idaci_decile": "3", "recorded_on": _late(chance, day),
            })  # fmt: skip
    for _ in range(chance.randrange(3)):
        day = _some_day(chance)
        outcome = chance.choice(("", "upheld", "cancelled"))
        tables["suspensions"].append({
            "upn": pupil, "urn": here, "category": chance.choice(("SUSP", "SUSP", "PERM")), "start_date": str(day),
            "sessions": chance.choice("1248"), "reason_1": "DB", "outcome": outcome,
            "outcome_on": str(day + timedelta(chance.choice((5, 30)))) if outcome else "", "recorded_on": _late(chance, day),
        })  # fmt: skip
    if chance.random() < 0.5:
        day = _some_day(chance)
        end = chance.choice((None, _some_day(chance, day, 120)))
        tables["involvements"].append({
            "upn": pupil, "kind": chance.choice(("cin", "ehcp", "cpp")), "start_date": str(day), "end_date": str(end or ""),
            "recorded_on": _late(chance, day), "end_recorded_on": _late(chance, end) if end else "",
        })  # fmt: skip


def _marks(tables: Tables, chance: random.Random, spell: dict[str, str]) -> None:
    """Marks of some weeks around a spell: its school goes on marking after the child has left."""
    first = max(FIRST, date.fromisoformat(spell["entry_date"]) - timedelta(3))
    for number in range(chance.choice((0, 10, 40, 90))):
        day = first + timedelta(number)
        if day.weekday() < 5:
            mark = chance.choice("//////INOEL")
            row = {
                "upn": spell["upn"],
                "urn": spell["urn"],
                "date": str(day),
                "am": mark,
                "pm": chance.choice((mark, "\\")),
            }
            tables["attendance"].append(
                row | {"recorded_on": _late(chance, day) if chance.random() < 0.2 else ""}
            )
            if chance.random() < 0.02:
                tables["attendance"].append(row | {"am": "I", "recorded_on": str(day + timedelta(2))})
