"""The groups that an authority's audit looks at: every DfE group has a row, also with nobody in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.calendar import Calendar
from features.codes import code_set, new_codes
from features.contract.breaks import Break
from features.first_use import first_uses
from features.groups import COLUMNS
from features.records.store import Records
from features.tables import PHASES
from models.audit_attributes import AUDIT_ATTRIBUTES, BY_NAME, NOT_KNOWN, FromRecords
from models.said import how_sure, school_said
from training.audit.errors import AuditRefused
from training.audit.scored import Attribute, attribute, crossed
from training.broken import BOTH, broken, of_groups, side_of
from training.comparators import groups_of
from training.moved import names_of
from training.panel import Panel, days

BY_PUPIL = ("ethnicity", "ethnicity_major", "fsm_eligible", "sex", "sen_provision")  # of those, a pupil's own
TOLD_BY = ("ethnicity_major", "fsm_eligible", "sex", "sen_provision")
CROSSED = (
    ("ethnicity", "fsm_eligible"), ("ethnicity", "sex"), ("ethnicity", "sen_provision"), ("fsm_eligible", "sen_provision"),
)  # fmt: skip
LABELS = {each.name: dict(each.groups) for each in AUDIT_ATTRIBUTES if each.groups}
MOST_SCHOOLS = 10  # named in one sentence
OF_NEW_REASONS = (
    "A code split from another stands in one group with it here; one that stands alone begins its own series at each school. "
    "What was recorded before keeps the reason of its day."
)
LATER_LABELS = {each.name: dict(each.later) for each in AUDIT_ATTRIBUTES}


def cohort_attributes(
    panel: Panel,
    known_groups: pd.DataFrame,
    matrix: pd.DataFrame | None = None,
    breaks: Sequence[Break] = (),
) -> tuple[Attribute, ...]:
    """Attributes and crossings of a panel's rows; those that neither the groups nor the matrix hold are left out.

    Parameters
    ----------
    matrix : pandas.DataFrame or None
        Features of the panel's dates, for attributes that are read from records; None leaves those out.
    breaks : sequence of Break
        Where the rows lie on both sides of one, its groups are `broken`: no rate of them is told.
    """
    rows = pd.DataFrame({"pupil": panel.pupil, "as_of": panel.as_of})
    held = [name for name in ("told_on", *COLUMNS) if name in known_groups]
    found = known_groups[["pupil", "as_of", *held]].assign(as_of=days(known_groups["as_of"]))
    values = rows.merge(found, on=["pupil", "as_of"], how="left", validate="one_to_one")
    values = values.assign(phase=panel.phase, district=panel.district)
    made = {}
    for each in AUDIT_ATTRIBUTES:
        column = (
            from_records(each.records, rows, matrix) if each.records else values.get(each.column or each.name)
        )
        if column is not None:
            coded = column.map(dict(each.codes)) if each.codes else column
            made[each.name] = attribute(each.name, coded, expected(each.name), labels(each.name))
    for name, one in of_groups(breaks).items():
        if name in made and side_of(one, told_on(values), panel.as_of) == BOTH:
            made[name] = replace(made[name], broken=broken(one, name, in_use(made[name])))
    pairs = [crossed(made[a], made[b]) for a, b in CROSSED if a in made and b in made]
    return (*made.values(), *pairs)


def told_on(values: pd.DataFrame) -> pd.Series:
    """The day of the record that tells each row's groups: its census, or where that is not given its own date."""
    return values["told_on"] if "told_on" in values else pd.to_datetime(values["as_of"])


def in_use(one: Attribute) -> tuple[str, ...]:
    """The groups that anybody is in."""
    num = np.bincount(one.code, minlength=len(one.groups))
    return tuple(group for group, count in zip(one.groups, num, strict=True) if count)


def breaks_told(
    breaks: Sequence[Break], panel: Panel, known_groups: pd.DataFrame, attributes: Sequence[Attribute]
) -> list[dict[str, Any]]:
    """The breaks after which groups of an audited attribute are others: which, and on which side these rows were told."""
    found = known_groups.assign(as_of=days(known_groups["as_of"]))
    held = [name for name in ("told_on",) if name in found]
    rows = pd.DataFrame({"pupil": panel.pupil, "as_of": panel.as_of})
    rows = rows.merge(found[["pupil", "as_of", *held]], on=["pupil", "as_of"], how="left")
    by_name = {each.name: each for each in attributes}
    return [
        one.as_facts()
        | {
            "attribute": name,
            "side": side_of(one, told_on(rows), panel.as_of),
            "groups": sorted(broken(one, name, in_use(by_name[name]))),
        }
        for name, one in of_groups(breaks).items()
        if name in by_name
    ]


def break_notes(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader must know first where these rows lie on both sides of a break."""
    return [
        f"{BY_NAME[each['attribute']].title}: groups were told on both sides of {each['first_day']}, so they cannot be compared: "
        f"{'; '.join(labels(each['attribute']).get(group, group) for group in each['groups'])}. {each['sentence']} "
        f"How sure that is: {how_sure(each['certainty'])}."
        for each in told
        if each["side"] == BOTH and each["groups"]
    ]


def first_use_notes(records: Records, on: date, known_groups: pd.DataFrame) -> list[str]:
    """Schools that began to use new codes, which nobody was moved to or from here, a note for each kind; empty where none did.

    Parameters
    ----------
    known_groups : pandas.DataFrame
        Groups at the dates audited: how many pupils came to a new code from which other is counted in them.
    """
    found, names = first_uses(records, AsOf(on, Calendar.of(records.authority))), names_of(records)
    notes = []
    for kind, title, codes in (
        ("ethnicity", "Ethnic group", "ethnicity"),
        ("reason", "Reasons of suspensions", "exclusion_reason"),
    ):
        rows = found[found["kind"] == kind]
        if rows.empty:
            continue
        used, words = sorted(set(rows["code"])), new_codes(codes)
        urns = sorted(set(rows["cluster"].tolist()))
        named = ", ".join(school_said(urn, names) for urn in urns[:MOST_SCHOOLS])
        named += f" and {len(urns) - MOST_SCHOOLS} more" if len(urns) > MOST_SCHOOLS else ""
        begun = (
            f"{title}: {len(urns)} school{'' if len(urns) == 1 else 's'} ({named}) began to use new codes, the first on "
            f"{rows['first_on'].min()}: {', '.join(f'{words[code]} ({code})' for code in used)}."
        )
        notes.append(
            f"{begun} {_of_new_groups(known_groups, used) if kind == 'ethnicity' else OF_NEW_REASONS}"
        )
    return notes


def _of_new_groups(known_groups: pd.DataFrame, used: Sequence[str]) -> str:
    """What new groups are, and from which the children came."""
    rows = known_groups.sort_values("as_of", kind="stable").drop_duplicates(["pupil", "ethnicity"])
    came = rows[rows["ethnicity"].isin(used)].merge(
        rows[~rows["ethnicity"].isin(used)], on="pupil", suffixes=("", "_was")
    )
    words = labels("ethnicity") | new_codes("ethnicity")
    origins = sorted(set(came.loc[came["as_of_was"] < came["as_of"], "ethnicity_was"]) - {NOT_KNOWN})
    moved = f" Some came from: {', '.join(words.get(code, code) for code in origins)}." if origins else ""
    return (
        f"They are groups of their own: nobody was moved to or from another group.{moved} "
        "A rate of such a group from before a school's first use is not one series with a later one."
    )


def from_records(declared: FromRecords, rows: pd.DataFrame, matrix: pd.DataFrame | None) -> pd.Series | None:
    """A group for each row (pupil, as_of), by what its records held; None where no column that would tell is there."""
    held = [each for each in declared.when if matrix is not None and each[0] in matrix]
    if matrix is None or not held:
        return None
    columns = list(dict.fromkeys(name for name, *_ in held))
    known = matrix[["pupil", "as_of", *columns]].assign(as_of=days(matrix["as_of"]))
    found = rows.merge(known, on=["pupil", "as_of"], how="left", validate="one_to_one")
    groups = pd.Series(declared.otherwise, index=found.index, dtype=object)
    groups[found[columns].isna().all(axis=1)] = NOT_KNOWN
    for name, least, group in reversed(held):
        groups[found[name].astype(np.float64) >= least] = group
    return groups


def expected(name: str) -> list[str]:
    """Groups that have a row even with nobody in them."""
    if name in ("ethnicity", "ethnicity_major"):
        codes = code_set("ethnicity")
        main = codes[codes["level"].str.startswith("main")]
        return [*dict.fromkeys(main["main_code" if name == "ethnicity" else "major_group"]), NOT_KNOWN]
    return [*LABELS[name], NOT_KNOWN] if name in LABELS else []


def labels(name: str) -> dict[str, str]:
    """What a group's code means."""
    if name == "ethnicity":
        codes = code_set("ethnicity")
        main = codes[codes["level"].str.startswith("main")]
        return dict(zip(main["main_code"], main["description"], strict=True))
    if name == "phase":
        return PHASES
    return LABELS.get(name, {}) | LATER_LABELS.get(name, {})


def groups_told(records: Records, on: date) -> dict[str, dict[int, str]]:
    """Pupils' groups by each of `TOLD_BY`, in words: for counts of how far help reaches."""
    known = groups_of(records, [on])
    return {by: _in_words(known, by) for by in TOLD_BY}


def names_of_groups(records: Records, on: date, by: str) -> dict[int, str]:
    """Each pupil's group in words, for counts that leave by group: what managers see of screenings.

    Parameters
    ----------
    by : str
        Of `BY_PUPIL`.

    Returns
    -------
    dict of int to str
        Everyone in the cohort of the date; `NOT_KNOWN` where no record tells.

    Raises
    ------
    AuditRefused
    """
    if by not in BY_PUPIL:
        raise AuditRefused(f"There is no such group. Allowed values are {', '.join(BY_PUPIL)}.")
    return _in_words(groups_of(records, [on]), by)


def _in_words(known: pd.DataFrame, by: str) -> dict[int, str]:
    words = labels(by)
    return {pupil: words.get(code, code) for pupil, code in known[["pupil", by]].itertuples(index=False)}


def latest(known_groups: pd.DataFrame, pupils: pd.Series) -> pd.DataFrame:
    """The last known groups of some pupils, in their order; `NOT_KNOWN` for who was never in the cohort."""
    newest = known_groups.sort_values("as_of", kind="stable").drop_duplicates("pupil", keep="last")
    names = [name for name in ("ethnicity", "fsm_eligible", "sex", "sen_provision") if name in newest]
    found = newest.set_index("pupil")[names].reindex(np.asarray(pupils))
    return found.astype(object).where(found.notna(), NOT_KNOWN).reset_index(drop=True)
