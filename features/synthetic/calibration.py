"""Realised against published: whether a made-up authority looks like the published figures say."""

from pathlib import Path

import pandas as pd

from features.synthetic.calibration_rates import exclusion_rows, pupil_years
from features.synthetic.calibration_records import absence_rows, population_rows, school_rows
from features.synthetic.calibration_row import COLUMNS, HOW
from features.synthetic.calibration_shares import event_rows, repetition_rows


def calibration(extract: Path) -> pd.DataFrame:
    """Realised against published for the extract of a made-up authority.

    Returns
    -------
    pandas.DataFrame
        figure, published, source, realised, tolerance, how (the tolerance was reached), is_within
        (True, False, or None where too little is expected to judge).
    """
    rows = pupil_years(extract)
    return pd.DataFrame(
        [
            *exclusion_rows(rows),
            *repetition_rows(rows),
            *absence_rows(extract, rows),
            *event_rows(extract),
            *school_rows(extract, rows),
            *population_rows(extract, rows),
        ],
        columns=COLUMNS,
    )


def calibration_table(extract: Path) -> str:
    """`calibration` as plain text, what is not within its tolerance first, with a line that sums up."""
    table = calibration(extract)
    judged = table["is_within"].notna()
    outside = judged & (table["is_within"] == False)  # noqa: E712  None is neither
    lines = [f"{'':8}{'realised':>10}{'published':>11}{'tolerance':>11}  figure"]
    for mark, part in (
        ("OUTSIDE", table[outside]),
        ("within", table[judged & ~outside]),
        ("few", table[~judged]),
    ):
        lines += [
            f"{mark:8}{line.realised:10.3f}{line.published:11.3f}{line.tolerance:11.3f}  {line.figure}"
            for line in part.itertuples()
        ]
    lines += ["", f"Tolerance: {HOW}; shares of another year or place have more slack (SLACK_OTHER)."]
    lines.append(
        f"{outside.sum()} of {judged.sum()} figures judged are outside their tolerance; {(~judged).sum()} rest on too few to judge."
    )
    return "\n".join(lines)
