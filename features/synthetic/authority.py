"""A made-up authority's extract, year by year, and the truth about it beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from features.synthetic import assumptions as assume
from features.synthetic.absence import yearly_absence
from features.synthetic.calendar import HALF_TERMS, SchoolYear, school_year
from features.synthetic.census import census_rows, recorded_sen
from features.synthetic.course import Course, beliefs, go_back_to_school, live
from features.synthetic.difficulty import believe
from features.synthetic.hazards import Hazards, yearly_hazards
from features.synthetic.identity import Register, full_names
from features.synthetic.incidents import CATEGORIES, OUTCOMES, REASON_CODES, draw_incidents, one_at_a_time
from features.synthetic.intake import ARRIVALS, enrol, next_year, secondary_places, targets, top_up
from features.synthetic.moves import REASONS, STATUS, draw_moves, exclude, spells_of
from features.synthetic.pupils import NC_CODES, NO_DAY, SEX_CODES, rate_phase, sen_of
from features.synthetic.rates import PHASES
from features.synthetic.registers import Block, draw_marks
from features.synthetic.schools import PHASES as SCHOOL_PHASES
from features.synthetic.schools import Schools, build_schools
from features.synthetic.services import involve, plan_assessments, spells
from features.synthetic.streams import stream
from features.synthetic.switches import Switches
from features.synthetic.truth import SCHEMA, State, eligible_dates, probabilities
from features.synthetic.writing import Attendance, Csv
from features.tables import TABLES

EXTRACTED_ON = np.datetime64(date(*assume.EXTRACTED_ON))


@dataclass
class Maker:
    """What is carried from one year to the next."""

    out: Path
    seed: int
    switches: Switches
    schools: Schools
    first_recorded: int
    register: Register = field(default_factory=Register)
    files: dict[str, Csv] = field(default_factory=dict)
    pupils: np.ndarray = field(default_factory=lambda: np.zeros(0))
    marks: int = 0
    truth_dates: Sequence[date] = ()

    def file(self, name: str) -> Csv:
        return self.files.setdefault(name, Csv(self.out / f"{name}.csv"))


def no_later(dates: np.ndarray) -> np.ndarray:
    """Dates up to the extract; not-a-time in place of later ones, which nobody knows yet."""
    return np.where(dates <= EXTRACTED_ON, dates, NO_DAY)


def first_day(start: int) -> np.datetime64:
    return school_year(start).days[0]


def write_year(maker: Maker, start: int) -> None:
    """Live through one academic year and write its records."""
    schools, year = maker.schools, school_year(start)
    rng = stream(maker.seed, "year", start)
    begin_year(maker, rng, year)
    in_year = enrol(rng, maker.register, maker.switches, schools, ARRIVALS * targets(schools) * (np.arange(15) < 12), start, True)
    arrives = rng.integers(3, len(year.days) - 10, len(in_year))
    in_year["entry"], in_year["entry_nc"] = year.days[arrives], in_year["nc"]
    write_names(maker, rng, in_year)
    pupils = np.concatenate([maker.pupils, in_year])
    arrives = np.concatenate([np.zeros(len(maker.pupils), int), arrives])
    phase = rate_phase(schools, pupils["school"], pupils["nc"])
    hazards = yearly_hazards(maker.switches, schools, pupils, pupils["school"], pupils["nc"])
    go_back_to_school(rng, pupils, phase, hazards)
    course = live(rng, maker.switches, year, pupils, phase, hazards)
    levels = course.disengagement
    moves = draw_moves(rng, schools, year, pupils, phase, levels.mean(axis=1))
    incidents = draw_incidents(rng, maker.switches, year, pupils, phase, hazards, course)
    events = one_at_a_time(incidents, len(year.days))
    exclude(rng, schools, year, moves, events, pupils)
    roll = spells_of(year, first_day(start + 1), schools, pupils, moves, arrives)
    place = locate(roll, events)
    events, place = events[place >= 0], place[place >= 0]
    write_suspensions(maker, rng, year, pupils, roll, events, place)
    plan_starts = write_services(maker, rng, year, pupils, moves, levels.mean(axis=1))
    next_school = secondary_places(rng, schools, pupils)
    if start >= maker.first_recorded:
        sen = recorded_sen(rng, schools, pupils, plan_starts, year)
        write_csv(maker.out / "census" / f"{start}-{(start + 1) % 100:02d}.csv", census_rows(rng, year, schools, pupils, roll, sen))
        write_registers(maker, rng, year, pupils, phase, levels, roll, events, place)
    telling = incidents[incidents["is_telling"]]
    numbers = np.zeros((len(pupils), 6))
    np.add.at(numbers, (telling["pupil"], year.half[telling["day"]]), 1)
    believed = beliefs(pupils, phase, course, numbers)
    for as_of in maker.truth_dates:
        if year.days[0] <= np.datetime64(as_of) <= year.days[-1]:
            write_truth(maker, as_of, year, pupils, phase, hazards, course, believed, telling, roll, events, next_school)
    pupils["belief"] = believed[:, -1]
    maker.pupils = next_year(rng, schools, pupils, roll, next_school, first_day(start + 1))
    write_roll(maker, rng, year, pupils, roll[~np.isnat(roll["leave"])])
    if start == assume.LAST_YEAR_STARTS:
        write_roll(maker, rng, year, pupils, roll[np.isnat(roll["leave"])])


def write_truth(
    maker: Maker, as_of: date, year: SchoolYear, pupils: np.ndarray, phase: np.ndarray, hazards: Hazards, course: Course,
    believed: np.ndarray, telling: np.ndarray, roll: np.ndarray, events: np.ndarray, next_school: np.ndarray,
) -> None:  # fmt: skip
    """The true probabilities of those on roll at an as-of date; see truth.py."""
    schools, on = maker.schools, np.datetime64(as_of)
    at_day = int(np.searchsorted(year.days, on))
    half = int(year.half[at_day])
    out = np.zeros(len(pupils), bool)
    out[events["pupil"][(OUTCOMES[events["outcome"]] == "upheld") & (events["day"] < at_day)]] = True
    here = (roll["status"] != 2) & (roll["entry"] < on) & ~(roll["leave"] < on) & ~out[roll["pupil"]]
    here &= np.isin(schools.rows["phase"][roll["school"]], [0, 1, 2, 3])
    here &= (pupils["nc"][roll["pupil"]] >= 0) & (pupils["nc"][roll["pupil"]] <= 11)
    who, school = roll["pupil"][here], roll["school"][here]
    people = pupils[who]
    goes_up = (people["nc"] == 6) & (schools.rows["phase"][school] == 0)
    later = np.where(goes_up, next_school[who], school)
    before = telling[(telling["day"] < at_day) & (year.half[telling["day"]] == half)]
    passed = ((year.half == half) & (np.arange(len(year.days)) < at_day)).sum() / (year.half == half).sum()
    number = np.bincount(before["pupil"], minlength=len(pupils))[who]
    up = np.minimum(people["nc"] + 1, 13)
    state = State(
        pupils=people, mood=course.moods[who, half], phase=phase[who], next_phase=rate_phase(schools, later, up),
        now=Hazards(*(part[who] for part in (hazards.incidents, hazards.finality, hazards.one_off, hazards.bias))),
        then=yearly_hazards(maker.switches, schools, people, later, up),
        belief=believe(believed[who, half].astype(float), passed * course.unit[who, half], number),
        notifies=schools.rows["notifies"][school], next_notifies=schools.rows["notifies"][later],
    )  # fmt: skip
    result = probabilities(maker.switches, maker.seed, as_of, year, state)
    order = np.argsort(people["upn"])
    columns = {"upn": people["upn"][order].tolist(), "as_of": [as_of] * len(order), **{name: values[order] for name, values in result.items()}}
    folder = truth_folder(maker.out)
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns, schema=SCHEMA), folder / f"truth_{as_of}.parquet")


def truth_folder(out: Path) -> Path:
    """Where the truth of the extract at `out` lies: beside it, so that nothing imports it by mistake."""
    return out.with_name(f"{out.name}.truth")


def write_csv(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    file = Csv(path)
    file.write(columns)
    file.close()


def begin_year(maker: Maker, rng: np.random.Generator, year: SchoolYear) -> None:
    """Fill the schools' places, and give the pupils of a new academy a new spell under its URN."""
    schools = maker.schools
    if not len(maker.pupils):
        new = enrol(rng, maker.register, maker.switches, schools, targets(schools), year.start, is_new_arrival=False)
        maker.pupils = new
        write_names(maker, rng, new)
        rows = involve(rng, year, maker.pupils, maker.pupils["standing"] * 0, no_moves(len(new)), is_first=True)
        write_involvements(maker, maker.pupils, rows[rows["kind"] == "ehcp"])
        return
    converts = schools.rows["converts"][maker.pupils["school"]] == year.start
    at = np.flatnonzero(converts & (maker.pupils["entry"] < year.days[0]))
    write_conversion(maker, rng, year, maker.pupils[at])
    maker.pupils["entry"][at], maker.pupils["entry_nc"][at] = year.days[0], maker.pupils["nc"][at]
    new = top_up(rng, maker.register, maker.switches, schools, maker.pupils, year.start)
    new["entry"], new["entry_nc"] = year.days[0], new["nc"]
    write_names(maker, rng, new)
    maker.pupils = np.concatenate([maker.pupils, new])


def no_moves(size: int) -> np.ndarray:
    return np.zeros(size, [("kind", "i1"), ("day", "i4"), ("until", "i4"), ("to", "i4")])


def locate(roll: np.ndarray, events: np.ndarray) -> np.ndarray:
    """The row of the spell (main or single registration) in which each event falls; -1 for none."""
    place = np.full(len(events), -1)
    first = np.searchsorted(roll["pupil"], events["pupil"])
    for step in range(6):
        row = np.minimum(first + step, len(roll) - 1)
        spell = roll[row]
        inside = (spell["pupil"] == events["pupil"]) & (spell["first"] <= events["day"]) & (events["day"] <= spell["last"])
        place = np.where(inside & (spell["status"] != 2), row, place)
    return place


def delayed(rng: np.random.Generator, dates: np.ndarray, usual: float, share_late: float, late: int) -> np.ndarray:
    """The days on which facts became known: mostly within days, some much later."""
    size = len(dates)
    days = rng.exponential(usual, size).astype(int)
    return dates + np.where(rng.random(size) < share_late, rng.integers(late // 3, late, size), days)


def write_roll(maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, roll: np.ndarray) -> None:
    recorded = delayed(rng, roll["entry"], 2.0, 0.03, 40)
    ended = no_later(delayed(rng, roll["leave"], 4.0, 0.08, 60))
    known = ~np.isnat(ended)
    pupil = pupils[roll["pupil"]]
    write_spells(maker, pupil, schools_urn(maker, roll, year), roll, recorded, np.where(known, roll["leave"], NO_DAY), known, ended)


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
    write_spells(maker, pupil, urn, roll, delayed(rng, pupil["entry"], 2.0, 0.03, 40), closed, known, delayed(rng, closed, 2.0, 0.0, 40))


def write_spells(
    maker: Maker, pupil: np.ndarray, urn: np.ndarray, roll: np.ndarray, recorded: np.ndarray, leave: np.ndarray,
    known: np.ndarray, ended: np.ndarray,
) -> None:  # fmt: skip
    keep = (roll["entry"] <= EXTRACTED_ON) & (recorded <= EXTRACTED_ON)
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
    maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, roll: np.ndarray, events: np.ndarray, place: np.ndarray
) -> None:
    school = roll["school"][place]
    told = (rng.random(len(events)) < maker.schools.rows["notifies"][school]) | (events["category"] == 1)
    events, school = events[told], school[told]
    begun = year.days[events["day"]]
    recorded = delayed(rng, begun, 2.0, 0.04, 30)
    outcome_on = np.where(events["category"] == 1, year.days[np.minimum(events["day"] + events["out_days"], len(year.days) - 1)], NO_DAY)
    outcome_on = no_later(np.maximum(outcome_on, np.where(np.isnat(outcome_on), NO_DAY, begun + 1)))
    blank = np.full(len(events), "", "U10")
    columns = {
        "upn": pupils["upn"][events["pupil"]], "urn": maker.schools.urn(school, year.start), "category": CATEGORIES[events["category"]],
        "start_date": begun, "sessions": events["sessions"], "reason_1": REASON_CODES[events["reason_1"]],
        "reason_2": REASON_CODES[events["reason_2"]], "reason_3": REASON_CODES[events["reason_3"]],
        "outcome": np.where(np.isnat(outcome_on), blank, OUTCOMES[events["outcome"]]), "outcome_on": outcome_on, "recorded_on": recorded,
    }  # fmt: skip
    amended = np.flatnonzero((events["category"] == 0) & (rng.random(len(events)) < assume.SHARE_AMENDED))
    second = {name: values[amended].copy() for name, values in columns.items()}
    second["sessions"] = np.maximum(second["sessions"] + rng.choice([-1, 1, 2], len(amended)), 1)
    second["recorded_on"] = second["recorded_on"] + rng.integers(3, 20, len(amended))
    rows = {name: np.concatenate([values, second[name]]) for name, values in columns.items()}
    order = np.lexsort((rows["recorded_on"], rows["start_date"]))
    order = order[rows["recorded_on"][order] <= EXTRACTED_ON]
    rows = {name: values[order] for name, values in rows.items()}
    rows["sessions"] = pa.array(rows["sessions"].astype("i4"), mask=rows["category"] == "PERM")
    maker.file("suspensions").write(rows)


def write_services(maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, moves: np.ndarray, level: np.ndarray) -> np.ndarray:
    rows = involve(rng, year, pupils, level, moves, is_first=False)
    provision, _ = sen_of(maker.schools, pupils, pupils["school"], pupils["nc"])
    new = np.flatnonzero((provision == 2) & ~pupils["has_plan"])
    plans, starts = plan_assessments(rng, year, new)
    pupils["has_plan"][new] = True
    plan_starts = np.full(len(pupils), NO_DAY)
    plan_starts[new] = starts
    write_involvements(maker, pupils, np.concatenate([rows, plans]))
    return plan_starts


def write_involvements(maker: Maker, pupils: np.ndarray, rows: np.ndarray) -> None:
    rows = rows[(rows["start"] <= EXTRACTED_ON) & (rows["recorded"] <= EXTRACTED_ON)]
    ended = no_later(rows["end_recorded"])
    maker.file("involvements").write({
        "upn": pupils["upn"][rows["pupil"]], "kind": rows["kind"], "start_date": rows["start"],
        "end_date": np.where(np.isnat(ended), NO_DAY, rows["end"]), "recorded_on": rows["recorded"], "end_recorded_on": ended,
    })  # fmt: skip


def write_registers(
    maker: Maker, rng: np.random.Generator, year: SchoolYear, pupils: np.ndarray, phase: np.ndarray, levels: np.ndarray,
    roll: np.ndarray, events: np.ndarray, place: np.ndarray,
) -> None:  # fmt: skip
    """A year's marks, a school at a time."""
    schools, days = maker.schools, len(year.days)
    provision, _ = sen_of(schools, pupils, pupils["school"], pupils["nc"])
    share = yearly_absence(rng, pupils, phase, provision > 0, levels.mean(axis=1))
    shown = np.flatnonzero(events["category"] != 2)
    length = np.where(events["category"] == 1, 2 * events["out_days"], events["sessions"])[shown]
    session = (2 * events["day"] + events["is_afternoon"])[shown]
    out = np.bincount(events["pupil"][shown], length, len(pupils)) / (2 * days)
    share = np.clip(share - out, 0, None)
    tilt = np.exp(levels.mean(axis=1)) / np.exp(levels.mean(axis=1)).mean()
    part_time = np.where(rng.random(len(pupils)) < assume.PART_TIME_TIMETABLE * tilt, rng.integers(0, days - 20, len(pupils)), -1)
    order = np.argsort(roll["school"], kind="stable")
    order = order[(roll["first"][order] < days) & (roll["last"][order] >= roll["first"][order])]
    bounds = np.searchsorted(roll["school"][order], np.arange(len(schools.rows) + 1))
    row_of = np.zeros(len(roll), int)
    row_of[order] = np.arange(len(order)) - bounds[:-1][roll["school"][order]]
    by_school = np.argsort(roll["school"][place[shown]], kind="stable")
    event_bounds = np.searchsorted(roll["school"][place[shown]][by_school], np.arange(len(schools.rows) + 1))
    file = Attendance(maker.out / "attendance" / f"{year.start}-{(year.start + 1) % 100:02d}.parquet")
    newest = year.start == assume.LAST_YEAR_STARTS
    for number in range(len(schools.rows)):
        spell = roll[order[bounds[number] : bounds[number + 1]]]
        at = by_school[event_bounds[number] : event_bounds[number + 1]]
        who = spell["pupil"]
        block = Block(
            pupils["nc"][who], pupils["ethnicity"][who], spell["status"], spell["first"], spell["last"], share[who], levels[who],
            part_time[who], row_of[place[shown[at]]], session[at], length[at],
        )  # fmt: skip
        kind = SCHOOL_PHASES[schools.rows["phase"][number]]
        codes_of = kind if kind in PHASES else "secondary"
        study = bool(schools.rows["takes_study_leave"][number])
        marks = draw_marks(stream(maker.seed, "register", year.start, number), year, codes_of, study, block, newest)
        last = spell["last"]
        if newest and schools.rows["late_from"][number]:
            last = np.minimum(last, days - 1 - schools.rows["late_from"][number])
        on_roll = (np.arange(days) >= spell["first"][:, None]) & (np.arange(days) <= last[:, None])
        urn = int(schools.urn(np.array([number]), year.start)[0])
        file.write(pupils["upn"][who], urn, year.days, marks, on_roll)
    maker.marks += file.rows
    file.close()


def write_schools(maker: Maker) -> None:
    rows, names = maker.schools.rows, np.array(maker.schools.names)
    converts = rows["converts"] > 0
    estab = np.array([f"{assume.LA_NUMBER}{number:04d}" for number in rows["estab"]])
    district = np.array(assume.DISTRICTS)[rows["district"]]
    panel = np.where(np.isin(rows["phase"], [1, 3, 4, 5]), np.char.add(district, " panel"), "")
    kind = np.where(rows["is_academy"], "academy", "maintained")
    closed = np.where(converts, np.array([f"{year or 1970}-08-31" for year in rows["converts"]], "M8[D]"), NO_DAY)
    opened = closed[converts] + 1
    base = {"urn": rows["urn"], "laestab": estab, "name": names, "phase": np.array(SCHOOL_PHASES)[rows["phase"]], "type": kind, "district": district, "sharing_panel": panel}
    columns = {name: np.concatenate([values, values[converts]]) for name, values in base.items()}
    columns["urn"][len(rows) :] = rows["next_urn"][converts]
    columns["type"][len(rows) :] = "academy"
    blank = np.full(len(rows), NO_DAY)
    columns["opened_on"] = np.concatenate([blank, opened])
    columns["closed_on"] = np.concatenate([closed, np.full(converts.sum(), NO_DAY)])
    before = np.concatenate([np.zeros(len(rows), "i4"), rows["urn"][converts]])
    order = np.argsort(columns["urn"])
    columns = {name: values[order] for name, values in columns.items()}
    columns["predecessor_urn"] = pa.array(before[order], mask=before[order] == 0)
    write_csv(maker.out / "schools.csv", columns)


def authority_toml(years: list[SchoolYear]) -> str:
    lines = ["[authority]", 'name = "Made-up City"', f"la_number = {assume.LA_NUMBER}", f"extracted_on = {EXTRACTED_ON}", "is_made_up = true", ""]
    for year in years:
        lines.append(f'[terms."{year.label}"]')
        lines += [f"{name} = [{first}, {last}]" for name, (first, last) in zip(HALF_TERMS, year.half_terms)]
        lines.append("")
    lines.append("[closures]")
    lines += [f'"{year.label}" = [{", ".join(map(str, year.closures))}]' for year in years]
    lines += [
        "", "[lawful_basis]", 'youth_justice = "made-up condition, for a made-up authority"', "", "[meeting]", 'every = "half_term"',
        "places_per_school = { nursery = 0, primary = 5, middle = 5, secondary = 10, all_through = 10, special = 5, ap = 0, pru = 0 }",
        "places_per_district = 60", "", "[signposts]", 'attendance = "Attendance Support Team"', "",
    ]  # fmt: skip
    return "\n".join(lines)


def write_authority(
    out: Path, *, pupils: int = 20_000, years: int = 5, seed: int = 1, truth_dates: Sequence[date] | None = None,
    sanction_bias: Mapping[str, float] | None = None, school_severity: float | None = None, place_only: bool = False,
    noise_only: bool = False, late_feed: int = 0, leak: bool = False, progress: Callable[[str], None] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Write a made-up authority's extract to `out`."""
    switches = Switches(dict(sanction_bias or {}), school_severity, place_only, noise_only, late_feed, leak)
    schools = build_schools(seed, pupils, years, school_severity)
    first = assume.LAST_YEAR_STARTS - years + 1
    maker = Maker(out, seed, switches, schools, first)
    out.mkdir(parents=True, exist_ok=True)
    starts = range(first - assume.EARLIER_YEARS, assume.LAST_YEAR_STARTS + 1)
    (out / "authority.toml").write_text(authority_toml([school_year(start) for start in starts]), encoding="utf-8")
    write_schools(maker)
    lag = TABLES["suspensions"].lag_days
    eligible = eligible_dates(range(first, assume.LAST_YEAR_STARTS + 1), date(*assume.EXTRACTED_ON), lag)
    maker.truth_dates = eligible[-2:] if truth_dates is None else truth_dates
    for start in starts:
        write_year(maker, start)
        if progress:
            progress(f"{start}/{(start + 1) % 100:02d}")
    for file in maker.files.values():
        file.close()
    return {name: file.rows for name, file in maker.files.items()} | {"attendance": maker.marks}
