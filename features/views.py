"""The views of records that features count: rows with a pupil (or school), an as-of date, and integers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from features.as_of import SCHOOL_YEAR, AsOfDates, inside
from features.assessed import latest_results
from features.census import censuses
from features.joining import moves, stays
from features.known import (
    KEY,
    clusters,
    going_on,
    internal_events,
    roll_spells,
    suspension_events,
)
from features.marks import Marks
from features.records.store import Records
from features.tables import SCHOOL_STATUSES

TRANSITION_YEARS = (0, 6, 7)
PHASE_CODES = (("primary", 1), ("middle", 2), ("secondary", 3), ("all_through", 4), ("special", 5))


@dataclass(frozen=True)
class Scene:
    """What a view is made from: the records, and the cohorts and marks as known at some as-of dates."""

    records: Records
    dates: AsOfDates
    people: ir.Table
    marks: Marks
    known: ir.Table


@dataclass(frozen=True)
class View:
    """One view.

    Attributes
    ----------
    rows : callable of Scene to ibis Table
        Has `key`, `as_of`, `ago` and `days_ago` (`AsOfDates.dated`), and the columns its features name.
    key : {"pupil", "cluster"}
    table, date : str
        The records whose earliest known day says how far back the view reaches; "" where the view
        needs none.
    is_single : bool
        Has it one row at most of each key at a date?
    also : tuple of str
        Other tables that it counts rows of.
    """

    rows: Callable[[Scene], ir.Table]
    key: str
    table: str
    date: str
    is_single: bool = False
    also: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[str, ...]:
        """The tables whose rows it counts, for breaks that change what they mean."""
        return (self.table, *self.also)


def reach(records: Records, dates: AsOfDates, view: View, marks: Marks) -> dict[date, date]:
    """The first day that the records behind a view reach, as known at each as-of date.

    It is the first day of the half-term in which the first known row falls; a date at which no row is known
    is left out.
    """
    if not view.table:
        return dict.fromkeys(dates.days, date.min)
    if view.table == "attendance":
        found = {moment.on: marks.first_day(moment) for moment in dates.moments}
    else:
        table = records.tables[view.table]
        known = [name for name in ("known_on", "known_until") if name in table.columns]
        rows = dates.known(table.select(view.date, *known).distinct(), view.date)
        rows = rows.group_by("as_of").agg(first=rows[view.date].min()).to_pyarrow().to_pylist()
        found = {row["as_of"]: row["first"] for row in rows}
    start = dates.calendar.start_of_half_term
    return {on: min(first, start(first)) for on, first in found.items() if first}


def _suspensions(scene: Scene) -> ir.Table:
    """Suspensions, lunchtime suspensions and permanent exclusions, by start date."""
    rows = suspension_events(scene.records, scene.dates)
    counts_half_day = (rows.category == "LNCH").cast("int32")
    rows = scene.dates.told(rows, "start_of_term", "start_of_year")
    rows = rows.mutate(
        statutory_sessions=rows.sessions * (rows.category == "SUSP").cast("int32") + counts_half_day,
        is_this_term=rows.start_date >= rows.start_of_term,
        is_this_year=rows.start_date >= rows.start_of_year,
    )
    return scene.dates.dated(rows.drop("start_of_term", "start_of_year"), "start_date")


def _census(scene: Scene) -> ir.Table:
    """Censuses of two years, with provision at the last.

    Levels of two versions of the code set are no one order: beside a census of another version the last one's provision is
    told as that census's own, so that nothing differs and no step is seen.
    """
    rows = censuses(scene.records, scene.dates)
    now = rows.filter(rows.is_last).select(*KEY, level_now="provision", version_now="provision_version")
    rows = rows.inner_join(now, KEY)
    is_same = rows.provision_version == rows.version_now
    rows = rows.mutate(provision_now=is_same.ifelse(rows.level_now, rows.provision))
    return scene.dates.dated(rows.drop("level_now", "version_now"), "census_date")


def _pupils(scene: Scene) -> ir.Table:
    """The cohort itself, a row a pupil a date."""
    year = scene.people.nc_year.cast("int32").nullif(-1)
    ends = ibis.memtable(
        [
            {"as_of": moment.on, "nc_year": n, "days_in_window": moment.days_in_window(n)}
            for moment in scene.dates.moments
            for n in range(-1, 12)
        ],
        schema=ibis.schema({"as_of": "date", "nc_year": "int8", "days_in_window": "int32"}),
    )
    rows = scene.people.inner_join(ends, ["as_of", "nc_year"])
    return rows.select(
        *KEY,
        "days_in_window",
        nc_year=year,
        months_young=scene.people.months_young,
        is_transition=year.isin(TRANSITION_YEARS).cast("int32"),
        is_dual=scene.people.is_dual.cast("int32"),
        phase_code=scene.people.phase.cases(*PHASE_CODES, else_=ibis.null("int32")),
        is_last=True,
    )


def _stays(scene: Scene) -> ir.Table:
    """When each pupil's stay at the present school began."""
    return scene.dates.dated(stays(scene.records, scene.dates, scene.people), "entry_date")


def _moves(scene: Scene) -> ir.Table:
    """Stays that began in the middle of a year."""
    return scene.dates.dated(moves(scene.records, scene.dates), "entry_date")


def _involvements(scene: Scene) -> ir.Table:
    """Spells with a service or plan, by start date; what became Family Help goes on."""
    return scene.dates.dated(going_on(scene.records, scene.dates), "start_date")


def _ended_involvements(scene: Scene) -> ir.Table:
    """Spells with a service or plan that are known to have ended, by end date."""
    rows = going_on(scene.records, scene.dates)
    return scene.dates.dated(rows.filter(~rows.is_open), "end_date")


def _schools(scene: Scene) -> ir.Table:
    """What each school did: suspensions, permanent exclusions, marks and size, its own and its peers'.

    Peers are the schools of the same phase that are on the same side of its mean size.
    """
    roll = roll_spells(scene.records, scene.dates).filter(lambda t: t.enrolment_status.isin(SCHOOL_STATUSES))
    roll = scene.dates.told(roll, "year_ago")
    there = (roll.entry_date < roll.year_ago) & (
        roll.leaving_date.isnull() | (roll.leaving_date >= roll.year_ago)
    )
    sizes = (
        roll.filter(there)
        .group_by("as_of", urn="cluster")
        .agg(pupils=lambda t: t.pupil.nunique().cast("int64"))
    )
    nothing = {
        name: ibis.literal(0, "int64")
        for name in ("suspensions", "permanent", "pupils", "absent", "possible")
    }
    events = scene.dates.dated(suspension_events(scene.records, scene.dates), "start_date")
    events = events.filter(inside(events.ago, SCHOOL_YEAR, SCHOOL_YEAR))
    events = events.mutate(
        **(nothing | {
            "suspensions": (events.category == "SUSP").cast("int64"),
            "permanent": (events.category == "PERM").cast("int64"),
        })
    )  # fmt: skip
    marks = scene.marks.of_schools(scene.dates)
    sessions = marks.mutate(
        **(nothing | {"absent": marks.absent.cast("int64"), "possible": marks.possible.cast("int64")})
    )
    sizes = sizes.mutate(**(nothing | {"pupils": sizes.pupils}))
    columns = ["urn", "as_of", *nothing]
    rows = events.select(columns).union(sessions.select(columns)).union(sizes.select(columns))
    rows = (
        rows.inner_join(clusters(scene.records), "urn")
        .group_by("cluster", "as_of")
        .agg(**{name: ibis._[name].sum() for name in nothing})
    )
    phases = scene.records.tables["schools"].select(cluster="urn", phase="phase")
    rows = rows.inner_join(phases, "cluster")
    whole = rows.group_by("phase", "as_of").agg(
        phase_pupils=lambda t: t.pupils.sum(), phase_schools=lambda t: t.count()
    )
    rows = rows.inner_join(whole, ["phase", "as_of"])
    rows = rows.mutate(is_large=rows.pupils * rows.phase_schools >= rows.phase_pupils)
    peers = rows.group_by("phase", "is_large", "as_of").agg(
        peer_suspensions=lambda t: t.suspensions.sum(), peer_pupils=lambda t: t.pupils.sum()
    )
    rows = rows.inner_join(peers, ["phase", "is_large", "as_of"])
    return rows.mutate(ago=ibis.literal(2 * SCHOOL_YEAR, "int32"), is_last=True)


def _internal_suspensions(scene: Scene) -> ir.Table:
    """Internal suspensions, by start date; of two versions of one, the latest known."""
    rows = internal_events(scene.records, scene.dates)
    return scene.dates.dated(rows, "start_date")


def _attainment(scene: Scene) -> ir.Table:
    """Results of statutory assessments, the last of each stage and subject."""
    return latest_results(scene.records, scene.dates)


def _marks(scene: Scene) -> ir.Table:
    """Attendance marks as known."""
    return scene.known


VIEWS = {
    "marks": View(_marks, "pupil", "attendance", "date"),
    "suspensions": View(_suspensions, "pupil", "suspensions", "start_date"),
    "census": View(_census, "pupil", "census", "census_date"),
    "pupils": View(_pupils, "pupil", "", "", is_single=True),
    "stays": View(_stays, "pupil", "", "", is_single=True),
    "moves": View(_moves, "pupil", "roll", "entry_date"),
    "involvements": View(_involvements, "pupil", "involvements", "start_date"),
    "ended_involvements": View(_ended_involvements, "pupil", "involvements", "start_date"),
    "internal_suspensions": View(_internal_suspensions, "pupil", "internal_suspensions", "start_date"),
    "attainment": View(_attainment, "pupil", "attainment", "taken_by"),
    "schools": View(_schools, "cluster", "attendance", "date", is_single=True, also=("suspensions",)),
}
