"""Codes beside the same weeks of earlier years: a code that is suddenly used for something else.

What moves for a reason that everyone knows raises no alarm:

- Year 11 after Easter is not assessed, so exam leave is in no share, whenever it begins;
- a code that came into force between the years is counted together with the code it came from (`FAMILIES`),
  and by itself only beside years that had it;
- days of religious observance and training days lie differently each year, and closures come and go
  (`NOT_JUDGED`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.attendance import SINCE_2024
from features.census import census_rows
from features.codes import provisions
from features.known import of_spells, suspension_events
from features.records.store import Records
from training.monitor.expected import CAME_FROM
from training.monitor.limits import CANNOT_TELL, TIMES, TIMES_AT_SCHOOL, Share, judge_share, share, untold
from training.monitor.scene import Seen

MARK_DAYS, EVENT_DAYS = 20, 60  # looked back over: a recode shows soon, and there is enough to count
SETTLING_DAYS = (
    5  # the newest are left out: their N marks are not settled yet, and those of earlier years are
)
FAMILIES = {
    "present": ("/", "\\"),
    "leave (C, C1, C2; before 2024 also F and H)": ("C", "C1", "C2", "F", "H"),
    "taught elsewhere (B, K)": ("B", "K"),
    "interview (J, J1)": ("J", "J1"),
    "unable to attend (Q, Y, Y1 to Y7)": ("Q", "Y", *(f"Y{number}" for number in range(1, 8))),
}
NEW_IN_2024 = ("C1", "C2", "J1", "K", "Q", *(f"Y{number}" for number in range(1, 8)))
GONE_IN_2024 = ("F", "H", "J", "Y")
NOT_JUDGED = {
    "#": "planned closures, such as training days, lie differently each year",
    "R": "religious days move through the school year",
    "unable to attend (Q, Y, Y1 to Y7)": "closures and broken transport come and go",
}
AT_SCHOOL = (
    "present", "leave (C, C1, C2; before 2024 also F and H)", "E", "G", "I", "L", "M", "N", "O", "U", "-",
)  # fmt: skip
NEW = (
    "came into force on 19 August 2024: no earlier year has it, and it is counted with the code it came from"
)
FAMILY_OF = {code: name for name, codes in FAMILIES.items() for code in codes}

Counts = pd.DataFrame


def coding(
    records: Records, now: tuple[AsOf, Seen], earlier: Sequence[tuple[AsOf, Seen]]
) -> list[dict[str, Any]]:
    """Every code of attendance marks, reasons of suspension and special needs, beside earlier years.

    Returns
    -------
    list of dict
        kind (attendance, reason, sen_provision, sen_need), name (the code or family), urn (None for the
        authority), and what `limits` makes of it.
    """
    pairs = [now, *earlier]
    found = list(attendance(pairs, [marks(records, *each) for each in pairs]))
    found += list(plain("reason", [reasons(records, *each) for each in pairs]))
    censuses = [needs(records, *each) for each in pairs]
    for kind in ("sen_provision", "sen_need"):
        found += list(plain(kind, [coded(census, kind) for census in censuses]))
    provision = [coded(census, "sen_provision") for census in censuses]
    found += list(by_school("sen_provision", provision, tuple(provisions())))
    return found


def has_other_holy_days(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Do these weeks hold more, or fewer, days of religious observance than the same weeks of earlier years?"""
    return any(
        row["name"] == "R" and row["high"] is not None and not row["low"] <= row["now"] <= row["high"]
        for row in rows
        if row["kind"] == "attendance" and row["urn"] is None
    )


def marks(records: Records, as_of: AsOf, one: Seen) -> Counts:
    """Marks of the assessed on `MARK_DAYS` settled school days, as known then; pupil, urn, code, num."""
    rows = records.tables["attendance"]
    is_inside = as_of.within(rows.date, MARK_DAYS, back=SETTLING_DAYS)
    rows = rows.filter(is_inside, as_of.knows(rows.date, rows.known_on))
    rows = of_spells(records, as_of.alone, rows)
    both = rows.select("pupil", "urn", code=rows.am.cast("string")).union(
        rows.select("pupil", "urn", code=rows.pm.cast("string"))
    )
    counted = both.group_by("pupil", "urn", "code").agg(num=lambda t: t.count())
    return counted.inner_join(assessed(one), "pupil").order_by("pupil", "urn", "code").to_pandas()


def reasons(records: Records, as_of: AsOf, one: Seen) -> Counts:
    """First reasons of suspensions of the last `EVENT_DAYS` school days, as known then; what was split with what it was split from."""
    rows = suspension_events(records, as_of.alone)
    rows = rows.filter(rows.category == "SUSP", as_of.within(rows.start_date, EVENT_DAYS))
    code = rows.reason_1.cases(*CAME_FROM.items(), else_=rows.reason_1)
    counted = rows.group_by("pupil", "urn", code=code).agg(num=lambda t: t.count())
    return counted.inner_join(assessed(one), "pupil").order_by("pupil", "urn", "code").to_pandas()


def needs(records: Records, as_of: AsOf, one: Seen) -> Counts:
    """Each assessed pupil's latest census known; pupil, urn, sen_provision, sen_need (the primary one)."""
    rows = census_rows(records, as_of.alone).filter(lambda t: t.is_last)
    rows = rows.select("pupil", "urn", "sen_provision", sen_need="sen_need_1")
    return rows.inner_join(assessed(one), "pupil").order_by("pupil").to_pandas()


def coded(census: Counts, name: str) -> Counts:
    """One column of the censuses as codes to count; pupils without one are left out."""
    held = census[census[name].notna()]
    return pd.DataFrame({"pupil": held["pupil"], "urn": held["urn"], "code": held[name], "num": 1})


def assessed(one: Seen) -> ir.Table:
    return ibis.memtable(
        pd.DataFrame({"pupil": one.pupil[one.is_assessed]}), schema=ibis.schema({"pupil": "int64"})
    )


def attendance(pairs: Sequence[tuple[AsOf, Seen]], tables: Sequence[Counts]) -> Iterator[dict[str, Any]]:
    """Families and single codes over the authority, then families by school."""
    families = [table.assign(code=table["code"].map(FAMILY_OF).fillna(table["code"])) for table in tables]
    yield from plain("attendance", families, NOT_JUDGED)
    is_after = [as_of.first_day(MARK_DAYS, SETTLING_DAYS) >= SINCE_2024 for as_of, _ in pairs]
    inside = [code for code in FAMILY_OF if FAMILY_OF[code] not in ("present", *NOT_JUDGED)]
    for code in sorted(inside):
        kept = [table for table, after in zip(tables, is_after, strict=True) if after == is_after[0]]
        if is_after[0] and code in GONE_IN_2024:
            continue
        total = share_of(tables[0], code)
        if len(kept) > 1:
            shares = [share_of(table, code) for table in kept]
            yield row("attendance", code, None, judge_share(shares[0], shares[1:], len(FAMILY_OF)))
        elif total.hits and code in NEW_IN_2024:
            yield row("attendance", code, None, untold(total.of, NEW) | {"now": round(total.value, 6)})
    yield from by_school("attendance", families, AT_SCHOOL)


def plain(
    kind: str, tables: Sequence[Counts], not_judged: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Each code over the authority."""
    codes = sorted({code for table in tables for code in table["code"]})
    for code in codes:
        shares = [share_of(table, code) for table in tables]
        found = judge_share(shares[0], shares[1:], len(codes), TIMES)
        if not_judged and code in not_judged:
            found |= {"status": CANNOT_TELL, "reason": not_judged[code]}
        yield row(kind, code, None, found)


def by_school(kind: str, tables: Sequence[Counts], codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each code at each school beside the same school in earlier years."""
    parts = [dict(list(table.groupby("urn"))) for table in tables]
    for urn, mine in parts[0].items():
        others = [part[urn] for part in parts[1:] if urn in part]
        if not others:
            continue
        for code in codes:
            shares = [share_of(table, code) for table in (mine, *others)]
            if any(each.hits for each in shares):
                found = judge_share(shares[0], shares[1:], len(codes) * len(parts[0]), TIMES_AT_SCHOOL)
                yield row(kind, code, int(mine["urn"].iloc[0]), found)


def share_of(table: Counts, code: str) -> Share:
    """The share of a code among all, counted by pupil."""
    if table.empty:
        return share(np.zeros(0), np.zeros(0))
    who = np.unique(table["pupil"].to_numpy(), return_inverse=True)[1]
    num = table["num"].to_numpy(np.float64)
    return share(np.bincount(who, num * (table["code"] == code).to_numpy()), np.bincount(who, num))


def row(kind: str, name: str, urn: int | None, found: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "name": name or "blank", "urn": urn, **found}
