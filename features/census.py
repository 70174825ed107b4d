"""The School Census as known at an as-of date: which of a pupil's rows count, and what features ask of them."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.known import KEY, once, open_spells
from features.records.store import Records

PROVISION = (("N", 0), ("K", 1), ("E", 2))
NEEDS = {"SEMH": ("SEMH", "BESD"), "SLCN": ("SLCN",), "ASD": ("ASD",), "MLD": ("MLD",), "SPLD": ("SPLD",)}


@once
def censuses(records: Records, dates: AsOfDates) -> ir.Table:
    """The last census known, and those of two school years of pupils whose SEN provision ever differed.

    One that tells the same as the last changes nothing that is asked of it.

    Returns
    -------
    ibis Table
        pupil, as_of, census_date, is_last, provision (place in `PROVISION`), is_semh to is_spld (1 where a
        recorded need is of that kind), nc_year (`year_number`), birth_date.
    """
    census = records.tables["census"]
    provision = census.sen_provision.cases(*PROVISION, else_=0).cast("int8")
    of_pupil = ibis.window(group_by="pupil")
    told = {
        "provision": provision,
        "has_differed": provision.min().over(of_pupil) != provision.max().over(of_pupil),
        "nc_year": year_number(census.nc_year),
        "birth_date": census.birth_date,
    }
    needs = {
        f"is_{need.lower()}": (census.sen_need_1.isin(codes) | census.sen_need_2.isin(codes))
        .fill_null(False)
        .cast("int8")
        for need, codes in NEEDS.items()
    }
    rows = census_rows(records, dates, told | needs)
    return rows.filter(rows.is_last | rows.has_differed).drop("urn", "order", "has_differed")


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


def year_number(text: ir.StringColumn) -> ir.IntegerColumn:
    """A national curriculum year as a number: N1 -2, N2 -1, R 0, 1 to 14; null for X and blank."""
    named = text.cases(
        ("N1", -2), ("N2", -1), ("R", 0), *((str(n), n) for n in range(1, 15)), else_=ibis.null("int16")
    )
    return named.cast("int16")
