"""Promises of the made-up authority's truth, by simulation: slow."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from features.synthetic import truth_folder, write_authority

pytestmark = pytest.mark.promise
AS_OF = (date(2023, 2, 10), date(2024, 2, 9))
DRAWN = """
    with events as (
        select upn, urn, category, start_date, max_by(sessions, recorded_on) as sessions, max_by(outcome, recorded_on) as outcome
        from read_csv('{out}/suspensions.csv', types = {{'sessions': 'INT', 'outcome': 'VARCHAR'}}) group by all
    ), truth as (select * from '{out}.truth/*.parquet'),
    stays as (  -- who leaves the authority is not observed
        select truth.upn, truth.as_of from truth join read_csv('{out}/roll.csv') as roll using (upn)
        where roll.leaving_date is null or roll.leaving_date >= truth.as_of + 364 or roll.leaving_reason = 'end_of_schooling' group by all
    )
    select truth.*, coalesce(sum(sessions) filter (category = 'SUSP'), 0) as sessions, count(*) filter (category = 'SUSP') as suspended,
        count(*) filter (category = 'PERM' and coalesce(outcome, '') <> 'cancelled') as excluded
    from truth semi join stays using (upn, as_of)
    left join events on events.upn = truth.upn and events.start_date >= truth.as_of and events.start_date < truth.as_of + 365
    group by all
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Truth beside what happened, for several authorities."""
    parts = []
    for seed in range(8):
        out = tmp_path_factory.mktemp("truth") / "city"
        write_authority(out, pupils=20_000, years=3, seed=100 + seed, truth_dates=AS_OF)
        parts.append(duckdb.connect().execute(DRAWN.format(out=out)).df())
        assert len(list(truth_folder(out).iterdir())) == len(AS_OF)
    rows = pd.concat(parts)
    rows["is_serious"] = (rows["excluded"] > 0) | (rows["sessions"] >= 20)
    rows["is_excluded"] = rows["excluded"] > 0
    rows["is_suspended"] = rows["suspended"] > 0
    return rows


@pytest.mark.parametrize(
    ("chance", "happened"),
    [
        ("serious_exclusion", "is_serious"),
        ("permanent_exclusion", "is_excluded"),
        ("any_suspension", "is_suspended"),
    ],
)
def test_truth_is_calibrated_from_the_rarest_to_the_likeliest(outcomes, chance, happened):
    """Within a tenth, for known small departures, and three standard errors; by bands of the truth."""
    bands = np.quantile(outcomes[chance], [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995])
    grouped = outcomes.groupby(np.searchsorted(bands, outcomes[chance]))
    expected, observed = grouped[chance].sum(), grouped[happened].sum()
    tolerance = 0.12 * expected + 3 * np.sqrt(1.3 * expected)  # two windows of a pupil can overlap: 1.3
    assert (abs(observed - expected) <= tolerance).all(), pd.DataFrame(
        {"expected": expected, "observed": observed}
    )


def test_nothing_lists_more_of_those_excluded_than_the_truth(outcomes):
    """At the same places, not earlier suspensions, nor their days, nor chance."""
    places = len(outcomes) // 80
    by_truth = outcomes.nlargest(places, "serious_exclusion")["is_serious"].sum()
    by_other = outcomes.nlargest(places, "permanent_exclusion")["is_serious"].sum()
    assert by_truth > 0.25 * outcomes["is_serious"].sum()
    assert by_truth >= by_other
