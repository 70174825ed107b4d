"""The views of records that features count: rows with a pupil (or school), a date, and integers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from features.as_of import AsOf
from features.joining import moves, stays
from features.known import (
    SCHOOL_STATUSES,
    census_rows,
    clusters,
    involvement_spells,
    roll_spells,
    suspension_events,
)
from features.marks import Marks
from features.records.store import Records

TRANSITION_YEARS = (0, 6, 7)
PHASE_CODES = (("primary", 1), ("middle", 2), ("secondary", 3), ("all_through", 4), ("special", 5))
PROVISION = (("N", 0), ("K", 1), ("E", 2))
NEEDS = {"SEMH": ("SEMH", "BESD"), "SLCN": ("SLCN",), "ASD": ("ASD",), "MLD": ("MLD",), "SPLD": ("SPLD",)}
LONGEST_RUN = 60  # school days within which spells of absence are told


@dataclass(frozen=True)
class Scene:
    """What a view is made from: the records, and the cohort and marks as known at one as-of date."""

    records: Records
    as_of: AsOf
    people: ir.Table
    marks: Marks
    known: ir.Table


@dataclass(frozen=True)
class View:
    """One view.

    Attributes
    ----------
    rows : callable of Scene to ibis Table
        Has `key`, `date`, `day` (school days before `date`) and the columns its features name.
    key : {"pupil", "cluster"}
    table, date : str
        The records whose earliest known day says how far back the view reaches; "" where the view
        needs none.
    """

    rows: Callable[[Scene], ir.Table]
    key: str
    table: str
    date: str


def reach(records: Records, as_of: AsOf, view: View, marks: Marks) -> date | None:
    """The first day that the records behind a view reach, as known at the as-of date.

    It is the first day of the half-term in which the first known row falls; None where no row is known.
    """
    if not view.table:
        return date.min
    if view.table == "attendance":
        first = marks.first_day(as_of)
    else:
        rows = records.tables[view.table]
        own = rows[view.date]
        first = rows.filter(as_of.knows(own, rows.known_on))[view.date].min().to_pyarrow().as_py()
    return None if first is None else min(first, as_of.calendar.start_of_half_term(first))


def _suspensions(scene: Scene) -> ir.Table:
    """Suspensions, lunchtime suspensions and permanent exclusions, by start date."""
    rows = suspension_events(scene.records, scene.as_of)
    counts_half_day = (rows.category == "LNCH").cast("int32")
    rows = rows.mutate(
        statutory_sessions=rows.sessions * (rows.category == "SUSP").cast("int32") + counts_half_day,
        is_this_term=rows.start_date >= scene.as_of.calendar.start_of_term(scene.as_of.on),
        is_this_year=rows.start_date >= scene.as_of.calendar.start_of_year(scene.as_of.on),
    )
    return scene.as_of.dated(rows, "start_date")


def _absences(scene: Scene) -> ir.Table:
    """Spells of whole days missed on school days in a row, inside the look-back of `LONGEST_RUN`.

    One row a spell: date and day (its last), length (school days inside), has_begun (0 where it was under way
    before); and one row a pupil with the sessions that were possible in the look-back.
    """
    start = scene.as_of.first_day(LONGEST_RUN)
    days = scene.marks.missed(scene.as_of, LONGEST_RUN + 1)
    place = ibis.row_number().over(group_by="pupil", order_by=days.day)
    days = days.mutate(run=days.day - place, is_inside=(days.date >= start).cast("int32"))
    spells = days.group_by("pupil", "run").agg(
        date=lambda t: t.date.max(), day=lambda t: t.day.max(),
        length=lambda t: t.is_inside.sum(), has_begun=lambda t: t.is_inside.min(), possible=ibis.literal(0),
    )  # fmt: skip
    marked = scene.known.filter(scene.known.date >= start).group_by("pupil").agg(
        date=ibis.literal(start), day=ibis.literal(-1),
        length=ibis.literal(0), has_begun=ibis.literal(0), possible=lambda t: t.possible.sum(),
    )  # fmt: skip
    typed = dict.fromkeys(("day", "length", "has_begun", "possible"), "int32")
    spells = spells.select("pupil", "date", *typed).cast(typed)
    return spells.union(marked.select("pupil", "date", *typed).cast(typed))


def _census(scene: Scene) -> ir.Table:
    """Censuses of two years: provision then and at the last census, and whether a need was recorded."""
    rows = census_rows(scene.records, scene.as_of)
    needs = {
        f"is_{need.lower()}": (rows.sen_need_1.isin(codes) | rows.sen_need_2.isin(codes))
        .fill_null(False)
        .cast("int32")
        for need, codes in NEEDS.items()
    }
    rows = rows.mutate(provision=rows.sen_provision.cases(*PROVISION, else_=0).cast("int32"), **needs)
    now = rows.group_by("pupil").agg(provision_now=lambda t: t.provision.argmax(t.order))
    return scene.as_of.dated(rows.inner_join(now, "pupil"), "census_date")


def _pupils(scene: Scene) -> ir.Table:
    """The cohort itself, a row a pupil."""
    year = scene.people.nc_year.cast("int32").nullif(-1)
    ends = ibis.memtable(
        [{"nc_year": n, "days_in_window": scene.as_of.days_in_window(n)} for n in range(-1, 12)],
        schema=ibis.schema({"nc_year": "int8", "days_in_window": "int32"}),
    )
    rows = scene.people.inner_join(ends, "nc_year")
    return rows.select(
        "pupil",
        "days_in_window",
        nc_year=year,
        months_young=scene.people.months_young,
        is_transition=year.isin(TRANSITION_YEARS).cast("int32"),
        is_dual=scene.people.is_dual.cast("int32"),
        phase_code=scene.people.phase.cases(*PHASE_CODES, else_=ibis.null("int32")),
        date=ibis.literal(scene.as_of.on),
        day=ibis.literal(scene.as_of.index, "int32"),
        order=ibis.literal(0, "int64"),
    )


def _stays(scene: Scene) -> ir.Table:
    """When each pupil's stay at the present school began."""
    return scene.as_of.dated(stays(scene.records, scene.as_of, scene.people), "entry_date")


def _moves(scene: Scene) -> ir.Table:
    """Stays that began in the middle of a year."""
    return scene.as_of.dated(moves(scene.records, scene.as_of), "entry_date")


def _involvements(scene: Scene) -> ir.Table:
    """Spells with a service or plan, by start date."""
    return scene.as_of.dated(involvement_spells(scene.records, scene.as_of), "start_date")


def _ended_involvements(scene: Scene) -> ir.Table:
    """Spells with a service or plan that are known to have ended, by end date."""
    rows = involvement_spells(scene.records, scene.as_of)
    return scene.as_of.dated(rows.filter(~rows.is_open), "end_date")


def _schools(scene: Scene) -> ir.Table:
    """What each school did: suspensions, permanent exclusions, marks and size, its own and its peers'.

    Peers are the schools of the same phase that are on the same side of its mean size.
    """
    year = (scene.as_of.first_day(380), scene.as_of.end_day(190))
    roll = roll_spells(scene.records, scene.as_of).filter(lambda t: t.enrolment_status.isin(SCHOOL_STATUSES))
    there = (roll.entry_date < year[1]) & (roll.leaving_date.isnull() | (roll.leaving_date >= year[1]))
    size = roll.filter(there).group_by(urn="cluster").agg(pupils=lambda t: t.pupil.nunique().cast("int64"))
    nothing = {
        name: ibis.literal(0, "int64")
        for name in ("suspensions", "permanent", "pupils", "absent", "possible")
    }
    events = suspension_events(scene.records, scene.as_of)
    events = events.mutate(
        **(nothing | {
            "suspensions": (events.category == "SUSP").cast("int64"),
            "permanent": (events.category == "PERM").cast("int64"),
        }), date=events.start_date,
    )  # fmt: skip
    sessions = scene.known.mutate(
        **(
            nothing
            | {"absent": scene.known.absent.cast("int64"), "possible": scene.known.possible.cast("int64")}
        )
    )
    sizes = size.mutate(**(nothing | {"pupils": size.pupils}), date=ibis.literal(year[0]))
    columns = ["urn", "date", *nothing]
    rows = events.select(columns).union(sessions.select(columns)).union(sizes.select(columns))
    rows = rows.filter((rows.date >= year[0]) & (rows.date < year[1]))
    rows = (
        rows.inner_join(clusters(scene.records), "urn")
        .group_by("cluster")
        .agg(**{name: ibis._[name].sum() for name in nothing})
    )
    phases = scene.records.tables["schools"].select(cluster="urn", phase="phase")
    rows = rows.inner_join(phases, "cluster")
    whole = rows.group_by("phase").agg(
        phase_pupils=lambda t: t.pupils.sum(), phase_schools=lambda t: t.count()
    )
    rows = rows.inner_join(whole, "phase")
    rows = rows.mutate(is_large=rows.pupils * rows.phase_schools >= rows.phase_pupils)
    peers = rows.group_by("phase", "is_large").agg(
        peer_suspensions=lambda t: t.suspensions.sum(), peer_pupils=lambda t: t.pupils.sum()
    )
    rows = rows.inner_join(peers, ["phase", "is_large"])
    return rows.mutate(
        date=ibis.literal(year[0]), day=ibis.literal(-1, "int32"), order=ibis.literal(0, "int64")
    )


def _marks(scene: Scene) -> ir.Table:
    """Attendance marks as known."""
    return scene.known


VIEWS = {
    "marks": View(_marks, "pupil", "attendance", "date"),
    "absences": View(_absences, "pupil", "attendance", "date"),
    "suspensions": View(_suspensions, "pupil", "suspensions", "start_date"),
    "census": View(_census, "pupil", "census", "census_date"),
    "pupils": View(_pupils, "pupil", "", ""),
    "stays": View(_stays, "pupil", "", ""),
    "moves": View(_moves, "pupil", "roll", "entry_date"),
    "involvements": View(_involvements, "pupil", "involvements", "start_date"),
    "ended_involvements": View(_ended_involvements, "pupil", "involvements", "start_date"),
    "schools": View(_schools, "cluster", "attendance", "date"),
}
