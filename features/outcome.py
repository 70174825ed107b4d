"""What counts as an outcome: what schools did in the window that opens on the as-of date.

An outcome says what schools did, not what a child did or will do. It is counted as it was known on a
stated day (`known_by`), so that a training outcome never holds what was learned after the test began.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from features.as_of import AsOf
from features.calendar import Calendar, academic_year
from features.cohort import UNKNOWN_YEAR, YEARS
from features.known import SCHOOL_STATUSES, STANDING, involvement_spells, roll_spells, suspension_events
from features.records.store import Records

OUTCOMES = ("serious_exclusion", "permanent_exclusion", "upheld_permanent", "any_suspension", "hidden_exit")
SERIOUS_SESSIONS = 20  # ten school days of suspension started in the window
HIDDEN_REASONS = ("ehe", "managed_move")  # and an unknown one, where the pupil is then on no roll
HIDDEN_KINDS = ("managed_move", "part_time_timetable")
WINDOWS = (365, 182)


def window_closes(records: Records, as_of: AsOf, window: int) -> date:
    """The day by which every event of a date's window is known to the authority: its end and the lag."""
    end = as_of.on + timedelta(days=window - 1)
    return end + timedelta(days=records.authority.lag("suspensions", academic_year(end)))


def outcomes(records: Records, rows: ir.Table, as_of: AsOf, window: int, known_by: date) -> ir.Table:
    """Outcomes of one as-of date's cohort.

    Parameters
    ----------
    rows : ibis Table
        The cohort: pupil, nc_year.
    window : int
        Days in the outcome window, from and with the as-of date; shorter where compulsory schooling
        ends (`AsOf.window_end`), which is complete observation.
    known_by : date
        Only what was known strictly before this day counts.

    Returns
    -------
    ibis Table
        One row a pupil of the cohort: pupil, as_of, window_end, each of `OUTCOMES` (1, 0, or null where
        the pupil left the authority's schools before the window's end with no such event),
        left_authority, num_sessions.
    """
    then = AsOf(known_by, as_of.calendar)
    ends = _window_ends(as_of, window)
    rows = rows.select("pupil", "nc_year").inner_join(ends, "nc_year")
    events = suspension_events(records, then).inner_join(rows.select("pupil", "window_end"), "pupil")
    events = events.filter(as_of.in_window(events.start_date, events.window_end))
    is_susp, is_perm = events.category == "SUSP", events.category == "PERM"
    done = events.group_by("pupil").agg(
        num_sessions=is_susp.ifelse(events.sessions, 0).sum().cast("int32"),
        num_suspensions=is_susp.cast("int64").sum(),
        num_permanent=is_perm.cast("int64").sum(),
        num_upheld=(is_perm & events.outcome.isin(STANDING)).cast("int64").sum(),
    )
    rows = rows.left_join(done, "pupil").drop("pupil_right")
    rows = rows.mutate(
        **{
            name: rows[name].fill_null(0)
            for name in ("num_sessions", "num_suspensions", "num_permanent", "num_upheld")
        }
    )
    rows = _with_leaving(records, rows, as_of, then)
    happened = {
        "serious_exclusion": (rows.num_permanent > 0) | (rows.num_sessions >= SERIOUS_SESSIONS),
        "permanent_exclusion": rows.num_permanent > 0,
        "upheld_permanent": rows.num_upheld > 0,
        "any_suspension": rows.num_suspensions > 0,
        "hidden_exit": rows.is_hidden_exit,
    }
    observed = {
        name: (event | ~rows.left_authority).ifelse(event.cast("int8"), ibis.null("int8"))
        for name, event in happened.items()
    }
    return rows.mutate(as_of=ibis.literal(as_of.on), **observed).select(
        "pupil", "as_of", "window_end", *OUTCOMES, "left_authority", "num_sessions"
    )


def eligible_dates(records: Records, calendar: Calendar, window: int) -> tuple[date, ...]:
    """The ends of half-terms whose window closed, lag and all, before the extract was taken."""
    extracted_on = records.authority.authority.extracted_on
    return tuple(
        day
        for day in calendar.as_of_dates()
        if window_closes(records, AsOf(day, calendar), window) < extracted_on
    )


def _window_ends(as_of: AsOf, window: int) -> ir.Table:
    years: Sequence[int] = (UNKNOWN_YEAR, *YEARS)
    rows = [{"nc_year": year, "window_end": as_of.window_end(year, window)} for year in years]
    return ibis.memtable(rows, schema=ibis.schema({"nc_year": "int8", "window_end": "date"}))


def _with_leaving(records: Records, rows: ir.Table, as_of: AsOf, then: AsOf) -> ir.Table:
    """`left_authority` (off every roll of the authority before the window ends) and `is_hidden_exit`."""
    spells = roll_spells(records, then).filter(lambda t: t.enrolment_status.isin(SCHOOL_STATUSES))
    spells = spells.inner_join(rows.select("pupil", "window_end"), "pupil")
    stays = spells.entry_date <= spells.window_end
    stays &= spells.is_open | (spells.leaving_date >= spells.window_end)
    finished = as_of.in_window(spells.leaving_date, spells.window_end) & (
        spells.leaving_reason == "end_of_schooling"
    )
    last = spells.mutate(stays=(stays | finished).fill_null(False)).group_by("pupil").agg(
        stays=lambda t: t.stays.cast("int64").sum(),
        exits=lambda t: (as_of.in_window(t.leaving_date, t.window_end) & t.leaving_reason.isin(HIDDEN_REASONS))
        .fill_null(False).cast("int64").sum(),
        unexplained=lambda t: (as_of.in_window(t.leaving_date, t.window_end) & (t.leaving_reason.fill_null("unknown") == "unknown"))
        .fill_null(False).cast("int64").sum(),
    )  # fmt: skip
    known = involvement_spells(records, then)
    known = known.filter(known.kind.isin(HIDDEN_KINDS)).inner_join(
        rows.select("pupil", "window_end"), "pupil"
    )
    known = known.filter(as_of.in_window(known.start_date, known.window_end))
    elsewhere = known.group_by("pupil").agg(begun=lambda t: t.count())
    rows = rows.left_join(last, "pupil").drop("pupil_right").left_join(elsewhere, "pupil").drop("pupil_right")
    stayed = rows.stays.fill_null(0) > 0
    hidden = (rows.exits.fill_null(0) > 0) | (rows.begun.fill_null(0) > 0)
    hidden |= ~stayed & (rows.unexplained.fill_null(0) > 0)
    return rows.mutate(left_authority=~stayed, is_hidden_exit=hidden).drop(
        "stays", "exits", "unexplained", "begun"
    )
