"""Breaks in time between the days compared: what they explain is said, and raises no alarm."""

from collections.abc import Mapping, Sequence
from typing import Any

from features.codes import code_set
from features.contract.breaks import Break, breaks
from features.matrix import FEATURES
from features.records.store import Records
from features.views import VIEWS
from training.broken import broken, of_groups
from training.monitor.limits import CANNOT_TELL, OUTSIDE
from training.monitor.moments import Moments

# A reason that was split in the data set of May 2026: what it became is counted with it.
CAME_FROM = {
    **dict.fromkeys(("DR", "AR", "SR", "VR"), "DA"),
    **dict.fromkeys(("LD", "CB"), "DB"),
    "BW": "OW",
    "TB": "BU",
}
NEW_REASONS = frozenset(
    row.code for row in code_set("exclusion_reason").itertuples() if "May 2026" in str(row.since)
) - set(CAME_FROM)  # fmt: skip
VIEW_OF = {feature.name: VIEWS[feature.view].counts for feature in FEATURES}
Row = dict[str, Any]


def expected(records: Records, days: Moments) -> list[Break]:
    """The breaks that lie between the earliest day compared and the day watched."""
    if not days.earlier:
        return []
    first = min(then.on for then, _ in days.earlier)
    return [
        one
        for one in breaks(records.authority)
        if one.monitor == "expected" and one.touches(first, days.now.on)
    ]


def features_explained(rows: Sequence[Row], some: Sequence[Break]) -> None:
    """Features of records whose meaning changed on the authority's own day: shown, in place, and no alarm."""
    own = [one for one in some if one.scope == "authority"]
    for row in rows:
        found = [one for one in own if set(one.hits) & set(VIEW_OF.get(row["name"], ()))]
        if found and row["status"] == OUTSIDE:
            row |= {"status": CANNOT_TELL, "reason": f"expected: {found[0].sentence}"}


def reasons_explained(rows: Sequence[Row], some: Sequence[Break]) -> None:
    """Reasons that came with the data set of May 2026, and have no code that they came from: shown, and no alarm."""
    found = [one for one in some if one.name == "reason_codes"]
    for row in rows:
        if found and row["kind"] == "reason" and row["name"] in NEW_REASONS and row["status"] == OUTSIDE:
            row |= {"status": CANNOT_TELL, "reason": f"expected: {found[0].sentence}"}


def groups_explained(rows: Sequence[Row], some: Sequence[Break]) -> None:
    """Groups on two sides of a break are not compared; the series that goes on is, unless some do not tell their category."""
    hit = of_groups(some)
    for name, one in hit.items():
        reasons = broken(one, name, {row["name"] for row in rows if row["attribute"] == name})
        for row in rows:
            if row["attribute"] == name and row["name"] in reasons:
                row |= {"status": CANNOT_TELL, "low": None, "high": None, "reason": reasons[row["name"]]}


def said(some: Sequence[Break]) -> list[Mapping[str, Any]]:
    """What the facts hold of them."""
    return [one.as_facts() for one in some]
