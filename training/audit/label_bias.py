"""What an authority's records say of the labels themselves: sanctions, unrecorded suspensions, and what-ifs."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.calendar import Calendar
from features.contract.breaks import Break
from features.known import clusters, suspension_events
from features.records.store import Records
from features.suspensions import REASON_GROUPS
from features.untold import marked_by_school
from models.audit_attributes import NOT_KNOWN
from training.audit.attributes import labels, latest, told_on
from training.audit.frequency import ASKED as OFTEN
from training.audit.frequency import COULD_EXPLAIN, PupilYears, frequency
from training.audit.sanctions import ASKED, sanctions
from training.broken import BOTH, broken, of_groups, side_of
from training.panel import days

GROUPS = ("ethnicity", "fsm_eligible", "sex", "sen_provision")
SHARES = (0.1, 0.2, 0.3)
YEAR = 365
YEAR_SLACK = 20  # days by which the same half-term of another year may lie nearer than a year
COUNTED = "num_suspensions_190"  # of a school year
# What one would expect suspensions to follow from, were everyone answered alike. No earlier sanction is among them,
# nor what comes of one: absence that holds sessions suspended, places elsewhere, moves under management.
OTHER_RECORDS = (
    "share_unauthorised_190", "share_unauthorised_60", "share_illness_190", "share_late_60", "sen_provision", "is_semh", "is_slcn",
    "is_asd", "is_mld", "is_spld", "is_ehc_assessment_open", "is_ehcp_open", "year_group", "num_months_young_in_year", "is_cin_open",
    "is_cpp_open", "is_cla_open", "is_plac_open", "is_early_help_open", "is_young_carer_open", "is_mhst_open", "is_youth_justice_open",
    "has_had_social_worker_380", "has_had_early_help_380", "school_absence_rate", "school_num_pupils", "school_phase",
)  # fmt: skip
# A group is no input of its own expectation, nor is what says the same.
TOLD_BY = {
    "fsm_eligible": ("fsm_eligible", "idaci_decile"),
    "sen_provision": tuple(
        name
        for name in OTHER_RECORDS
        if name
        in (
            "sen_provision",
            "is_ehc_assessment_open",
            "is_ehcp_open",
            "is_semh",
            "is_slcn",
            "is_asd",
            "is_mld",
            "is_spld",
        )
    ),
}
WHAT_IF = (
    "If a stated share of a group's outcomes had been unjustified, the recall of the others would lie between two bounds: all of "
    "the unjustified among those listed, or all among those missed."
)


def label_bias(
    records: Records,
    known_groups: pd.DataFrame,
    rows: list[dict[str, Any]],
    draws: int,
    seed: int,
    matrix: pd.DataFrame | None = None,
    breaks: Sequence[Break] = (),
) -> dict[str, Any]:
    """Everything these records tell of their own labels.

    Parameters
    ----------
    known_groups : pandas.DataFrame
        From `comparators.groups_of`.
    rows : list of dict
        The audit's group rows, for the what-ifs.
    matrix : pandas.DataFrame or None
        The features of every as-of date, for how often groups are sanctioned; None leaves that out.
    breaks : sequence of Break
        Groups that one makes into two within the dates known are left out.
    """
    events = events_of(records, known_groups)
    held = [name for name in GROUPS if name in events]
    two = broken_groups(known_groups, breaks)
    found = one_meaning(sanctions(events, held, draws, seed) if len(events) else [], two)
    for row in found:
        row["label"] = labels(row["attribute"]).get(row["group"], row["group"])
    return {
        "asked": ASKED,
        "num_events": len(events),
        "groups": found,
        "frequency": None if matrix is None else sanctioned_more(matrix, known_groups, records, seed, two),
        "code_e": code_e(records),
        "what_if_means": WHAT_IF,
        "what_if": what_if(rows),
    }


def sanctioned_more(
    matrix: pd.DataFrame,
    known_groups: pd.DataFrame,
    records: Records,
    seed: int,
    two: Collection[tuple[str, str]] = (),
) -> dict[str, Any] | None:
    """How often groups are suspended beside what their other records lead one to expect; None without records."""
    rows, groups = pupil_years(matrix, known_groups)
    held = {name: groups[name].to_numpy(str) for name in GROUPS if name in groups}
    if not len(rows.pupil) or not held or rows.records.empty:
        return None
    found = one_meaning(frequency(rows, held, TOLD_BY, seed), two)
    for row in found:
        row["label"] = labels(row["attribute"]).get(row["group"], row["group"])
    return {
        "asked": OFTEN, "could_explain": COULD_EXPLAIN, "num_pupil_years": len(rows.pupil), "learned_from": list(rows.records.columns),
        "groups": found,
    }  # fmt: skip


def broken_groups(known_groups: pd.DataFrame, breaks: Sequence[Break]) -> set[tuple[str, str]]:
    """Attribute and group of those that a break within the dates known makes into two."""
    return {
        (name, group)
        for name, one in of_groups(breaks).items()
        if name in known_groups and side_of(one, told_on(known_groups), days(known_groups["as_of"])) == BOTH
        for group in broken(one, name, set(known_groups[name]))
    }


def one_meaning(rows: list[dict[str, Any]], two: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """Rows of groups that mean one thing."""
    return [row for row in rows if (row["attribute"], row["group"]) not in two]


def pupil_years(matrix: pd.DataFrame, known_groups: pd.DataFrame) -> tuple[PupilYears, pd.DataFrame]:
    """One as-of date of every year, counted back from the last, so that no day counts twice; and groups as last known."""
    on = days(matrix["as_of"])
    kept: list[np.datetime64] = []
    for day in np.unique(on)[::-1]:
        if not kept or kept[-1] - day >= np.timedelta64(YEAR - YEAR_SLACK, "D"):
            kept.append(day)
    rows = matrix[np.isin(on, np.array(kept)) & matrix[COUNTED].notna().to_numpy()]
    groups = latest(known_groups, rows["pupil"])
    made = {name: as_number(rows[name]) for name in OTHER_RECORDS if name in rows}
    if "fsm_eligible" in groups:
        made["fsm_eligible"] = groups["fsm_eligible"].map({"yes": 1.0, "no": 0.0}).to_numpy(np.float64)
    if "idaci_decile" in known_groups:
        newest = known_groups.sort_values("as_of", kind="stable").drop_duplicates("pupil", keep="last")
        if "idaci_vintage" in newest:  # deciles of two vintages are no one series: only the last is told
            is_last = newest["idaci_vintage"] == newest["idaci_vintage"].replace(NOT_KNOWN, "").max()
            newest = newest.assign(idaci_decile=newest["idaci_decile"].where(is_last))
        decile = newest.set_index("pupil")["idaci_decile"].reindex(rows["pupil"].to_numpy())
        made["idaci_decile"] = pd.to_numeric(decile, errors="coerce").to_numpy(np.float64)
    made["year"] = np.unique(days(rows["as_of"]), return_inverse=True)[1].astype(np.float64)
    years = PupilYears(
        rows["pupil"].to_numpy(np.int64), rows["cluster"].to_numpy(), rows["nc_year"].to_numpy(), rows[COUNTED].to_numpy(np.float64),
        pd.DataFrame(made),
    )  # fmt: skip
    return years, groups


def as_number(column: pd.Series) -> np.ndarray:
    """A feature as float64; the codes of one that has no order by their own order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(np.float64)
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64)


def events_of(records: Records, known_groups: pd.DataFrame) -> pd.DataFrame:
    """Suspensions and permanent exclusions on record, with what each is compared within.

    Returns
    -------
    pandas.DataFrame
        pupil, cluster, start_date, sessions, is_permanent, reason (a group of `REASON_GROUPS`, other, or
        none), earlier (events of the year before: 0, 1, 2, 3 for three or four, 5 for more), and groups.
    """
    calendar = Calendar.of(records.authority)
    rows = suspension_events(records, AsOf(records.authority.authority.extracted_on, calendar).alone)
    rows = rows.filter(rows.category.isin(["SUSP", "PERM"])).inner_join(clusters(records), "urn")
    events = rows.select("pupil", "cluster", "category", "start_date", "sessions", "reason_1").to_pandas()
    events = events.sort_values(["pupil", "start_date", "category", "sessions"], kind="stable").reset_index(
        drop=True
    )
    groups = {code: name for name, (codes, _) in REASON_GROUPS.items() for code in codes}
    start = days(events["start_date"]).astype(np.int64)
    pupil = np.unique(events["pupil"], return_inverse=True)[1]
    key = pupil * 10**6 + start  # days since 1970 stay well under a million
    earlier = np.searchsorted(key, key, "left") - np.searchsorted(
        key, np.maximum(key - YEAR, pupil * 10**6), "left"
    )
    made = pd.DataFrame(
        {
            "pupil": events["pupil"], "cluster": events["cluster"], "start_date": start, "sessions": events["sessions"],
            "is_permanent": events["category"] == "PERM",
            "reason": events["reason_1"].map(groups).fillna(events["reason_1"].map(lambda code: "other" if code else "none")),
            "earlier": np.array([0, 1, 2, 3, 3, 5])[np.minimum(earlier, 5)],
        }
    )  # fmt: skip
    return pd.concat([made, latest(known_groups, made["pupil"])], axis=1)


def code_e(records: Records) -> dict[str, Any]:
    """Sessions marked E (suspended or excluded) that no suspension on record covers, by school.

    Returns
    -------
    dict
        num_marked and num_sessions (those without a record), num_schools with any, schools: the ten with
        most, as urn, num_marked, num_sessions.
    """
    as_of = AsOf(records.authority.authority.extracted_on, Calendar.of(records.authority))
    by_school = marked_by_school(records, as_of)
    most = by_school[by_school["untold"] > 0].sort_values(["untold"], ascending=False, kind="stable")
    return {
        "num_marked": int(by_school["marked"].sum()),
        "num_sessions": int(by_school["untold"].sum()),
        "num_schools": len(most),
        "schools": [
            {"urn": int(str(urn)), "num_marked": int(row["marked"]), "num_sessions": int(row["untold"])}
            for urn, row in most.head(10).iterrows()
        ],
    }


def what_if(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recall if a share of a group's outcomes had been unjustified; only where recall can be told."""
    found = []
    for row in rows:
        if row["attribute"] != "ethnicity" or row["metrics"]["recall"]["status"] != "estimated":
            continue
        positives, listed = row["counts"]["positives"], row["counts"]["found"]
        for share in SHARES:
            gone = share * positives
            found.append(
                {
                    "attribute": row["attribute"], "group": row["group"], "label": row["label"], "share": share,
                    "recall": row["metrics"]["recall"]["estimate"],
                    "low": round(max(listed - gone, 0) / (positives - gone), 6),
                    "high": round(min(listed / (positives - gone), 1.0), 6),
                }
            )  # fmt: skip
    return found
