"""Rows of the roll, suspensions, involvements and the optional tables, as a year leaves them.

A row is written only if the authority knew of it when the extract was taken, and a spell's end only if
that was known; until then it reads as open.
"""

import numpy as np
import pyarrow as pa

from features.synthetic import assumptions as assume
from features.synthetic import law_2026
from features.synthetic.calendar import SchoolYear
from features.synthetic.identity import full_names
from features.synthetic.incidents import CATEGORIES, OUTCOMES, REASON_CODES
from features.synthetic.maker import Maker, delayed, no_later
from features.synthetic.moves import REASONS, STATUS
from features.synthetic.pupils import NC_CODES, NO_DAY, SEX_CODES, sen_of
from features.synthetic.services import INVOLVEMENT, first_plans, involve, plan_assessments
from features.synthetic.streams import choose
from features.synthetic.truth import SERIOUS_SESSIONS


def write_roll(
    maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, roll: np.ndarray
) -> None:
    recorded = delayed(rng, roll["entry"], 2.0, 0.03, 40)
    ended = no_later(maker, delayed(rng, roll["leave"], 4.0, 0.08, 60))
    known = ~np.isnat(ended)
    pupil = pupils[roll["pupil"]]
    write_spells(
        maker,
        pupil,
        schools_urn(maker, roll, year),
        roll,
        recorded,
        np.where(known, roll["leave"], NO_DAY),
        known,
        ended,
    )


def schools_urn(maker: Maker, roll: np.ndarray, year: SchoolYear) -> np.ndarray:
    # A spell that opens on the first day of the next year is already at the academy's URN.
    start = year.start + (roll["entry"] > year.days[-1])
    return maker.schools.urn(roll["school"], start)


def write_conversion(maker: Maker, rng: np.random.Generator, year: SchoolYear, pupil: np.ndarray) -> None:
    closed = np.full(len(pupil), np.datetime64(f"{year.start}-08-31"))
    roll = np.zeros(len(pupil), [("status", "i1"), ("entry", "M8[D]"), ("reason", "i1"), ("nc", "i1")])
    roll["entry"], roll["nc"] = pupil["entry"], pupil["entry_nc"]
    urn = maker.schools.rows["urn"][pupil["school"]]
    known = np.ones(len(pupil), bool)
    write_spells(
        maker,
        pupil,
        urn,
        roll,
        delayed(rng, pupil["entry"], 2.0, 0.03, 40),
        closed,
        known,
        delayed(rng, closed, 2.0, 0.0, 40),
    )


def write_spells(
    maker: Maker, pupil: np.ndarray, urn: np.ndarray, roll: np.ndarray, recorded: np.ndarray, leave: np.ndarray,
    known: np.ndarray, ended: np.ndarray,
) -> None:  # fmt: skip
    keep = (roll["entry"] <= maker.extracted_on) & (recorded <= maker.extracted_on)
    columns = {
        "upn": pupil["upn"], "urn": urn, "enrolment_status": STATUS[roll["status"]], "entry_date": roll["entry"],
        "leaving_date": leave, "leaving_reason": np.where(known, REASONS[roll["reason"]], ""), "recorded_on": recorded,
        "end_recorded_on": ended, "birth_date": pupil["birth"], "sex": SEX_CODES[pupil["sex"]],
        "nc_year": NC_CODES[roll["nc"] + 1], "former_upn": np.full(len(roll), "", "U13"),
    }  # fmt: skip
    maker.file("roll").write({name: values[keep] for name, values in columns.items()})


def write_names(maker: Maker, rng: np.random.Generator, pupils: np.ndarray) -> None:
    forename, surname = full_names(rng, pupils["ethnicity"], pupils["sex"] == 1)
    maker.file("names").write({"upn": pupils["upn"], "forename": forename, "surname": surname})


def write_suspensions(
    maker: Maker,
    rng: np.random.Generator,
    year: SchoolYear,
    pupils: np.ndarray,
    roll: np.ndarray,
    events: np.ndarray,
    place: np.ndarray,
) -> None:
    school = roll["school"][place]
    told = (rng.random(len(events)) < maker.schools.rows["notifies"][school]) | (events["category"] == 1)
    events, school = events[told], school[told]
    begun = year.days[events["day"]]
    recorded = delayed(rng, begun, 2.0, 0.04, 30)
    outcome_on = np.where(
        events["category"] == 1,
        year.days[np.minimum(events["day"] + events["out_days"], len(year.days) - 1)],
        NO_DAY,
    )
    outcome_on = no_later(maker, np.maximum(outcome_on, np.where(np.isnat(outcome_on), NO_DAY, begun + 1)))
    blank = np.full(len(events), "", "U10")
    columns = {
        "upn": pupils["upn"][events["pupil"]], "urn": maker.schools.urn(school, year.start), "category": CATEGORIES[events["category"]],
        "start_date": begun, "sessions": events["sessions"], "reason_1": REASON_CODES[events["reason_1"]],
        "reason_2": REASON_CODES[events["reason_2"]], "reason_3": REASON_CODES[events["reason_3"]],
        "outcome": np.where(np.isnat(outcome_on), blank, OUTCOMES[events["outcome"]]), "outcome_on": outcome_on, "recorded_on": recorded,
    }  # fmt: skip
    if maker.switches.law_2026:
        columns |= {
            name: law_2026.new_reasons(maker, year, school, begun, columns[name])
            for name in ("reason_1", "reason_2", "reason_3")
        }
    amended = np.flatnonzero((events["category"] == 0) & (rng.random(len(events)) < assume.SHARE_AMENDED))
    second = {name: values[amended].copy() for name, values in columns.items()}
    second["sessions"] = np.maximum(second["sessions"] + rng.choice([-1, 1, 2], len(amended)), 1)
    second["recorded_on"] = second["recorded_on"] + rng.integers(3, 20, len(amended))
    rows = {name: np.concatenate([values, second[name]]) for name, values in columns.items()}
    order = np.lexsort((rows["recorded_on"], rows["start_date"]))
    order = order[rows["recorded_on"][order] <= maker.extracted_on]
    rows = {name: values[order] for name, values in rows.items()}
    rows["sessions"] = pa.array(rows["sessions"].astype("i4"), mask=rows["category"] == "PERM")
    maker.file("suspensions").write(rows)


def write_services(
    maker: Maker,
    rng: np.random.Generator,
    year: SchoolYear,
    pupils: np.ndarray,
    moves: np.ndarray,
    level: np.ndarray,
) -> np.ndarray:
    rows = involve(rng, year, pupils, level, moves)
    provision, _ = sen_of(maker.schools, pupils, pupils["school"], pupils["nc"])
    new = np.flatnonzero((provision == 2) & ~pupils["has_plan"])
    plans, starts = plan_assessments(rng, year, new)
    pupils["has_plan"][new] = True
    plan_starts = np.full(len(pupils), NO_DAY)
    plan_starts[new] = starts
    more = [law_2026.separations(maker, year, pupils)] if maker.switches.law_2026 else []
    write_involvements(maker, pupils, np.concatenate([rows, plans, *more]))
    return plan_starts


def write_first_plans(maker: Maker, rng: np.random.Generator, pupils: np.ndarray) -> None:
    write_involvements(maker, pupils, first_plans(rng, pupils))


def write_leak(maker: Maker, year: SchoolYear, pupils: np.ndarray, events: np.ndarray) -> None:
    """The tell-tale of the `leak` switch: an involvement long before a pupil's first serious outcome of a year."""
    sessions = np.where(events["category"] == 0, events["sessions"], 0)
    before = np.cumsum(sessions) - sessions
    first = np.searchsorted(events["pupil"], events["pupil"])
    reached = before + sessions - before[first] >= SERIOUS_SESSIONS
    serious = reached | ((events["category"] == 1) & (OUTCOMES[events["outcome"]] != "cancelled"))
    who, at = np.unique(events["pupil"][serious], return_index=True)
    rows = np.zeros(len(who), INVOLVEMENT)
    rows["pupil"], rows["kind"], rows["end"] = who, assume.LEAK_KIND, year.days[events["day"][serious][at]]
    rows["start"] = rows["recorded"] = rows["end"] - assume.LEAK_DAYS
    rows["end_recorded"] = rows["end"]
    write_involvements(maker, pupils, rows)


def write_support(
    maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, level: np.ndarray
) -> None:
    """Help after screenings in the last year, more for the disengaged; and objections and restrictions."""
    chance = assume.SHARE_SUPPORTED * np.exp(level - 0.5)
    at = np.flatnonzero(rng.random(len(pupils)) < chance)
    start = year.days[rng.integers(10, len(year.days) - 5, len(at))]
    end = no_later(maker, start + rng.integers(40, 200, len(at)))
    kinds = np.array(["universal_plus", "targeted", "intensive", "other"])[
        choose(rng, np.array([0.3, 0.45, 0.15, 0.1]), len(at))
    ]
    recorded = np.minimum(start + rng.exponential(5, len(at)).astype(int), maker.extracted_on)
    maker.file("support").write({
        "upn": pupils["upn"][at], "kind": kinds, "start_date": start, "end_date": end, "recorded_on": recorded,
    })  # fmt: skip
    pick = rng.random(len(pupils))
    at = np.flatnonzero(pick < assume.SHARE_OBJECTION + assume.SHARE_RESTRICTED)
    maker.file("withheld").write({
        "upn": pupils["upn"][at], "reason": np.where(pick[at] < assume.SHARE_OBJECTION, "objection", "restricted"),
        "from": year.days[rng.integers(0, len(year.days), len(at))], "to": np.full(len(at), NO_DAY),
    })  # fmt: skip


def write_involvements(maker: Maker, pupils: np.ndarray, rows: np.ndarray) -> None:
    rows = law_2026.as_family_help(rows) if maker.switches.law_2026 else rows
    rows = rows[(rows["start"] <= maker.extracted_on) & (rows["recorded"] <= maker.extracted_on)]
    ended = no_later(maker, rows["end_recorded"])
    maker.file("involvements").write({
        "upn": pupils["upn"][rows["pupil"]], "kind": rows["kind"], "start_date": rows["start"],
        "end_date": np.where(np.isnat(ended), NO_DAY, rows["end"]), "recorded_on": rows["recorded"], "end_recorded_on": ended,
    })  # fmt: skip
