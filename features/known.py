"""Records as they were known at an as-of date: the rows that features and outcomes are made from.

Nothing here knows a feature. Each view takes the records and `AsOfDates` and leaves out whatever was
not known strictly before it; a spell whose end was not yet known reads as open, with no reason. A view
holds the rows of several as-of dates, each row with its `as_of`.
"""

from collections.abc import Callable, Mapping
from functools import wraps

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.records.store import Records

SCHOOL_STATUSES = ("C", "M")  # current single registration, and the main one of a dual registration
STANDING = ("upheld", "")  # outcomes under which a permanent exclusion stands
KEY = ("pupil", "as_of")
DAYS_TO_ACADEMISE = 7  # an entry this soon after an academy opened is the same place, not a move


def once(view: Callable[[Records, AsOfDates], ir.Table]) -> Callable[[Records, AsOfDates], ir.Table]:
    """Compute a view once for the same as-of dates; what was held for others is let go.

    Many features, the cohort and the cards read the same views, and Ibis takes longer to write one large
    query than DuckDB takes to answer several small ones.
    """

    @wraps(view)
    def held(records: Records, dates: AsOfDates) -> ir.Table:
        for name, days in [*records.held]:
            if days != dates.days:
                del records.held[name, days]
        key = (view.__name__, dates.days)
        if key not in records.held:
            records.held[key] = records.keep(view(records, dates))
        return records.held[key]

    return held


def open_spells(records: Records, table: str, start: str, end: str, dates: AsOfDates) -> ir.Table:
    """Every known spell of a table, with `is_open`, and its end only where that was known.

    Returns
    -------
    ibis Table
        The table's rows with `as_of`; `end` is null, and `is_open` true, where no end was known.
    """
    rows = dates.known(records.tables[table], start)
    is_over = dates.is_over(rows, end)
    return rows.mutate(is_open=~is_over, **{end: is_over.ifelse(rows[end], ibis.null("date"))})


@once
def roll_spells(records: Records, dates: AsOfDates) -> ir.Table:
    """Known roll spells with the school's `cluster` (its current successor) and `is_continued`.

    A spell is *continued* where a school turned into an academy and the pupil stayed.
    """
    rows = open_spells(records, "roll", "entry_date", "leaving_date", dates)
    rows = rows.mutate(leaving_reason=rows.is_open.ifelse(ibis.null("string"), rows.leaving_reason))
    schools = records.tables["schools"].select("urn", "opened_on", "predecessor_urn")
    rows = (
        rows.left_join(schools, "urn").drop("urn_right").left_join(clusters(records), "urn").drop("urn_right")
    )
    since_opening = rows.entry_date.delta(rows.opened_on, unit="day")
    is_continued = rows.predecessor_urn.notnull() & since_opening.between(0, DAYS_TO_ACADEMISE)
    return rows.mutate(is_continued=is_continued.fill_null(False)).drop("opened_on", "predecessor_urn")


def clusters(records: Records) -> ir.Table:
    """urn to `cluster`: the URN of the school that it is today, along `predecessor_urn`."""
    linked = records.schools.dropna(subset="predecessor_urn").astype({"predecessor_urn": int})
    successor = dict(zip(linked["predecessor_urn"].tolist(), linked["urn"].tolist(), strict=True))
    rows = []
    for urn in records.schools["urn"].tolist():
        now, seen = urn, {urn}
        while now in successor and successor[now] not in seen:
            now = successor[now]
            seen.add(now)
        rows.append({"urn": urn, "cluster": now})
    return ibis.memtable(rows, schema=ibis.schema({"urn": "int32", "cluster": "int32"}))


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


def census_rows(records: Records, dates: AsOfDates, told: Mapping[str, ir.Value] | None = None) -> ir.Table:
    """Known census rows of the last two school years.

    For a dual-registered pupil the main school's row counts: rows of a subsidiary registration are left
    out. A pupil whom two schools both returned has two rows; `order` is unique and tells the later, and
    `is_last` is true of the last of a pupil's rows.

    Parameters
    ----------
    told : mapping of name to ibis Value, optional
        Columns made of the census in place of its own: quicker made here, before there is a row an as-of date.
    """
    census = records.tables["census"]
    order = day_number(census.census_date) * 10**6 + census.urn
    rows = census.mutate(order=order)
    if told is not None:
        rows = rows.select("pupil", "urn", "census_date", "known_on", "order", **told)
    subsidiary = records.tables["roll"].filter(lambda t: t.enrolment_status == "S")
    alone = rows.anti_join(subsidiary, "pupil")
    later = ibis.window(group_by="pupil", order_by=alone.order.desc(), preceding=(None, 1))
    alone = alone.mutate(next_on=ibis.greatest(alone.census_date, alone.known_on).min().over(later))
    alone = dates.recent(dates.known(alone, "census_date"), "census_date")
    alone = alone.mutate(is_last=alone.next_on.isnull() | ~dates.is_before(alone, "next_on")).drop("next_on")
    return alone.union(_of_two_schools(records, dates, rows.semi_join(subsidiary, "pupil"))).drop("known_on")


def _of_two_schools(records: Records, dates: AsOfDates, rows: ir.Table) -> ir.Table:
    """Known census rows of pupils who ever had a subsidiary registration, without those it returned."""
    rows = dates.recent(dates.known(rows, "census_date"), "census_date")
    spells = open_spells(records, "roll", "entry_date", "leaving_date", dates)
    spells = spells.filter(spells.enrolment_status == "S").select(*KEY, "urn", "entry_date", "leaving_date")
    rows = rows.anti_join(
        spells,
        [
            rows.pupil == spells.pupil,
            rows.as_of == spells.as_of,
            rows.urn == spells.urn,
            rows.census_date >= spells.entry_date,
            spells.leaving_date.isnull() | (rows.census_date <= spells.leaving_date),
        ],
    )
    return rows.mutate(is_last=ibis.row_number().over(group_by=KEY, order_by=rows.order.desc()) == 0)


def day_number(day: ir.DateColumn) -> ir.IntegerColumn:
    """A date as the integer YYYYMMDD, in the order of time."""
    return day.year().cast("int64") * 10_000 + day.month() * 100 + day.day()


@once
def involvement_spells(records: Records, dates: AsOfDates) -> ir.Table:
    """Known involvements that name a pupil."""
    rows = open_spells(records, "involvements", "start_date", "end_date", dates)
    return rows.filter(rows.pupil.notnull())


def beside(rows: ir.Table, more: ir.Table, key: tuple[str, ...] = KEY) -> ir.Table:
    """Rows with the columns of others of the same pupil and as-of date; null where there are none."""
    return rows.left_join(more, key).drop(*(f"{name}_right" for name in key))
