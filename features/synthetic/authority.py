"""A made-up authority's extract, year by year, and the truth about it beside."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from features.errors import StoreRefused
from features.records.disk import alone, workspace
from features.synthetic import assumptions as assume
from features.synthetic import law_2026 as changed
from features.synthetic.ahead import eligible_dates
from features.synthetic.calendar import SchoolYear, school_year
from features.synthetic.census import census_rows, recorded_sen
from features.synthetic.course import beliefs, go_back_to_school, live
from features.synthetic.description import authority_toml, write_schools
from features.synthetic.hazards import yearly_hazards
from features.synthetic.incidents import draw_incidents, one_at_a_time
from features.synthetic.intake import ARRIVALS, enrol, next_year, secondary_places, targets, top_up
from features.synthetic.maker import Maker, write_csv
from features.synthetic.moves import draw_moves, exclude, spells_of
from features.synthetic.pupils import rate_phase
from features.synthetic.register_files import write_registers
from features.synthetic.registers import training_days
from features.synthetic.rows import (
    write_conversion,
    write_first_plans,
    write_leak,
    write_names,
    write_roll,
    write_services,
    write_support,
    write_suspensions,
)
from features.synthetic.schools import build_schools
from features.synthetic.streams import stream
from features.synthetic.switches import Switches
from features.synthetic.truth_files import truth_folder, write_truth
from features.tables import TABLES


def write_authority(
    out: Path, *, pupils: int = 20_000, years: int = 5, seed: int = 1, truth_dates: Sequence[date] | None = None,
    sanction_bias: Mapping[str, float] | None = None, school_severity: float | None = None, place_only: bool = False,
    noise_only: bool = False, late_feed: int = 0, leak: bool = False, sanction_frequency: Mapping[str, float] | None = None,
    law_2026: bool = False, progress: Callable[[str], None] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Write a made-up authority's extract to `out`, and the truth beside it; all of it or nothing.

    Returns
    -------
    dict
        Table to its number of rows.

    Raises
    ------
    StoreRefused
        `out` already holds something.
    Busy, NoRoom
        Another run is writing there; the disk is full, or the folder may not be written to.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreRefused(f"{out} already holds something. Name a new folder, or remove it first.")
    switches = Switches(
        dict(sanction_bias or {}),
        school_severity,
        place_only,
        noise_only,
        late_feed,
        leak,
        dict(sanction_frequency or {}),
        law_2026,
    )
    last = changed.LAST_YEAR_STARTS if law_2026 else assume.LAST_YEAR_STARTS
    extracted_on = date(*(changed.EXTRACTED_ON if law_2026 else assume.EXTRACTED_ON))
    schools = build_schools(seed, pupils, years, school_severity, late_feed, last)
    first = last - years + 1
    lag = TABLES["suspensions"].lag_days
    eligible = eligible_dates(range(first, last + 1), extracted_on, lag)
    with alone(out), workspace(out) as work:
        maker = Maker(
            work / out.name,
            seed,
            switches,
            schools,
            first,
            last=last,
            extracted_on=np.datetime64(extracted_on),
        )
        # The true chances know nothing of sanctions that moved inside: they are told only where somebody asks for a day.
        usual = [] if law_2026 else eligible[-2:]
        maker.truth_dates = usual if truth_dates is None else truth_dates
        rows = write_years(maker, progress or (lambda year: None))
        truth = truth_folder(maker.out)
        if truth.exists():
            shutil.rmtree(truth_folder(out), ignore_errors=True)  # of an extract that is no longer there
            truth.rename(truth_folder(out))
        maker.out.rename(out)
    return rows


def write_years(maker: Maker, progress: Callable[[str], None]) -> dict[str, int]:
    """Write the extract and its truth, year by year; the number of rows of each table."""
    starts = range(maker.first_recorded - assume.EARLIER_YEARS, maker.last + 1)
    maker.out.mkdir()
    (maker.out / "authority.toml").write_text(
        authority_toml(maker, [school_year(start) for start in starts]), encoding="utf-8"
    )
    write_schools(maker)
    for start in starts:
        write_year(maker, start)
        progress(f"{start}/{(start + 1) % 100:02d}")
    for file in maker.files.values():
        file.close()
    return {name: file.rows for name, file in maker.files.items()} | {"attendance": maker.marks}


def first_day(start: int) -> np.datetime64:
    return school_year(start).days[0]


def write_year(maker: Maker, start: int) -> None:
    """Live through one academic year and write its records."""
    schools, year = maker.schools, school_year(start)
    rng = stream(maker.seed, "year", start)
    begin_year(maker, rng, year)
    in_year = enrol(
        rng,
        maker.register,
        maker.switches,
        schools,
        ARRIVALS * targets(schools) * (np.arange(15) < 12),
        start,
        True,
    )
    arrives = rng.integers(3, len(year.days) - 10, len(in_year))
    in_year["entry"], in_year["entry_nc"] = year.days[arrives], in_year["nc"]
    write_names(maker, rng, in_year)
    write_first_plans(maker, rng, in_year)
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
    on_open_days(maker, year, pupils, events)
    place = locate(roll, events)
    events, place = events[place >= 0], place[place >= 0]
    if maker.switches.law_2026 and start >= maker.first_recorded:
        stays = changed.answer_inside(maker, year, pupils, roll, events, place)
        events, place = events[stays], place[stays]
        changed.write_attainment(maker, year, pupils, levels.mean(axis=1))
    write_suspensions(maker, rng, year, pupils, roll, events, place)
    plan_starts = write_services(maker, rng, year, pupils, moves, levels.mean(axis=1))
    if maker.switches.leak:
        write_leak(maker, year, pupils, events)
    next_school = secondary_places(rng, schools, pupils)
    if start >= maker.first_recorded:
        sen = recorded_sen(rng, schools, pupils, plan_starts, year)
        write_csv(
            maker.out / "census" / f"{start}-{(start + 1) % 100:02d}.csv",
            census_rows(rng, maker, year, pupils, roll, sen),
        )
        write_registers(maker, rng, year, pupils, phase, levels, roll, events, place)
    telling = incidents[incidents["is_telling"]]
    numbers = np.zeros((len(pupils), 6))
    np.add.at(numbers, (telling["pupil"], year.half[telling["day"]]), 1)
    believed = beliefs(pupils, phase, course, numbers)
    for as_of in maker.truth_dates:
        if year.days[0] <= np.datetime64(as_of) <= year.days[-1]:
            write_truth(
                maker,
                as_of,
                year,
                pupils,
                phase,
                hazards,
                course,
                believed,
                telling,
                roll,
                events,
                next_school,
            )
    pupils["belief"] = believed[:, -1]
    maker.pupils = next_year(rng, schools, pupils, roll, next_school, first_day(start + 1))
    write_roll(maker, rng, year, pupils, roll[~np.isnat(roll["leave"])])
    if start == maker.last:
        write_roll(maker, rng, year, pupils, roll[np.isnat(roll["leave"])])
        write_support(maker, rng, year, pupils, levels[:, -1])


def begin_year(maker: Maker, rng: np.random.Generator, year: SchoolYear) -> None:
    """Fill the schools' places, and give the pupils of a new academy a new spell under its URN."""
    schools = maker.schools
    if not len(maker.pupils):
        new = enrol(
            rng, maker.register, maker.switches, schools, targets(schools), year.start, is_new_arrival=False
        )
        maker.pupils = new
        write_names(maker, rng, new)
        write_first_plans(maker, rng, new)
        return
    converts = schools.rows["converts"][maker.pupils["school"]] == year.start
    at = np.flatnonzero(converts & (maker.pupils["entry"] < year.days[0]))
    write_conversion(maker, rng, year, maker.pupils[at])
    maker.pupils["entry"][at], maker.pupils["entry_nc"][at] = year.days[0], maker.pupils["nc"][at]
    new = top_up(rng, maker.register, maker.switches, schools, maker.pupils, year.start)
    new["entry"], new["entry_nc"] = year.days[0], new["nc"]
    write_names(maker, rng, new)
    write_first_plans(maker, rng, new)
    maker.pupils = np.concatenate([maker.pupils, new])


def on_open_days(maker: Maker, year: SchoolYear, pupils: np.ndarray, events: np.ndarray) -> None:
    """Put off, in place, what falls on a training day of the school: nobody is there."""
    days = len(year.days)
    closed = np.zeros((len(maker.schools.rows), days + 1), bool)
    for school in range(len(closed)):
        closed[school, training_days(maker.seed, year.start, school, days)] = True
    for _ in range(assume.NUM_INSET_DAYS + 1):
        events["day"] += closed[pupils["school"][events["pupil"]], events["day"]] & (events["day"] < days - 1)


def locate(roll: np.ndarray, events: np.ndarray) -> np.ndarray:
    """The row of the spell (main or single registration) in which each event falls; -1 for none."""
    place = np.full(len(events), -1)
    first = np.searchsorted(roll["pupil"], events["pupil"])
    for step in range(6):
        row = np.minimum(first + step, len(roll) - 1)
        spell = roll[row]
        inside = (
            (spell["pupil"] == events["pupil"])
            & (spell["first"] <= events["day"])
            & (events["day"] <= spell["last"])
        )
        place = np.where(inside & (spell["status"] != 2), row, place)
    return place
