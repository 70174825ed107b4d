"""When pupils joined their schools: stays, and moves in the middle of a year."""

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.known import KEY, roll_spells
from features.records.store import Records
from features.tables import SCHOOL_STATUSES

DAYS_AWAY = 60  # longer off the roll than a summer holiday, and a pupil who comes back has joined anew
START_OF_YEAR = 10  # school days into the year up to which joining a school is not a move in the year


def joinings(records: Records, dates: AsOfDates, statuses: tuple[str, ...]) -> ir.Table:
    """Known roll spells that begin a stay at a school or the one it was before an academy, in the longest look-back.

    A new registration after a short gap, or as the school became an academy, goes on with the same stay.
    """
    of_status = roll_spells(records, dates)
    of_status = of_status.filter(of_status.enrolment_status.isin(statuses))
    spells = of_status.filter(~of_status.is_only)
    ended = spells.leaving_date.fill_null(spells.as_of)
    ended_before = ended.max().over(
        group_by=[*KEY, "cluster"], order_by=[spells.entry_date, spells.urn], rows=(None, -1)
    )
    spells = spells.mutate(ended_before=ended_before)
    days_away = spells.entry_date.delta(spells.ended_before, unit="day")
    anew = spells.filter(spells.ended_before.isnull() | (~spells.is_continued & (days_away > DAYS_AWAY)))
    return dates.recent(of_status.filter(of_status.is_only).union(anew.drop("ended_before")), "entry_date")


def stays(records: Records, dates: AsOfDates, people: ir.Table) -> ir.Table:
    """The day each pupil's stay at the present school began, in the longest look-back: pupil, as_of, entry_date.

    Parameters
    ----------
    people : ibis Table
        pupil, as_of, and the cluster of the school where the pupil is then.
    """
    joined = joinings(records, dates, (*SCHOOL_STATUSES, "S")).select(*KEY, "cluster", "entry_date")
    rows = people.select(*KEY, "cluster").inner_join(joined, [*KEY, "cluster"])
    return rows.group_by(KEY).agg(entry_date=lambda t: t.entry_date.max())


def moves(records: Records, dates: AsOfDates) -> ir.Table:
    """Stays that began in the middle of a year: pupil, as_of, entry_date, a row a move."""
    spells = joinings(records, dates, SCHOOL_STATUSES).filter(lambda t: ~t.is_continued)
    middles = ibis.memtable(
        [
            {"year": year, "first": first, "last": last}
            for year, first, last in dates.calendar.middle_of_years(START_OF_YEAR)
        ],
        schema=ibis.schema({"year": "int32", "first": "date", "last": "date"}),
    )
    spells = spells.mutate(
        year=(spells.entry_date.year() - (spells.entry_date.month() < 9).cast("int32")).cast("int32")
    )
    rows = spells.inner_join(middles, "year")
    rows = rows.filter(rows.entry_date > rows["first"], rows.entry_date <= rows["last"])
    return rows.select(*KEY, "entry_date")
