"""What counts as an outcome: what schools did in the window that opens on the as-of date.

An outcome says what schools did, not what a child did or will do. It is counted as it was known on a
stated day (`known_by`), so that a training outcome never holds what was learned after the test began.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from features.as_of import AsOf, in_window
from features.calendar import Calendar, academic_year
from features.cohort import UNKNOWN_YEAR, YEARS
from features.contract.breaks import first_day
from features.known import (
    KEY,
    STANDING,
    beside,
    internal_events,
    involvement_spells,
    roll_spells,
    suspension_events,
)
from features.records.store import Records
from features.tables import SCHOOL_STATUSES

SENSITIVITIES = ("serious_with_internal",)  # only where the optional table is supplied, and never learned
OUTCOMES = ("serious_exclusion", "permanent_exclusion", "upheld_permanent", "any_suspension", "hidden_exit")
SERIOUS_SESSIONS = 20  # ten school days of suspension started in the window
HIDDEN_REASONS = ("ehe", "managed_move")  # and an unknown one, where the pupil is then on no roll
HIDDEN_KINDS = ("managed_move", "part_time_timetable")
# Since the guidance of that break there are no managed moves on trial: what was one begins as a direction off site. What began
# before is judged by the rules of its day. That a direction counts as hiding an exit is this project's own reading: the guidance, as
# far as its pages were read, names more examples of off-rolling and lets a direction come before a move. Check the primary text.
HIDDEN_KINDS_SINCE = {"exclusions_guidance": ("off_site_direction",)}
WINDOWS = (365, 182)


def window_closes(records: Records, as_of: AsOf, window: int) -> date:
    """The day by which every event of a date's window is known to the authority: its end and the lag."""
    end = as_of.on + timedelta(days=window - 1)
    return end + timedelta(days=records.authority.lag("suspensions", academic_year(end)))


def outcomes(
    records: Records, rows: ir.Table, moments: Sequence[AsOf], window: int, known_by: date
) -> ir.Table:
    """Outcomes of the cohorts of some as-of dates, in one query.

    Parameters
    ----------
    rows : ibis Table
        The cohorts: pupil, as_of, nc_year.
    moments : sequence of AsOf
        The as-of dates of the rows.
    window : int
        Days in the outcome window, from and with the as-of date; shorter where compulsory schooling
        ends (`AsOf.window_end`), which is complete observation.
    known_by : date
        Only what was known strictly before this day counts.

    Returns
    -------
    ibis Table
        One row a pupil of a cohort: pupil, as_of, window_end, each of `OUTCOMES` (1, 0, or null where
        the pupil left the authority's schools before the window's end with no such event),
        left_authority, num_sessions; with the table internal_suspensions `SENSITIVITIES` too: a permanent exclusion, or 20
        sessions or more of suspension and internal suspension together.
    """
    then = AsOf(known_by, moments[0].calendar)
    rows = rows.select("pupil", "as_of", "nc_year").inner_join(
        _window_ends(moments, window), ["as_of", "nc_year"]
    )
    windows = rows.select("pupil", "as_of", "window_end")
    events = suspension_events(records, then.alone).drop("as_of").inner_join(windows, "pupil")
    events = events.filter(in_window(events.start_date, events))
    is_susp, is_perm = events.category == "SUSP", events.category == "PERM"
    done = events.group_by(KEY).agg(
        num_sessions=is_susp.ifelse(events.sessions, 0).sum().cast("int32"),
        num_suspensions=is_susp.cast("int64").sum(),
        num_permanent=is_perm.cast("int64").sum(),
        num_upheld=(is_perm & events.outcome.isin(STANDING)).cast("int64").sum(),
    )
    rows = beside(rows, done)
    rows = rows.mutate(
        **{
            name: rows[name].fill_null(0)
            for name in ("num_sessions", "num_suspensions", "num_permanent", "num_upheld")
        }
    )
    rows = _with_leaving(records, rows, then)
    happened = {
        "serious_exclusion": (rows.num_permanent > 0) | (rows.num_sessions >= SERIOUS_SESSIONS),
        "permanent_exclusion": rows.num_permanent > 0,
        "upheld_permanent": rows.num_upheld > 0,
        "any_suspension": rows.num_suspensions > 0,
        "hidden_exit": rows.is_hidden_exit,
    }
    made: tuple[str, ...] = OUTCOMES
    if "internal_suspensions" in records.late_tables:
        rows = beside(rows, _internal_sessions(records, then, windows))
        together = rows.num_sessions + rows.num_internal.fill_null(0)
        happened |= {"serious_with_internal": (rows.num_permanent > 0) | (together >= SERIOUS_SESSIONS)}
        made = (*OUTCOMES, *SENSITIVITIES)
    observed = {
        name: (event | ~rows.left_authority).ifelse(event.cast("int8"), ibis.null("int8"))
        for name, event in happened.items()
    }
    return rows.mutate(**observed).select(
        "pupil", "as_of", "window_end", *made, "left_authority", "num_sessions"
    )


def _internal_sessions(records: Records, then: AsOf, windows: ir.Table) -> ir.Table:
    """Sessions of internal suspension that began in each window."""
    rows = internal_events(records, then.alone).drop("as_of").inner_join(windows, "pupil")
    rows = rows.filter(in_window(rows.start_date, rows))
    return rows.group_by(KEY).agg(num_internal=lambda t: t.sessions.sum().cast("int32"))


def eligible_dates(records: Records, calendar: Calendar, window: int) -> tuple[date, ...]:
    """The ends of half-terms whose window closed, lag and all, before the extract was taken."""
    extracted_on = records.authority.authority.extracted_on
    return tuple(
        day
        for day in calendar.as_of_dates()
        if window_closes(records, AsOf(day, calendar), window) < extracted_on
    )


def _window_ends(moments: Sequence[AsOf], window: int) -> ir.Table:
    rows = [
        {"as_of": moment.on, "nc_year": year, "window_end": moment.window_end(year, window)}
        for moment in moments
        for year in (UNKNOWN_YEAR, *YEARS)
    ]
    return ibis.memtable(rows, schema=ibis.schema({"as_of": "date", "nc_year": "int8", "window_end": "date"}))


def _with_leaving(records: Records, rows: ir.Table, then: AsOf) -> ir.Table:
    """`left_authority` (off every roll of the authority before the window ends) and `is_hidden_exit`."""
    spells = roll_spells(records, then.alone).drop("as_of")
    spells = spells.filter(spells.enrolment_status.isin(SCHOOL_STATUSES))
    windows = rows.select("pupil", "as_of", "window_end")
    spells = spells.inner_join(windows, "pupil")
    stays = spells.entry_date <= spells.window_end
    stays &= spells.is_open | (spells.leaving_date >= spells.window_end)
    finished = in_window(spells.leaving_date, spells) & (spells.leaving_reason == "end_of_schooling")
    last = spells.mutate(stays=(stays | finished).fill_null(False)).group_by(KEY).agg(
        stays=lambda t: t.stays.cast("int64").sum(),
        exits=lambda t: (in_window(t.leaving_date, t) & t.leaving_reason.isin(HIDDEN_REASONS))
        .fill_null(False).cast("int64").sum(),
        unexplained=lambda t: (in_window(t.leaving_date, t) & (t.leaving_reason.fill_null("unknown") == "unknown"))
        .fill_null(False).cast("int64").sum(),
    )  # fmt: skip
    known = involvement_spells(records, then.alone).drop("as_of")
    is_hiding = known.kind.isin(HIDDEN_KINDS)
    for name, kinds in HIDDEN_KINDS_SINCE.items():
        is_hiding |= known.kind.isin(kinds) & (known.start_date >= first_day(name))
    known = known.filter(is_hiding).inner_join(windows, "pupil")
    known = known.filter(in_window(known.start_date, known))
    rows = beside(beside(rows, last), known.group_by(KEY).agg(begun=lambda t: t.count()))
    stayed = rows.stays.fill_null(0) > 0
    hidden = (rows.exits.fill_null(0) > 0) | (rows.begun.fill_null(0) > 0)
    hidden |= ~stayed & (rows.unexplained.fill_null(0) > 0)
    return rows.mutate(left_authority=~stayed, is_hidden_exit=hidden).drop(
        "stays", "exits", "unexplained", "begun"
    )
