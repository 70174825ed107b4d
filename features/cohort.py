"""Who is on roll at each as-of date: exactly these pupils come out, one row each, none dropped.

The cohort is everyone from Reception to Year 11 with a current single or main registration (C or M) at a
school of the authority. Whoever cannot be estimated stays in it, with the reason.
"""

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.census import censuses, year_number
from features.known import (
    KEY,
    STANDING,
    beside,
    clusters,
    once,
    open_spells,
    roll_spells,
    suspension_events,
)
from features.marks import Marks
from features.records.store import Records
from features.tables import SCHOOL_STATUSES

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


def cohort(records: Records, dates: AsOfDates, marks: Marks | None = None) -> ir.Table:
    """The cohorts of some as-of dates.

    Parameters
    ----------
    marks : Marks, optional
        To tell whose registers have stopped; None asks no such question.

    Returns
    -------
    ibis Table
        One row a pupil a date: `COLUMNS`, and entry_date, birth_date, is_dual, months_young.
        `nc_year` is Reception 0 to 11, or -1 where nothing tells it. `not_assessed_reason` is null for
        whoever is assessed, else the first that applies of restricted, objection,
        year_group_unknown, alternative_provision, year_11_after_easter, registers_stopped.
    """
    rows = on_roll(records, dates)
    rows = dates.told(rows, "academic_year_start", "half_term", "is_after_easter")
    rows = _with_year_group(records, rows, dates)
    rows = rows.filter(rows.nc_year.between(UNKNOWN_YEAR, max(YEARS)))
    schools = records.tables["schools"].select("urn", "phase", "district")
    rows = rows.left_join(schools, "urn").drop("urn_right")
    rows = _with_withheld(records, rows, dates)
    rows = _with_stopped(records, rows, marks, dates) if marks else rows.mutate(is_stopped=False)
    reason = ibis.cases(
        (rows.is_restricted, "restricted"),
        (rows.is_objecting, "objection"),
        (rows.nc_year == UNKNOWN_YEAR, "year_group_unknown"),
        (rows.phase.isin(ALTERNATIVE_PHASES), "alternative_provision"),
        ((rows.nc_year == 11) & rows.is_after_easter, "year_11_after_easter"),
        (rows.is_stopped, "registers_stopped"),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(not_assessed_reason=reason)
    rows = _with_flag(rows, excluded(records, dates), "is_exclusion_in_progress")
    rows = _with_flag(rows, supported(records, dates), "is_supported")
    return rows.mutate(is_assessed=rows.not_assessed_reason.isnull()).select(*COLUMNS, *PUPIL)


@once
def on_roll(records: Records, dates: AsOfDates) -> ir.Table:
    """Each pupil's current registration: pupil, as_of, urn, cluster, entry_date, birth_date, nc_year_entry, is_dual.

    Where two read as open (the end of one is not known yet) the later entry counts.
    """
    spells = roll_spells(records, dates).filter(lambda t: t.is_open)
    dual = spells.filter(spells.enrolment_status == "S").select(*KEY).distinct()
    rows = spells.filter(spells.enrolment_status.isin(SCHOOL_STATUSES))
    latest = ibis.row_number().over(group_by=KEY, order_by=[rows.entry_date.desc(), rows.urn])
    rows = rows.mutate(latest=latest).filter(lambda t: t.latest == 0)
    rows = rows.select(*KEY, "urn", "cluster", "entry_date", "birth_date", "nc_year")
    return _with_flag(rows, dual, "is_dual")


def excluded(records: Records, dates: AsOfDates) -> ir.Table:
    """Pupils with a permanent exclusion that stands, at the school whose roll they are still on."""
    events = suspension_events(records, dates)
    events = events.filter(events.category == "PERM", events.outcome.isin(STANDING))
    rows = on_roll(records, dates)
    rows = rows.inner_join(events.select(*KEY, "urn", "start_date"), [*KEY, "urn"])
    return rows.filter(rows.start_date >= rows.entry_date).select(*KEY).distinct()


def supported(records: Records, dates: AsOfDates) -> ir.Table:
    """Pupils with an open spell of support given after a screening."""
    spells = open_spells(records.tables["support"], "start_date", "end_date", dates)
    return spells.filter(spells.is_open).select(*KEY).distinct()


def year_start(day: ir.DateColumn) -> ir.IntegerColumn:
    """The calendar year in which the academic year of a day began."""
    return day.year() - (day.month() < 9).cast("int32")


def _with_year_group(records: Records, rows: ir.Table, dates: AsOfDates) -> ir.Table:
    """Year group from the last census known, else the roll at entry, else the birth date; aged to the date."""
    latest = censuses(records, dates).filter(lambda t: t.is_last)
    latest = latest.select(*KEY, census_year="nc_year", census_born="birth_date", census_on="census_date")
    rows = beside(rows, latest)
    this_year = rows.academic_year_start
    from_census = rows.census_year + (this_year - year_start(rows.census_on))
    from_roll = year_number(rows.nc_year) + (this_year - year_start(rows.entry_date))
    born = ibis.coalesce(rows.census_born, rows.birth_date)
    from_birth = this_year - 5 - year_start(born)
    told = ibis.coalesce(from_census, from_roll, from_birth)
    year = (told < 0).ifelse(NURSERY, told).fill_null(UNKNOWN_YEAR)
    months_young = (born.month() - 9 + 12) % 12
    return rows.mutate(nc_year=year.cast("int8"), birth_date=born, months_young=months_young.cast("int32"))


def _with_withheld(records: Records, rows: ir.Table, dates: AsOfDates) -> ir.Table:
    withheld = dates.applying(records.tables["withheld"], "from", "to")
    for reason, flag in (("restricted", "is_restricted"), ("objection", "is_objecting")):
        pupils = withheld.filter(withheld.reason == reason).select(*KEY).distinct()
        rows = _with_flag(rows, pupils, flag)
    return rows


def _with_flag(rows: ir.Table, pupils: ir.Table, flag: str) -> ir.Table:
    rows = beside(rows, pupils.mutate(**{flag: True}))
    return rows.mutate(**{flag: rows[flag].fill_null(False)})


def _with_stopped(records: Records, rows: ir.Table, marks: Marks, dates: AsOfDates) -> ir.Table:
    """`is_stopped`: the school (as it is today) has no mark known for too long, or none and did not just open.

    Nowhere, at a date when no register of the authority is known yet.
    """
    cluster = clusters(records).to_pandas().set_index("urn").cluster
    opened = [
        (school.urn, school.opened_on) for school in records.schools.dropna(subset="opened_on").itertuples()
    ]
    stopped = []
    for moment in dates.moments:
        last = marks.last_days(moment)
        if last.empty:
            continue
        last = last[last.index.isin(cluster.index)]
        days = [*zip(last.index.map(cluster), last, strict=True), *opened]
        ages = ((int(urn), moment.index - moment.calendar.index(day)) for urn, day in days)
        running = {urn for urn, age in ages if 0 <= age <= STOPPED_AFTER}
        urns = (int(urn) for urn in records.schools.urn)
        stopped += [{"as_of": moment.on, "cluster": urn} for urn in urns if urn not in running]
    schema = ibis.schema({"as_of": "date", "cluster": "int32"})
    told = ibis.memtable(stopped, schema=schema).mutate(is_stopped=True)
    rows = beside(rows, told, ("as_of", "cluster"))
    return rows.mutate(is_stopped=rows.is_stopped.fill_null(False))
