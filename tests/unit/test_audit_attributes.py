"""Whom an audit looks at: groups of the framework, from one declaration."""

import numpy as np
import pandas as pd

from features.groups import COLUMNS
from models.audit_attributes import AUDIT_ATTRIBUTES
from training.audit.attributes import cohort_attributes
from training.panel import Panel


def panel_of(num: int) -> Panel:
    whole, text = np.zeros(num, dtype=np.int64), np.full(num, "")
    return Panel(
        X=np.zeros((num, 0), np.float32), y=np.zeros(num), pupil=np.arange(num), as_of=np.full(num, "2024-05-24", dtype="datetime64[D]"),
        cluster=whole, school=whole.astype(np.int32), moment=whole.astype(np.int32), phase=np.full(num, "primary"),
        district=np.full(num, "north"), nc_year=whole.astype(np.int16), standing=text, is_hidden_exit=np.zeros(num, dtype=bool), target=np.zeros(num),
    )  # fmt: skip


def test_attributes_of_the_framework_are_read_from_records_of_the_day():
    """Looked after comes before previously looked after; what is nowhere is not known; a column that is not there makes no attribute."""
    panel = panel_of(4)
    keys = {"pupil": panel.pupil, "as_of": panel.as_of}
    nan = float("nan")
    matrix = pd.DataFrame(
        keys | {
            "is_cla_open": [1, 0, 0, nan], "is_plac_open": [1, 1, 0, nan], "num_permanent_exclusions_380": [0, 1, 2, nan],
            "share_illness_190": [0.1, 0.0999, 0.3, nan], "is_s19_medical_open": [0, 1, 0, nan],
        }
    )  # fmt: skip
    known = pd.DataFrame(
        keys | {"nc_year": ["R", "6", "7", "11"], "birth_term": ["summer", "spring", "autumn", "not known"]}
    )
    made = {each.name: each for each in cohort_attributes(panel, known, matrix)}
    groups = {name: [each.groups[code] for code in each.code] for name, each in made.items()}
    assert groups["care"] == ["looked_after", "previously", "no", "not known"]
    assert groups["excluded_before"] == ["no", "yes", "yes", "not known"]
    assert groups["health_absence"] == ["yes", "yes", "yes", "not known"]
    assert groups["school_age"] == ["primary", "primary", "secondary", "secondary"]
    assert groups["birth_term"] == ["summer", "spring", "autumn", "not known"]
    assert "custody" not in made and "young_carer" not in made
    assert "care" not in {each.name for each in cohort_attributes(panel, known)}
    assert made["care"].label("looked_after") == "Looked after"


def test_every_attribute_is_declared_whole():
    """Each reads a column of the groups, of the matrix or of the panel, and every group that it can make has its words."""
    for each in AUDIT_ATTRIBUTES:
        column = each.column or each.name
        assert each.records or column in (*COLUMNS, "phase", "district"), each.name
        made = (
            {group for *_, group in each.records.when} | {each.records.otherwise}
            if each.records
            else set(each.codes.values())
        )
        assert made <= set(each.groups), each.name
        assert each.title[0].isupper()
