"""Random effects against a textbook's numbers, and against the formulas written out."""

import numpy as np
import pytest
from scipy import stats

from training.pooled.random_effects import apart, random_effects, spread

# Trials of BCG against tuberculosis (Colditz et al. 1994), vaccinated and not: cases, and others; as in metadat's dat.bcg.
BCG = np.array([
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761), (180, 1361, 372, 1079),
    (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197),
    (5, 2493, 3, 2338), (27, 16886, 29, 17825),
], dtype=float)  # fmt: skip


@pytest.fixture(scope="module")
def trials():
    """Log risk ratios and their variances."""
    a, b, c, d = BCG.T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_the_textbook_s_numbers(trials):
    """Viechtbauer (2010), Conducting meta-analyses in R with the metafor package: Q 152.2330; tau squared of Paule and Mandel 0.3181;
    its Q-profile 0.1197 to 1.1115 (Viechtbauer 2007); with REML and Knapp and Hartung, whose tau squared is 0.3132, the mean is
    -0.7145 (-1.1084 to -0.3206) and I squared 92.22."""
    found = random_effects(*trials)
    assert apart(*trials, 0.0) == pytest.approx(152.2330, abs=5e-4)
    assert found.tau**2 == pytest.approx(0.3181, abs=5e-5)
    assert np.square(found.tau_range) == pytest.approx((0.1197, 1.1115), abs=5e-5)
    assert found.i_squared == pytest.approx(0.9222, abs=0.003)
    assert found.mean == pytest.approx(-0.7145, abs=0.002)
    assert (found.mean - found.reach, found.mean + found.reach) == pytest.approx(
        (-1.1084, -0.3206), abs=0.004
    )
    assert found.degrees == 12 and found.weight.sum() == pytest.approx(1)


def test_another_textbook_s_range_of_tau_squared():
    """The same trials as log odds ratios: 0.1302 to 1.1812 (metafor-project.org, analyses of van Houwelingen et al. 2002)."""
    a, b, c, d = BCG.T
    found = random_effects(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d)
    assert np.square(found.tau_range) == pytest.approx((0.1302, 1.1812), abs=1e-4)


def test_hartung_and_knapp_s_range_written_out(trials):
    """The factor q is 1 with Paule and Mandel's tau above 0, so that the short formula is theirs."""
    estimate, variance = trials
    found = random_effects(estimate, variance)
    weight = 1 / (variance + found.tau**2)
    q = float(weight @ (estimate - found.mean) ** 2) / (len(estimate) - 1)
    assert q == pytest.approx(1, abs=1e-6)
    assert found.reach == pytest.approx(stats.t.ppf(0.975, 12) * np.sqrt(q / weight.sum()), rel=1e-6)
    assert found.reach_of_new == pytest.approx(
        stats.t.ppf(0.975, 11) * np.sqrt(found.tau**2 + q / weight.sum()), rel=1e-6
    )


@pytest.mark.parametrize("num", [2, 3, 7])
def test_equal_authorities_pooled_equal_themselves(num):
    """Mean the same, no spread, and an error of one over the root of their number, never less by luck."""
    found = random_effects(np.full(num, 0.03), np.full(num, 0.0004))
    assert (found.mean, found.tau, found.i_squared) == (pytest.approx(0.03), 0.0, 0.0)
    assert found.error == pytest.approx(0.02 / np.sqrt(num))
    assert found.reach == pytest.approx(stats.t.ppf(0.975, num - 1) * 0.02 / np.sqrt(num))
    assert found.tau_range[0] == 0.0


def test_two_figures_far_apart_by_hand():
    """With equal variances v, tau squared is half the squared distance less v."""
    found = random_effects(np.array([0.0, 0.2]), np.array([0.001, 0.001]))
    assert found.tau**2 == pytest.approx(0.02 - 0.001)
    assert found.error == pytest.approx(0.1) and found.degrees == 1


def test_the_surer_weighs_more_and_less_so_the_more_they_differ():
    near = random_effects(np.array([0.01, 0.02, 0.03]), np.array([0.0001, 0.01, 0.01]))
    far = random_effects(np.array([0.01, 0.5, 0.9]), np.array([0.0001, 0.01, 0.01]))
    assert near.weight[0] > 0.9 and far.weight[0] < 0.4


def test_spread_is_zero_where_chance_is_enough_and_ends_where_the_target_is_met(trials):
    assert spread(np.array([0.1, 0.1]), np.array([1.0, 1.0]), 1.0) == 0.0
    between = spread(*trials, 4.0)
    assert apart(*trials, between) == pytest.approx(4.0, abs=1e-6)


@pytest.mark.parametrize(("estimate", "variance"), [([0.1], [0.1]), ([], []), ([0.1, 0.2], [0.1, 0.0])])
def test_what_cannot_be_pooled_is_a_mistake_of_the_code(estimate, variance):
    with pytest.raises(ValueError, match="two figures or more"):
        random_effects(np.array(estimate), np.array(variance))
