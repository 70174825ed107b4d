"""The made-up authority's parts, each against something slower or known."""

from datetime import date

import numpy as np
import pytest

from features.records.upn import upn_fault
from features.synthetic import assumptions as assume
from features.synthetic.absence import band_bounds, yearly_absence
from features.synthetic.ahead import eligible_dates, steps_of
from features.synthetic.calendar import easter, school_year
from features.synthetic.difficulty import LEVELS, believe, level_shares, prevalence, spread, start_odds
from features.synthetic.figures import figures
from features.synthetic.hazards import season
from features.synthetic.identity import Register
from features.synthetic.incidents import EVENT, LONGEST, OUTCOMES, one_at_a_time, session_shares
from features.synthetic.rates import GROUPS, PHASES, joint, published, solve
from features.synthetic.registers import training_days
from features.synthetic.schools import build_schools
from features.synthetic.switches import SwitchRefused, parse_bias
from features.synthetic.truth import GRID, SERIOUS_SESSIONS, under_serious


def test_calendar_of_2024_25():
    year = school_year(2024)
    assert easter(2025) == date(2025, 4, 20)
    assert year.half_terms[0] == (date(2024, 9, 2), date(2024, 10, 25))
    assert year.half_terms[3] == (date(2025, 2, 24), date(2025, 4, 11))
    assert year.half_terms[5] == (date(2025, 6, 2), date(2025, 7, 18))
    assert year.closures == (date(2025, 5, 5),)
    assert np.datetime64("2025-05-05") not in year.days
    assert year.end_of_compulsory_schooling == date(2025, 6, 27)


@pytest.mark.parametrize("start", range(2015, 2030))
def test_every_year_has_about_190_school_days(start):
    year = school_year(start)
    assert 185 <= len(year.days) <= 195
    assert (np.diff(year.days) > np.timedelta64(0)).all()


def test_a_upn_is_given_once_and_has_its_check_letter():
    register = Register()
    many = np.concatenate([
        register.at_school(np.repeat([2001, 2002], 700), np.full(1400, 2015)), register.at_school(np.full(700, 2001), np.full(700, 2015)),
        register.elsewhere(np.full(500, 2012)), register.elsewhere(np.full(500, 2012)),
    ])  # fmt: skip
    assert len(set(many.tolist())) == len(many)
    assert {upn_fault(upn) for upn in many.tolist()} == {""}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", ["suspension", "permanent"])
def test_expected_rates_meet_every_published_margin(phase, kind):
    weight, levels = joint(phase)
    rate = solve(phase).yearly(kind, levels)
    for group in GROUPS:
        target = published(phase, kind, group)
        size = np.bincount(levels[group], weight, len(target))
        events = np.bincount(levels[group], weight * rate, len(target))
        known = ~np.isnan(target) & (size > 0) & (target > 0) & (events > 0)
        if not known.any():
            continue  # SEN provision in special schools: everyone has a plan
        ratio = (events[known] / size[known]) / target[known]
        assert np.ptp(ratio) <= 0.03 * ratio.mean(), group


def test_belief_agrees_with_bayes_by_hand():
    prior, expected, number = np.array([0.9, 0.06, 0.03, 0.01]), 0.2, 2
    likelihood = np.array(
        [0.0 if not level else (expected * level) ** 2 * np.exp(-expected * level) for level in LEVELS]
    )
    by_hand = prior * likelihood / (prior * likelihood).sum()
    assert believe(prior[None], np.array([expected]), np.array([number]))[0] == pytest.approx(
        by_hand, abs=1e-9
    )


def test_belief_spreads_to_the_wanted_prevalence():
    """With one effect for all, the chain settles at the odds that it is given."""
    shares, odds = start_odds()
    assert (np.diff(shares) > 0).all()
    rate = assume.END_OF_DIFFICULTY * 0.1 / 0.9
    belief = np.array([[1.0, 0, 0, 0]])
    for _ in range(300):
        belief = spread(belief, np.array([1]), np.array([rate]), assume.END_OF_DIFFICULTY)
    assert belief.sum() == pytest.approx(1)
    assert 1 - belief[0, 0] == pytest.approx(0.1, abs=0.002)
    assert belief[0, 1:] / (1 - belief[0, 0]) == pytest.approx(level_shares()[1][1:])


def test_prevalence_times_frequency_is_the_rate():
    assert prevalence(np.array([1]), np.array([0.1])) * (level_shares() @ LEVELS)[1] == pytest.approx(0.1)


def test_compound_poisson_agrees_with_simulation():
    rng = np.random.default_rng(5)
    sizes, mean = session_shares("secondary"), GRID[np.searchsorted(GRID, 3.0)]
    counts = rng.poisson(mean, 40_000)
    drawn = rng.choice(len(sizes), counts.sum(), p=sizes)
    totals = np.bincount(np.repeat(np.arange(len(counts)), counts), drawn, len(counts))
    share = float((totals < SERIOUS_SESSIONS).mean())
    assert np.interp(mean, GRID, under_serious("secondary", 1.0)) == pytest.approx(share, abs=0.01)


def test_a_biased_response_is_longer():
    sessions = np.arange(2 * LONGEST + 1)
    assert session_shares("primary", 1.5) @ sessions == pytest.approx(
        1.5 * (session_shares("primary") @ sessions), rel=0.1
    )


def test_seasons_sum_to_one():
    for kind in ("suspension", "permanent"):
        assert season(school_year(2023).half, kind).sum() == pytest.approx(1)


def test_window_of_a_summer_date_is_the_next_year_and_leavers_end_in_june():
    steps = steps_of(date(2024, 7, 19), school_year(2023))
    assert [step.half for step in steps] == [5, 0, 1, 2, 3, 4, 5]
    assert steps[0].ahead == 0 and steps[-1].ahead == 6
    assert 0 < steps[0].part < 0.05
    assert steps[-1].part == 1.0 and steps[-1].part_of_leavers == pytest.approx(20 / 35, abs=0.02)


def test_default_truth_dates_are_the_last_two_eligible():
    dates = eligible_dates(range(2020, 2025), date(*assume.EXTRACTED_ON), 3)
    assert dates[-2:] == [date(2024, 5, 24), date(2024, 7, 19)]


def test_plans_go_with_severe_absence_oftener_than_sen_support_as_published():
    rest = band_bounds("primary")[..., -2]
    odds = (1 - rest) / rest
    assert odds[..., 2] == pytest.approx(odds[..., 1] * 5.645161 / 1.645361, rel=1e-6, abs=1e-9)
    assert odds[..., 1].mean() > 0.01


def test_as_many_are_to_be_severely_absent_as_their_band_says():
    size, rng = 120_000, np.random.default_rng(3)
    fields = [("nc", "i1"), ("sex", "i1"), ("fsm", "?"), ("absence", "f8"), ("is_adverse", "?")]
    pupils, provision = np.zeros(size, fields), np.arange(size) % 3
    pupils["nc"], pupils["absence"] = 4, rng.standard_normal(size)
    share = yearly_absence(rng, pupils, np.zeros(size, int), provision, rng.standard_normal(size))
    severe = np.bincount(provision, share >= 0.5) / np.bincount(provision)
    assert severe == pytest.approx(1 - band_bounds("primary")[5, 0, 0, :, -2], rel=0.25)


def test_nothing_follows_an_upheld_permanent_exclusion():
    events = np.zeros(3, EVENT)
    events["day"], events["category"], events["sessions"], events["out_days"] = (
        [3, 10, 40],
        [0, 1, 0],
        [4, 0, 2],
        [2, 20, 1],
    )
    events["outcome"] = [0, np.flatnonzero(OUTCOMES == "upheld")[0], 0]
    assert one_at_a_time(events, 190)["day"].tolist() == [3, 10]


def test_training_days_are_the_same_wherever_asked():
    assert training_days(3, 2021, 7, 190).tolist() == training_days(3, 2021, 7, 190).tolist()
    assert training_days(3, 2021, 7, 190).tolist() != training_days(3, 2021, 8, 190).tolist()


@pytest.mark.parametrize("log_sd", [0.0, 0.3, 0.9])
def test_school_severity_is_the_spread_of_schools_rates_about_one(log_sd):
    rows = build_schools(1, 200_000, 5, school_severity=log_sd).rows
    secondary = rows[rows["phase"] == PHASES.index("secondary")]
    assert np.std(np.log(secondary["severity"])) == pytest.approx(log_sd, rel=0.1, abs=1e-6)
    assert np.average(secondary["severity"], weights=secondary["places"]) == pytest.approx(1, rel=1e-3)


def test_bias_is_read_and_every_breach_told():
    assert parse_bias(["BCRB=1.5", "WROM=2"]) == {"BCRB": 1.5, "WROM": 2.0}
    with pytest.raises(SwitchRefused) as refused:
        parse_bias(["XXXX=1.5", "BCRB=0.5", "BCRB"])
    assert len(refused.value.breaches) == 3


@pytest.mark.parametrize(
    "name", ["absence", "codes", "frame", "rates", "reasons", "schools", "shares", "suspensions", "terms"]
)
def test_every_figure_has_a_source(name):
    assert figures(name)["source"].astype(str).str.len().ge(10).all()
