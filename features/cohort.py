"""Who is on roll at an as-of date: exactly these pupils come out, one row each, none dropped.

The cohort is everyone from Reception to Year 11 with a current single or main registration (C or M) at a
school of the authority. Whoever cannot be estimated stays in it, with the reason.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from features.as_of import AsOf
from features.known import (
    SCHOOL_STATUSES,
    STANDING,
    census_rows,
    clusters,
    open_spells,
    roll_spells,
    suspension_events,
)
from features.records.store import Records

ALTERNATIVE_PHASES = ("ap", "pru")
YEARS = range(0, 12)  # Reception to Year 11
UNKNOWN_YEAR = -1
NURSERY = -2
STOPPED_AFTER = 10  # school days without a mark after which a school's registers count as stopped
COLUMNS = (
    "pupil", "as_of", "urn", "cluster", "phase", "district", "nc_year", "half_term", "is_assessed",
    "not_assessed_reason", "is_exclusion_in_progress", "is_supported",
)  # fmt: skip

PUPIL = ("entry_date", "birth_date", "is_dual", "months_young")


def cohort(records: Records, as_of: AsOf, marks: ir.Table | None = None) -> ir.Table:
    """The cohort of one as-of date.

    Parameters
    ----------
    marks : ibis Table, optional
        Attendance as known then (`Marks.known`), to tell whose registers have stopped; None asks no
        such question.

    Returns
    -------
    ibis Table
        One row a pupil: `COLUMNS`, and entry_date, birth_date, is_dual, months_young.
        `nc_year` is Reception 0 to 11, or -1 where nothing tells it. `not_assessed_reason` is null for
        whoever is assessed, else the first that applies of restricted, objection,
        year_group_unknown, alternative_provision, year_11_after_easter, registers_stopped.
    """
    rows = on_roll(records, as_of)
    rows = _with_year_group(records, rows, as_of)
    rows = rows.filter((rows.nc_year == UNKNOWN_YEAR) | rows.nc_year.isin(list(YEARS)))
    schools = records.tables["schools"].select("urn", "phase", "district")
    rows = rows.left_join(schools, "urn").drop("urn_right")
    rows = _with_withheld(records, rows, as_of)
    rows = rows.mutate(
        is_stopped=rows.cluster.isin(_stopped(records, marks, as_of)) if marks is not None else False
    )
    reason = ibis.cases(
        (rows.is_restricted, "restricted"),
        (rows.is_objecting, "objection"),
        (rows.nc_year == UNKNOWN_YEAR, "year_group_unknown"),
        (rows.phase.isin(ALTERNATIVE_PHASES), "alternative_provision"),
        ((rows.nc_year == 11) & as_of.is_after_easter, "year_11_after_easter"),
        (rows.is_stopped, "registers_stopped"),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(not_assessed_reason=reason)
    rows = _with_flag(rows, excluded(records, as_of), "is_exclusion_in_progress")
    rows = _with_flag(rows, supported(records, as_of), "is_supported")
    return rows.mutate(
        as_of=ibis.literal(as_of.on),
        half_term=ibis.literal(as_of.calendar.half_term(as_of.on).name),
        is_assessed=rows.not_assessed_reason.isnull(),
    ).select(*COLUMNS, *PUPIL)


def on_roll(records: Records, as_of: AsOf) -> ir.Table:
    """Each pupil's current registration: pupil, urn, cluster, entry_date, birth_date, nc_year_entry, is_dual.

    Where two read as open (the end of one is not known yet) the later entry counts.
    """
    spells = roll_spells(records, as_of).filter(lambda t: t.is_open)
    dual = spells.filter(spells.enrolment_status == "S").select("pupil").distinct().mutate(is_dual=True)
    rows = spells.filter(spells.enrolment_status.isin(SCHOOL_STATUSES))
    latest = ibis.row_number().over(group_by="pupil", order_by=[rows.entry_date.desc(), rows.urn])
    rows = rows.mutate(latest=latest).filter(lambda t: t.latest == 0)
    rows = rows.select("pupil", "urn", "cluster", "entry_date", "birth_date", "nc_year")
    rows = rows.left_join(dual, "pupil").drop("pupil_right")
    return rows.mutate(is_dual=rows.is_dual.fill_null(False))


def excluded(records: Records, as_of: AsOf) -> ir.Table:
    """Pupils with a permanent exclusion that stands, at the school whose roll they are still on."""
    events = suspension_events(records, as_of)
    events = events.filter(events.category == "PERM", events.outcome.isin(STANDING))
    rows = on_roll(records, as_of)
    rows = rows.inner_join(events.select("pupil", "urn", "start_date"), ["pupil", "urn"])
    return rows.filter(rows.start_date >= rows.entry_date).select("pupil").distinct()


def supported(records: Records, as_of: AsOf) -> ir.Table:
    """Pupils with an open spell of support given after a screening."""
    spells = open_spells(records, "support", "start_date", "end_date", as_of)
    return spells.filter(spells.is_open).select("pupil").distinct()


def year_number(text: ir.StringColumn) -> ir.IntegerColumn:
    """A national curriculum year as a number: N1 -2, N2 -1, R 0, 1 to 14; null for X and blank."""
    named = text.cases(
        ("N1", -2), ("N2", -1), ("R", 0), *((str(n), n) for n in range(1, 15)), else_=ibis.null("int16")
    )
    return named.cast("int16")


def year_start(day: ir.DateColumn) -> ir.IntegerColumn:
    """The calendar year in which the academic year of a day began."""
    return day.year() - (day.month() < 9).cast("int32")


def _with_year_group(records: Records, rows: ir.Table, as_of: AsOf) -> ir.Table:
    """Year group from the last census known, else the roll at entry, else the birth date; aged to the date."""
    census = census_rows(records, as_of)
    latest = census.group_by("pupil").agg(
        census_year=lambda t: t.nc_year.argmax(t.order),
        census_born=lambda t: t.birth_date.argmax(t.order),
        census_on=lambda t: t.census_date.max(),
    )
    rows = rows.left_join(latest, "pupil").drop("pupil_right")
    this_year = as_of.academic_year_start
    from_census = year_number(rows.census_year) + (this_year - year_start(rows.census_on))
    from_roll = year_number(rows.nc_year) + (this_year - year_start(rows.entry_date))
    born = ibis.coalesce(rows.census_born, rows.birth_date)
    from_birth = this_year - 5 - year_start(born)
    told = ibis.coalesce(from_census, from_roll, from_birth)
    year = (told < 0).ifelse(NURSERY, told).fill_null(UNKNOWN_YEAR)
    months_young = (born.month() - 9 + 12) % 12
    return rows.mutate(nc_year=year.cast("int8"), birth_date=born, months_young=months_young.cast("int32"))


def _with_withheld(records: Records, rows: ir.Table, as_of: AsOf) -> ir.Table:
    withheld = records.tables["withheld"]
    withheld = withheld.filter(as_of.applies(withheld["from"], withheld["to"]))
    for reason, flag in (("restricted", "is_restricted"), ("objection", "is_objecting")):
        pupils = withheld.filter(withheld.reason == reason).select("pupil").distinct()
        rows = _with_flag(rows, pupils, flag)
    return rows


def _with_flag(rows: ir.Table, pupils: ir.Table, flag: str) -> ir.Table:
    rows = rows.left_join(pupils.mutate(**{flag: True}), "pupil").drop("pupil_right")
    return rows.mutate(**{flag: rows[flag].fill_null(False)})


def _stopped(records: Records, marks: ir.Table, as_of: AsOf) -> Sequence[int]:
    """Schools (as they are today) whose last known mark is too old, or that have none and did not just open.

    None where no register of the authority is known yet.
    """
    rows = marks.inner_join(clusters(records), "urn").group_by("cluster")
    last = rows.agg(last_day=lambda t: t.last_day.max()).to_pandas()
    if last.empty:
        return []
    schools = records.schools.dropna(subset="opened_on")
    days = [*zip(last.cluster, last.last_day, strict=True), *zip(schools.urn, schools.opened_on, strict=True)]
    running = {int(urn) for urn, day in days if 0 <= as_of.index - as_of.calendar.index(day) <= STOPPED_AFTER}
    return [urn for urn in map(int, records.schools.urn) if urn not in running]
