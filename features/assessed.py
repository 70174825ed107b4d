"""The last result known of each pupil, stage and subject of a statutory assessment, as integers that features sum."""

import ibis
import ibis.expr.types as ir

from features.as_of import AsOfDates
from features.records.store import Records
from features.tables import STAGES

EXPECTED = 100  # scaled score of the expected standard of key stages 1 and 2, every year since 2016
PHONICS_PASS = 32  # marks of 40 that meet the standard of the phonics screening check, every year since 2012
MOST_MARKS = 40


def latest_results(records: Records, dates: AsOfDates) -> ir.Table:
    """One row a pupil, stage and subject at each date: the last year in which there is a result, in its latest version.

    Who was absent has no result of that year; that of an earlier year stays.

    Returns
    -------
    ibis Table
        pupil, as_of; for each stage assessed and met (0 or 1), gap (scaled score less `EXPECTED`) and scored (0 or 1).
    """
    rows = dates.known(records.tables["attainment"], "taken_by")
    rows = rows.mutate(subject=rows.subject.fill_null("").strip().lower())
    own = ["as_of", "pupil", "stage", "subject"]
    version = ibis.row_number().over(group_by=[*own, "year"], order_by=[rows.known_on.desc(), rows.result])
    rows = rows.mutate(version=version).filter(lambda t: (t.version == 0) & (t.result != "absent"))
    last = ibis.row_number().over(group_by=own, order_by=rows.year.desc())
    rows = rows.mutate(last=last).filter(lambda t: t["last"] == 0)
    score = rows.result.nullif("met").nullif("not_met").cast("int32")
    is_marks = (rows.stage == "phonics") & (score <= MOST_MARKS)
    is_met = ibis.cases(
        (rows.result == "met", True),
        (rows.result == "not_met", False),
        (is_marks, score >= PHONICS_PASS),
        else_=score >= EXPECTED,
    )
    made: dict[str, ir.Value] = {}
    for stage in STAGES:
        here = rows.stage == stage
        is_scored = here & score.notnull() & ~is_marks.fill_null(False)
        made |= {
            f"{stage}_assessed": here.cast("int32"),
            f"{stage}_met": (here & is_met).cast("int32"),
            f"{stage}_scored": is_scored.cast("int32"),
            f"{stage}_gap": is_scored.ifelse(score - EXPECTED, 0),
        }
    return rows.select("pupil", "as_of", **made)
