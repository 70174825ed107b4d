"""Any small scored list: the audit's rates are those by hand, and what cannot be told has no figure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audits import by_hand, scored
from training.audit.publish import publish
from training.audit.tables import group_tables

row = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([0.0, 1.0, np.nan]),
    st.sampled_from([0.0, 0.25, 1.0]),
    st.integers(0, 9),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(row, min_size=1, max_size=120))
def test_every_told_rate_is_the_one_by_hand(rows):
    frame = pd.DataFrame(rows, columns=["group", "y", "listed", "school"])
    overall, made = group_tables(scored(frame, draws=100))
    assert sum(each["n"] for each in made) == len(frame) == overall["n"]
    for each in made:
        for name, value in by_hand(frame, (frame["group"] == each["group"]).to_numpy()).items():
            facts = each["metrics"][name]
            if facts["estimate"] is None:
                assert facts["status"] == "cannot_tell"
                assert facts["reason"]
            else:
                assert facts["estimate"] == pytest.approx(value, abs=1e-6)
            if facts["low"] is not None:
                assert facts["low"] - 1e-6 <= facts["high"]
                assert min(each["num_pupils"], each["events"] if name == "recall" else 10) >= 10


@settings(max_examples=10, deadline=None)
@given(st.lists(row, min_size=30, max_size=120))
def test_what_is_published_holds_nothing_small_or_exact(rows):
    frame = pd.DataFrame(rows, columns=["group", "y", "listed", "school"])
    overall, made = group_tables(scored(frame, draws=100))
    kept = (
        "schema_version",
        "kind",
        "title",
        "authority",
        "is_made_up",
        "outcome",
        "window_days",
        "audited_on",
        "statement",
        "cannot_see",
        "rates",
        "methods",
    )
    published = publish({**dict.fromkeys(kept, ""), "overall": overall, "groups": made, "findings": []})
    for each in published["groups"]:
        for count in (each["n"], each["events"]):
            assert count is None or (count >= 10 and count % 5 == 0)
        for facts in each["metrics"].values():
            assert facts["status"] == "cannot_tell" or round(facts["estimate"], 2) == facts["estimate"]
    for total in published["totals"]:
        assert total["n"] is None or total["n"] % 5 == 0
