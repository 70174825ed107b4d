"""The School Census as known at an as-of date: which of a pupil's rows count, and what features ask of them."""

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.codes import provisions
from features.known import KEY, once, once_for_all, open_spells
from features.records.store import Records

NEEDS = {"SEMH": ("SEMH", "BESD"), "SLCN": ("SLCN",), "ASD": ("ASD",), "MLD": ("MLD",), "SPLD": ("SPLD",)}


@once
def censuses(records: Records, dates: AsOfDates) -> ir.Table:
    """The last census known, and those of two school years of pupils whose SEN provision ever differed.

    One that tells the same as the last changes nothing that is asked of it.

    Returns
    -------
    ibis Table
        pupil, as_of, census_date, is_last, provision (its level in its version of the code set), provision_version (a number of
        that version), is_semh to is_spld (1 where a recorded need is of that kind), nc_year (`year_number`), birth_date.
    """
    rows = _known(records, dates, _told(records))
    return rows.filter(rows.is_last | rows.has_differed).drop("urn", "order", "has_differed")


def census_rows(records: Records, dates: AsOfDates) -> ir.Table:
    """Known census rows of the last two school years.

    For a dual-registered pupil the main school's row counts: rows of a subsidiary registration are left
    out. A pupil whom two schools both returned has two rows; `order` is unique and tells the later, and
    `is_last` is true of the last of a pupil's rows.
    """
    return _known(records, dates, _in_order(records.tables["census"]))


@once_for_all
def _told(records: Records) -> ir.Table:
    """Every row as `censuses` tells it, before there is one an as-of date."""
    rows = _in_order(records.tables["census"])
    codes = provisions().values()
    versions = sorted({one.version for one in codes})
    provision = rows.sen_provision.cases(*((one.code, one.level) for one in codes), else_=0).cast("int8")
    version = rows.sen_provision.cases(*((one.code, versions.index(one.version)) for one in codes), else_=0)
    of_pupil = ibis.window(group_by="pupil")
    needs = {
        f"is_{need.lower()}": (rows.sen_need_1.isin(codes) | rows.sen_need_2.isin(codes))
        .fill_null(False)
        .cast("int8")
        for need, codes in NEEDS.items()
    }
    return rows.select(
        "pupil",
        "urn",
        "census_date",
        "known_on",
        "birth_date",
        "order",
        "next_on",
        provision=provision,
        provision_version=version.cast("int8"),
        has_differed=provision.min().over(of_pupil) != provision.max().over(of_pupil),
        nc_year=year_number(rows.nc_year),
        **needs,
    )


def _in_order(rows: ir.Table) -> ir.Table:
    """Rows with their order among a pupil's, and when a later one was known."""
    rows = rows.mutate(order=day_number(rows.census_date) * 10**6 + rows.urn)
    later = ibis.window(group_by="pupil", order_by=rows.order.desc(), preceding=(None, 1))
    return rows.mutate(next_on=ibis.greatest(rows.census_date, rows.known_on).min().over(later))


def _known(records: Records, dates: AsOfDates, rows: ir.Table) -> ir.Table:
    """Rows known at some dates."""
    subsidiary = records.tables["roll"].filter(lambda t: t.enrolment_status == "S")
    alone = rows.anti_join(subsidiary, "pupil")
    alone = dates.recent(dates.known(alone, "census_date"), "census_date")
    alone = alone.mutate(is_last=alone.next_on.isnull() | ~dates.is_before(alone, "next_on"))
    of_two = _of_two_schools(records, dates, rows.semi_join(subsidiary, "pupil"))
    return alone.union(of_two).drop("known_on", "next_on")


def _of_two_schools(records: Records, dates: AsOfDates, rows: ir.Table) -> ir.Table:
    """Known census rows of pupils who ever had a subsidiary registration, without those it returned."""
    rows = dates.recent(dates.known(rows, "census_date"), "census_date")
    spells = open_spells(records.tables["roll"], "entry_date", "leaving_date", dates)
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


def year_number(text: ir.StringColumn) -> ir.IntegerColumn:
    """A national curriculum year as a number: N1 -2, N2 -1, R 0, 1 to 14; null for X and blank."""
    named = text.cases(
        ("N1", -2), ("N2", -1), ("R", 0), *((str(n), n) for n in range(1, 15)), else_=ibis.null("int16")
    )
    return named.cast("int16")
