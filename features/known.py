"""Records as they were known at an as-of date: the rows that features and outcomes are made from.

Nothing here knows a feature. Each view takes the records and `AsOfDates` and leaves out whatever was
not known strictly before it; a spell whose end was not yet known reads as open, with no reason. A view
holds the rows of several as-of dates, each row with its `as_of`.
"""

from collections.abc import Callable
from functools import wraps

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.contract.breaks import breaks
from features.records.covering import schools_today
from features.records.store import Records

STANDING = ("upheld", "")  # outcomes under which a permanent exclusion stands
KEY = ("pupil", "as_of")
FOR_ALL = ()  # as-of dates of a view that has none
CONVERTED = ("cin", "early_help")  # what became Family Help
DAYS_TO_CONVERT = 7  # a spell that ended this soon before the day of Family Help was converted
DAYS_TO_ACADEMISE = 7  # an entry this soon after an academy opened is the same place, not a move


def once(view: Callable[[Records, AsOfDates], ir.Table]) -> Callable[[Records, AsOfDates], ir.Table]:
    """Compute a view once for the same as-of dates; what was held for others is let go.

    Many features, the cohort and the cards read the same views, and Ibis takes longer to write one large
    query than DuckDB takes to answer several small ones.
    """

    @wraps(view)
    def held(records: Records, dates: AsOfDates) -> ir.Table:
        for other, days in [*records.held]:
            if days not in (dates.days, FOR_ALL):
                del records.held[other, days]
        key = (view, dates.days)
        if key not in records.held:
            records.held[key] = records.keep(view(records, dates))
        return records.held[key]

    return held


def once_for_all(view: Callable[[Records], ir.Table]) -> Callable[[Records], ir.Table]:
    """Compute a view of no as-of date once for all of them."""

    @wraps(view)
    def held(records: Records) -> ir.Table:
        key = (view, FOR_ALL)
        if key not in records.held:
            records.held[key] = records.keep(view(records))
        return records.held[key]

    return held


def open_spells(spells: ir.Table, start: str, end: str, dates: AsOfDates) -> ir.Table:
    """Every known spell of a table, with `is_open`, and its end only where that was known.

    Returns
    -------
    ibis Table
        The table's rows with `as_of`; `end` is null, and `is_open` true, where no end was known.
    """
    rows = dates.known(spells, start)
    is_over = dates.is_over(rows, end)
    return rows.mutate(is_open=~is_over, **{end: is_over.ifelse(rows[end], ibis.null("date"))})


@once
def roll_spells(records: Records, dates: AsOfDates) -> ir.Table:
    """Known roll spells with the school's `cluster` (its current successor), `is_continued` and `is_only`.

    A spell is *continued* where a school turned into an academy and the pupil stayed, and the *only* one where
    the pupil has no other in the cluster, known or not.
    """
    rows = open_spells(_roll(records), "entry_date", "leaving_date", dates)
    return rows.mutate(leaving_reason=rows.is_open.ifelse(ibis.null("string"), rows.leaving_reason))


@once_for_all
def _roll(records: Records) -> ir.Table:
    """The roll, with what `roll_spells` tells of every spell before there is one an as-of date."""
    rows = records.tables["roll"]
    schools = records.tables["schools"].select("urn", "opened_on", "predecessor_urn")
    rows = (
        rows.left_join(schools, "urn").drop("urn_right").left_join(clusters(records), "urn").drop("urn_right")
    )
    since_opening = rows.entry_date.delta(rows.opened_on, unit="day")
    is_continued = rows.predecessor_urn.notnull() & since_opening.between(0, DAYS_TO_ACADEMISE)
    is_only = rows.count().over(group_by=("pupil", "cluster")) == 1
    rows = rows.mutate(is_continued=is_continued.fill_null(False), is_only=is_only)
    return rows.drop("opened_on", "predecessor_urn")


def clusters(records: Records) -> ir.Table:
    """urn to `cluster`: the URN of the school that it is today, along `predecessor_urn`."""
    linked = records.schools.dropna(subset="predecessor_urn").astype({"predecessor_urn": int})
    successor = dict(zip(linked["predecessor_urn"].tolist(), linked["urn"].tolist(), strict=True))
    urns = records.schools["urn"].tolist()
    rows = [
        {"urn": urn, "cluster": now} for urn, now in zip(urns, schools_today(urns, successor), strict=True)
    ]
    return ibis.memtable(rows, schema=ibis.schema({"urn": "int32", "cluster": "int32"}))


def of_spells(records: Records, dates: AsOfDates, marks: ir.Table) -> ir.Table:
    """Those of some marks that are of a day on which the pupil was on a roll of that school, as known at one date.

    Parameters
    ----------
    dates : AsOfDates
        One date.
    marks : ibis Table
        Has pupil, urn and date.
    """
    spells = roll_spells(records, dates).select("pupil", "cluster", "entry_date", "leaving_date")
    rows = marks.inner_join(clusters(records), "urn")
    counted = rows.semi_join(
        spells,
        [
            rows.pupil == spells.pupil,
            rows.cluster == spells.cluster,
            rows.date >= spells.entry_date,
            spells.leaving_date.isnull() | (rows.date <= spells.leaving_date),
        ],
    )
    return counted.drop("cluster")


@once
def suspension_events(records: Records, dates: AsOfDates) -> ir.Table:
    """Each event once, in the latest version known; cancelled ones (entered in error) left out.

    Returns
    -------
    ibis Table
        as_of, pupil, urn, category, start_date, sessions (blank as 0), reason_1 to reason_3 and outcome
        ("" where blank or not yet known).
    """
    rows = dates.known(records.tables["suspensions"], "start_date")
    is_decided = rows.outcome_on.isnull() | dates.is_before(rows, "outcome_on")
    rows = rows.mutate(
        sessions=rows.sessions.fill_null(0).cast("int32"),
        outcome=is_decided.ifelse(rows.outcome, ibis.null("string")).fill_null(""),
        **{reason: rows[reason].fill_null("") for reason in ("reason_1", "reason_2", "reason_3")},
    )
    version = ibis.row_number().over(
        group_by=["as_of", "pupil", "urn", "category", "start_date"],
        order_by=[
            rows.known_on.desc(),
            (rows.outcome != "").desc(),
            rows.sessions.desc(),
            rows.outcome,
            rows.reason_1,
            rows.reason_2,
            rows.reason_3,
        ],
    )
    rows = rows.mutate(version=version).filter(lambda t: (t.version == 0) & (t.outcome != "cancelled"))
    return rows.drop("version", "known_on", "outcome_on")


@once
def internal_events(records: Records, dates: AsOfDates) -> ir.Table:
    """Each internal suspension once, in the latest version known: as_of, pupil, urn, start_date, sessions (blank as 0), reason_1."""
    rows = dates.known(records.tables["internal_suspensions"], "start_date")
    rows = rows.mutate(
        sessions=rows.sessions.fill_null(0).cast("int32"), reason_1=rows.reason_1.fill_null("")
    )
    version = ibis.row_number().over(
        group_by=["as_of", "pupil", "urn", "start_date"],
        order_by=[rows.known_on.desc(), rows.sessions.desc(), rows.reason_1],
    )
    return rows.mutate(version=version).filter(lambda t: t.version == 0).drop("version", "known_on")


@once
def involvement_spells(records: Records, dates: AsOfDates) -> ir.Table:
    """Known involvements that name a pupil, each once, as last told.

    Snapshots of a case system laid one after the other tell a spell again, first open and then ended: what was told
    last holds, and of two told on one day the one that ended.
    """
    rows = open_spells(records.tables["involvements"], "start_date", "end_date", dates)
    rows = rows.filter(rows.pupil.notnull())
    told_on = rows.is_open.ifelse(rows.known_on, ibis.greatest(rows.known_on, rows.end_known_on))
    version = ibis.row_number().over(
        group_by=[*KEY, "kind", "start_date"], order_by=[told_on.desc(), rows.is_open, rows.end_date.desc()]
    )
    return rows.mutate(version=version).filter(lambda t: t.version == 0).drop("version")


def going_on(records: Records, dates: AsOfDates) -> ir.Table:
    """`involvement_spells`, in which a conversion to Family Help is no event.

    On an authority's own day child in need and Early Help became Family Help: a spell of either that ended on that day, or up to
    `DAYS_TO_CONVERT` days before, goes on for as long as the pupil's Family Help that began on the day.
    """
    rows = involvement_spells(records, dates)
    days = [one.first_day for one in breaks(records.authority) if one.name == "family_help"]
    if not days:
        return rows
    day = ibis.date(days[0])
    after = rows.filter(rows.kind == "family_help", rows.start_date == day)
    after = after.group_by(KEY).agg(
        num_open=lambda t: t.is_open.cast("int64").sum(), goes_to=lambda t: t.end_date.max()
    )
    rows = beside(rows, after)
    converted = rows.kind.isin(CONVERTED) & rows.num_open.notnull() & ~rows.is_open
    converted &= rows.end_date.between(day - ibis.interval(days=DAYS_TO_CONVERT), day)
    converted = converted.fill_null(False)
    is_open = rows.num_open > 0
    rows = rows.mutate(
        is_open=converted.ifelse(is_open, rows.is_open),
        end_date=converted.ifelse(is_open.ifelse(ibis.null("date"), rows.goes_to), rows.end_date),
    )
    return rows.drop("num_open", "goes_to")


def beside(rows: ir.Table, more: ir.Table, key: tuple[str, ...] = KEY) -> ir.Table:
    """Rows with the columns of others of the same pupil and as-of date; null where there are none."""
    return rows.left_join(more, key).drop(*(f"{name}_right" for name in key))
