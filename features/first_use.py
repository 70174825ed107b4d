"""Codes that the data set of May 2026 brought, and the first day on which each school used one: a break by school.

Children whom a school calls by a new code from then on had another before, which nothing in the records maps to it. Nobody is
moved from one to the other here: who reads groups or reasons by code is told where and when the words changed.
"""

import ibis
import pandas as pd

from features.as_of import AsOf
from features.codes import new_codes
from features.known import clusters, suspension_events
from features.records.store import Records

COLUMNS = ("kind", "code", "cluster", "first_on", "num_pupils")


def first_uses(records: Records, as_of: AsOf) -> pd.DataFrame:
    """Each school's first use of each new code, as known at a date.

    Returns
    -------
    pandas.DataFrame
        kind (ethnicity, reason), code, cluster (URN of the school today), first_on (date: of the census or of the event),
        num_pupils (distinct, up to the date); in that order. Empty where no school uses one.
    """
    census = as_of.alone.known(records.tables["census"], "census_date")
    parts = [
        census.select("pupil", "urn", kind=ibis.literal("ethnicity"), code="ethnicity", day="census_date")
    ]
    events = suspension_events(records, as_of.alone)
    parts += [
        events.select("pupil", "urn", kind=ibis.literal("reason"), code=reason, day="start_date")
        for reason in ("reason_1", "reason_2", "reason_3")
    ]
    rows = ibis.union(*parts)
    is_new = (rows.kind == "ethnicity") & rows.code.isin(sorted(new_codes("ethnicity")))
    is_new |= (rows.kind == "reason") & rows.code.isin(sorted(new_codes("exclusion_reason")))
    rows = rows.filter(is_new).inner_join(clusters(records), "urn")
    found = rows.group_by("kind", "code", "cluster").agg(
        first_on=rows.day.min(), num_pupils=rows.pupil.nunique().cast("int64")
    )
    frame = found.order_by("kind", "code", "cluster").to_pandas()[list(COLUMNS)]
    return frame.assign(first_on=pd.to_datetime(frame["first_on"]).dt.date)
