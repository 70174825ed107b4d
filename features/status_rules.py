"""How each status is found in the records about some pupils: one expression a rule.

Every function gives pupil and since (a date, or null where no day can be told); a pupil may have several rows.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from features.about import About
from features.as_of import LONGEST_LOOK_BACK, SCHOOL_YEAR
from features.census import NEEDS
from features.cohort import ALTERNATIVE_PHASES, excluded
from features.contract.breaks import first_day
from features.known import STANDING
from features.tables import SCHOOL_STATUSES

NEW_FOR = 60  # school days after joining in which a pupil is new to a school
OUT_FOR = 20  # school days on no roll after which an entry is a return (School Admissions Code 2021, 3.17: four weeks)
ENOUGH_SESSIONS = 20  # possible sessions without which a share of them says nothing
HEALTH_SESSIONS = 30  # 15 days of illness in a school year
RETURN_REASONS = ("permanently_excluded", "managed_move", "ehe", "custody")
Find = Callable[[About], ir.Table]


def open_spell(*kinds: str) -> Find:
    def find(about: About) -> ir.Table:
        rows = about.involvements
        return rows.filter(rows.is_open, rows.kind.isin(kinds)).select("pupil", since="start_date")

    return find


def open_spell_since(break_: str, *kinds: str) -> Find:
    """Open spells that began on or after the day of a break of England: those of before are told by the rules of before."""

    def find(about: About) -> ir.Table:
        return open_spell(*kinds)(about).filter(lambda t: t.since >= first_day(break_))

    return find


def _undated(rows: ir.Table) -> ir.Table:
    return rows.select("pupil", since=ibis.null("date"))


def _latest_census(about: About) -> ir.Table:
    return about.census.filter(lambda t: t.is_last)


def ehc_plan(about: About) -> ir.Table:
    plans = about.involvements.filter(lambda t: t.kind == "ehcp")
    census = _latest_census(about).filter(lambda t: t.sen_provision == "E")
    ended = plans.filter(~plans.is_open).group_by("pupil").agg(ended_on=lambda t: t.end_date.max())
    census = census.left_join(ended, "pupil").drop("pupil_right")
    elsewhere = census.filter(census.ended_on.isnull() | (census.ended_on < census.census_date))
    return open_spell("ehcp")(about).union(_undated(elsewhere))


def ehc_plan_and_suspension(about: About) -> ir.Table:
    events = about.events.filter(
        lambda t: t.category.isin(("SUSP", "PERM")), about.as_of.within(about.events.date, SCHOOL_YEAR)
    )
    latest = events.group_by("pupil").agg(since=lambda t: t.start_date.max())
    return latest.semi_join(ehc_plan(about), "pupil")


def sen_support(about: About) -> ir.Table:
    rows = _latest_census(about).filter(lambda t: t.sen_provision == "K")
    return _undated(rows.anti_join(ehc_plan(about), "pupil"))


def previously_looked_after(about: About) -> ir.Table:
    rows = about.involvements
    ended = rows.filter(
        ~rows.is_open, rows.kind == "cla", about.as_of.within(rows.end_date, LONGEST_LOOK_BACK)
    )
    return open_spell("plac")(about).union(ended.select("pupil", since="end_date"))


def excluded_before(about: About) -> ir.Table:
    events = about.events.filter(
        lambda t: t.category == "PERM",
        lambda t: t.outcome.isin(STANDING),
        about.as_of.within(about.events.date, LONGEST_LOOK_BACK),
    )
    spells = about.spells.filter(lambda t: t.leaving_reason == "permanently_excluded")
    left = spells.filter(about.as_of.within(spells.leaving_date, LONGEST_LOOK_BACK))
    rows = events.select("pupil", since="start_date").union(left.select("pupil", since="leaving_date"))
    return rows.anti_join(excluded(about.records, about.as_of.alone), "pupil")


def alternative_provision(about: About) -> ir.Table:
    schools = about.records.tables["schools"].filter(lambda t: t.phase.isin(ALTERNATIVE_PHASES)).select("urn")
    there = about.spells.filter(
        lambda t: t.is_open, lambda t: t.enrolment_status.isin((*SCHOOL_STATUSES, "S"))
    )
    there = there.semi_join(schools, "urn").select("pupil", since="entry_date")
    return there.union(open_spell("ap_placement", "off_site_direction")(about))


def returning(about: About) -> ir.Table:
    """Joined a school after an exclusion, a move, time taught elsewhere, or weeks on no roll."""
    as_of = about.as_of
    schools = about.records.tables["schools"].select("urn", "phase")
    spells = about.spells.filter(lambda t: t.enrolment_status.isin(SCHOOL_STATUSES))
    spells = spells.left_join(schools, "urn").drop("urn_right")
    spells = as_of.alone.dated(spells, "leaving_date")
    spells = spells.mutate(left_day=spells.is_open.ifelse(ibis.null("int32"), spells.day)).drop(
        "date", "day", "days_ago", "ago"
    )
    spells = as_of.alone.dated(spells, "entry_date")
    order = ibis.window(group_by="pupil", order_by=[spells.entry_date, spells.urn])
    spells = spells.mutate(
        num_before=ibis.row_number().over(order), came_from=spells.phase.lag().over(order),
        left_for=spells.leaving_reason.lag().over(order), days_away=spells.day - spells.left_day.lag().over(order),
    )  # fmt: skip
    is_back = (
        spells.left_for.isin(RETURN_REASONS)
        | spells.came_from.isin(ALTERNATIVE_PHASES)
        | (spells.days_away > OUT_FOR)
    )
    rows = spells.filter(
        spells.is_open, spells.num_before > 0, ~spells.phase.isin(ALTERNATIVE_PHASES), ~spells.is_continued,
        is_back.fill_null(False), as_of.within(spells.entry_date, NEW_FOR),
    )  # fmt: skip
    own_route = open_spell("cla")(about).select("pupil").union(ehc_plan(about).select("pupil"))
    return rows.select("pupil", since="entry_date").anti_join(own_route, "pupil")


def custody_or_youth_justice(about: About) -> ir.Table:
    rows = about.involvements
    released = rows.filter(~rows.is_open, rows.kind == "custody", about.as_of.within(rows.end_date, NEW_FOR))
    return open_spell("youth_justice", "custody")(about).union(released.select("pupil", since="end_date"))


def missed(at_least: int, below: int) -> Find:
    """Missed a share of possible sessions in a school year's look-back: tenths, the lower bound inside."""

    def find(about: About) -> ir.Table:
        rows = about.marks.filter(about.as_of.within(about.marks.date, SCHOOL_YEAR))
        sums = rows.group_by("pupil").agg(
            absent=lambda t: t.absent.sum(), possible=lambda t: t.possible.sum()
        )
        sums = sums.filter(sums.possible >= ENOUGH_SESSIONS)
        return _undated(
            sums.filter(
                10 * sums.absent >= at_least * sums.possible, 10 * sums.absent < below * sums.possible
            )
        )

    return find


def health_absence(about: About) -> ir.Table:
    rows = about.marks.filter(lambda t: t.date >= about.start_of_school_year)
    ill = (
        rows.group_by("pupil")
        .agg(illness=lambda t: t.illness.sum())
        .filter(lambda t: t.illness >= HEALTH_SESSIONS)
    )
    return open_spell("s19_medical")(about).union(_undated(ill))


def suspended_days(count: str, over: int, up_to: int) -> Find:
    """Suspended for more than `over` and up to `up_to` sessions since the start that `count` names."""

    def find(about: About) -> ir.Table:
        rows = about.events.filter(lambda t: t[count])
        sums = rows.group_by("pupil").agg(
            sessions=lambda t: t.statutory_sessions.sum(), since=lambda t: t.start_date.max()
        )
        return sums.filter(sums.sessions > over, sums.sessions <= up_to).select("pupil", "since")

    return find


def sixth_day(about: About) -> ir.Table:
    """Runs of suspensions, each starting before the one before it is over, longer than five school days."""
    events = about.events.filter(lambda t: t.category == "SUSP")
    events = events.mutate(over=events.day + (events.sessions + 1) // 2)
    before = ibis.window(
        group_by="pupil", order_by=[events.day, events.over], preceding=(None, 1), following=None
    )
    events = events.mutate(is_new=(events.day > events.over.max().over(before)).fill_null(True))
    upto = ibis.window(group_by="pupil", order_by=[events.day, events.over], preceding=None, following=0)
    events = events.mutate(run=events.is_new.cast("int32").sum().over(upto))
    runs = events.group_by("pupil", "run").agg(
        since=lambda t: t.start_date.min(), first=lambda t: t.day.min(), over=lambda t: t.over.max()
    )
    long = runs.filter(runs.over - runs["first"] > 5, runs.over > about.as_of.index).select("pupil", "since")
    permanent = about.events.filter(lambda t: t.category == "PERM", lambda t: t.outcome.isin(STANDING))
    permanent = permanent.semi_join(excluded(about.records, about.as_of.alone), "pupil")
    return long.union(permanent.select("pupil", since="start_date"))


def primary_age(about: About) -> ir.Table:
    return _undated(about.people.filter(lambda t: t.nc_year.between(0, 6)))


def secondary_school(about: About) -> ir.Table:
    people = about.people
    return _undated(people.filter(people.nc_year.between(7, 11), ~people.phase.isin(ALTERNATIVE_PHASES)))


def transition(about: About) -> ir.Table:
    stays = about.spells.group_by("pupil", "cluster").agg(since=lambda t: t.entry_date.min())
    stays = about.people.select("pupil", "cluster").inner_join(stays, ["pupil", "cluster"])
    new = stays.filter(about.as_of.within(stays.since, NEW_FOR)).select("pupil", "since")
    return new.union(_undated(about.people.filter(lambda t: t.nc_year.isin((6, 7)))))


def mental_health(about: About) -> ir.Table:
    rows = _latest_census(about)
    semh = rows.filter(
        (rows.sen_need_1.isin(NEEDS["SEMH"]) | rows.sen_need_2.isin(NEEDS["SEMH"])).fill_null(False)
    )
    return open_spell("mhst")(about).union(_undated(semh))


def everyone(about: About) -> ir.Table:
    return _undated(about.people)


def already_supported(about: About) -> ir.Table:
    return about.support.filter(lambda t: t.is_open).select("pupil", since="start_date")
