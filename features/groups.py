"""Audit attributes: who is in which group, as the census had it known. Never features.

Only `training/audit` and `training/comparators` may import this file; a test of the house holds it.
"""

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.as_of import AsOfDates
from features.census import census_rows
from features.codes import code_set
from features.cohort import UNKNOWN_YEAR, cohort
from features.contract.breaks import breaks, first_day
from features.known import KEY, beside, roll_spells
from features.records.store import Records

NOT_KNOWN = "not known"  # a group of its own: a pupil without a census stays in every table
COLUMNS = (
    "ethnicity", "ethnicity_major", "ethnicity_as_recorded", "fsm_eligible", "sex", "sen_provision", "sen_need",
    "idaci_decile", "nc_year", "birth_term",
)  # fmt: skip
FSM_CATEGORIES = {"TFSM": "yes", "EFSM": "expanded", "OFSM": "other_category"}
CATEGORY_NOT_TOLD = "category_not_told"
BIRTH_TERMS = ("autumn", "spring", "summer")  # September to December, January to April, May to August


def groups(records: Records, dates: AsOfDates) -> pd.DataFrame:
    """The groups of everyone in the cohorts of some as-of dates, from the latest census known at each.

    Returns
    -------
    pandas.DataFrame
        One row a pupil of a cohort, in order of date and pupil: pupil (int64), as_of (date), told_on (datetime64: the day of
        the census that tells; missing where none is known), then text, `NOT_KNOWN` where neither the census nor the roll tells:

        ethnicity
            DfE main code; extended codes roll up as `codes/ethnicity.csv` says.
        ethnicity_major
            White, Mixed, Asian, Black, Chinese, Other; Unclassified for refused and not yet obtained,
            which is what the census said, and so is not the same as not known.
        ethnicity_as_recorded
            The code as the census has it: extended (AOPK, Other Pakistani) where the school uses those.
        fsm_eligible
            yes (eligible, and targeted where the census tells: the series that goes on), expanded (all other Universal
            Credit households, from September 2026), other_category (OFSM), category_not_told (eligible at a census since
            September 2026 that does not tell the category: cannot be compared with earlier years), no.
        sex
            F, M; from the roll where no census is known.
        sen_provision
            N, K, E.
        sen_need
            DfE code of the primary need; none where no need is recorded.
        idaci_decile
            1 (most deprived) to 10, of the vintage beside it: deciles of two vintages are no one series.
        nc_year
            R, 1 to 11.
        birth_term
            autumn, spring, summer: the three terms by which summer-born pupils are told apart (DfE, Month
            of Birth and Education, research report RR017, 2010).
        idaci_vintage
            Year of the index that the decile is of (`codes/idaci_vintage.csv`), by the day of its census.
    """
    people = cohort(records, dates).select(*KEY, "nc_year", "months_young")
    rows = beside(people, _latest_census(records, dates))
    rows = beside(rows, _sex_on_roll(records, dates))
    frame = rows.order_by("as_of", "pupil").to_pyarrow().to_pandas()
    recorded = _text(frame.ethnicity)
    codes = code_set("ethnicity").set_index("code")
    has_census = frame.census_date.notna()
    made = {
        "pupil": frame.pupil.astype("int64"),
        "as_of": frame.as_of,
        "told_on": pd.to_datetime(frame.census_date),
        "idaci_vintage": vintages(frame, records),
        "ethnicity": recorded.map(codes.main_code).fillna(NOT_KNOWN),
        "ethnicity_major": recorded.map(codes.major_group).fillna(NOT_KNOWN),
        "ethnicity_as_recorded": recorded,
        "fsm_eligible": free_meals(frame),
        "sex": _text(frame.sex.where(frame.sex.notna(), frame.sex_on_roll)),
        "sen_provision": _text(frame.sen_provision),
        "sen_need": frame.sen_need_1.where(frame.sen_need_1.notna(), "none").where(has_census, NOT_KNOWN),
        "idaci_decile": frame.idaci_decile.map(
            lambda decile: NOT_KNOWN if pd.isna(decile) else str(int(decile))
        ),
        "nc_year": frame.nc_year.map(
            {UNKNOWN_YEAR: NOT_KNOWN, 0: "R"} | {year: str(year) for year in range(1, 12)}
        ),
        "birth_term": frame.months_young.map(
            lambda months: NOT_KNOWN if pd.isna(months) else BIRTH_TERMS[int(months) // 4]
        ),
    }
    return pd.DataFrame(made)[["pupil", "as_of", "told_on", *COLUMNS, "idaci_vintage"]]


def vintages(frame: pd.DataFrame, records: Records) -> pd.Series:
    """The vintage of each row's IDACI decile: that in force at its census, a new one from the day that the authority took it."""
    codes = code_set("idaci_vintage")
    days = [pd.Timestamp(day) for day in codes["published_on"]]
    own = [one.first_day for one in breaks(records.authority) if one.name == "idaci_vintage"]
    days[-1] = pd.Timestamp(own[0]) if own else days[-1]
    found = pd.Series(NOT_KNOWN, index=frame.index, dtype=object)
    census = pd.to_datetime(frame.census_date)
    for code, day in zip(codes["code"].astype(str), days, strict=True):
        found[(census >= day).to_numpy()] = code
    return found.where(frame.idaci_decile.notna(), NOT_KNOWN)


def free_meals(frame: pd.DataFrame) -> pd.Series:
    """The group by free school meals of each row, from fsm_eligible, fsm_category and census_date.

    A census before the expansion tells targeted eligibility whatever it says of a category.
    """
    found = frame.fsm_eligible.map({True: "yes", False: "no"}).fillna(NOT_KNOWN).astype(object)
    census = pd.to_datetime(frame.census_date)
    is_after = (census >= pd.Timestamp(first_day("free_school_meals"))).to_numpy()
    told = frame.fsm_category.map(FSM_CATEGORIES).where(frame.fsm_category.notna(), CATEGORY_NOT_TOLD)
    return found.where(~(is_after & (found == "yes").to_numpy()), told)


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), NOT_KNOWN)


def _latest_census(records: Records, dates: AsOfDates) -> ir.Table:
    rows = census_rows(records, dates).filter(lambda t: t.is_last)
    return rows.select(
        *KEY,
        "census_date",
        "ethnicity",
        "fsm_eligible",
        "sex",
        "sen_provision",
        "sen_need_1",
        "idaci_decile",
        "fsm_category",
    )


def _sex_on_roll(records: Records, dates: AsOfDates) -> ir.Table:
    rows = roll_spells(records, dates)
    rows = rows.filter(rows.sex.notnull())
    newest = ibis.row_number().over(group_by=KEY, order_by=[rows.entry_date.desc(), rows.urn])
    return rows.mutate(newest=newest).filter(lambda t: t.newest == 0).select(*KEY, sex_on_roll="sex")
