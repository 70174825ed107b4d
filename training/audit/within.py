"""Estimates read within each group: recalibrated there, tested there, and how much they tell there.

Everyone's estimates are recalibrated first (intercept and slope on the log-odds, Cox 1958). A group then has a
shift and a slope of its own beside everyone's, drawn towards none as if `PRIOR_EVENTS` outcomes without any
difference had been seen before: a small group cannot be recalibrated by chance.

Whether a group's shift or slope is there at all is a test over the whole table, of groups with enough outcomes
expected in enough schools. Outcomes are drawn again from everyone's recalibrated estimates: one draw of a person
lasts through all dates, and schools differ by as much as they are seen to. That null holds exactly for a list made of true chances. A group is named only where it lies apart
from what its own estimates say *and*, the same way, from what everyone's recalibration says, both over the table
(the second at twice the chance). So the counterweight of one group's fault does not name another, and a year in which
all outcomes rose names a group in one audit of ten at most.

References
----------
Cox (1958), Two further applications of a model for binary regression.
Romano and Wolf (2005), Exact and approximate stepdown methods for multiple hypothesis testing.
Simoiu, Corbett-Davies and Goel (2017), The problem of infra-marginality in outcome tests for discrimination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.audit.gaps import CHANCE, step_down
from training.audit.scored import Attribute
from training.intervals import TOO_FEW_SCHOOLS, Clusters, effective_schools
from training.logistic import fit_logistic, logit, sigmoid

PRIOR_EVENTS = 16.0  # outcomes at which a group's own calibration counts half
FEWEST_EXPECTED = 5.0  # pupils expected to have the outcome, below whom a group is not tested
LESS_BY = 0.03  # AUC below what need explains, under which telling less is too little to name
SHIFTS_SHARE = 0.7  # of the chance allowed over the table, what shifts have; slopes have the rest
CROSSINGS_SHARE = 0.2  # of the chance allowed over the table, what crossings of two attributes have
FEWEST_DRAWS, MOST_DRAWS, CELLS = 200, 400, 40_000_000
STEP, FARTHEST = 0.02, 10.0  # width of a bin of log-odds, and where they are cut off for fitting
BINS = np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP)
GRID = np.arange(-25.0, 25.0, 0.05)


@dataclass(frozen=True)
class Forecasts:
    """The rows whose estimate is a forecast with a known outcome; arrays of m rows.

    Attributes
    ----------
    y : numpy.ndarray of float64
        1 or 0.
    z : numpy.ndarray of float64
        Log-odds of the estimate, or the standardised score where scores are no chances.
    is_chance : bool
        Estimates are chances, so that observed over expected has a meaning.
    code : tuple of numpy.ndarray of int
        Group of each attribute.
    school, pupil : numpy.ndarray of int64
    """

    y: np.ndarray
    z: np.ndarray
    is_chance: bool
    code: tuple[np.ndarray, ...]
    school: np.ndarray
    pupil: np.ndarray

    @cached_property
    def bin(self) -> np.ndarray:
        """Index into `BINS`."""
        return np.rint((np.clip(self.z, -FARTHEST, FARTHEST) + FARTHEST) / STEP).astype(np.int64)


@dataclass(frozen=True)
class Everyone:
    """Everyone's recalibration: log-odds of the outcome are `intercept` + `slope` z.

    Attributes
    ----------
    information : numpy.ndarray of float64, shape (2, 2)
    times : float
        How often an outcome counts: rows of one pupil and pupils of one school go together. At least 1.
    """

    intercept: float
    slope: float
    information: np.ndarray
    times: float


@dataclass(frozen=True)
class Within:
    """One attribute's groups beside everyone; arrays of shape (G,) unless told.

    Attributes
    ----------
    shift, slope : numpy.ndarray of float64
        Added to everyone's log-odds: shift + slope (z - middle).
    middle : numpy.ndarray of float64
    information : numpy.ndarray of float64, shape (G, 2, 2)
        Penalised, of shift and slope.
    table : numpy.ndarray of float64, shape (G, bins)
        Rows by bin of z.
    spread, spread_others : numpy.ndarray of float64
        Standard deviation of recalibrated log-odds in the group, and within the other groups.
    auc, auc_expected : numpy.ndarray of float64
        Seen, and what the other groups' recalibrated log-odds would give when shifted to this group's need. NaN
        where a group holds one kind of outcome only.
    p_shift, p_slope, p_less, p_much_less : numpy.ndarray of float64
        Adjusted for the whole table; NaN where not tested. The last allows for `LESS_BY`.
    beside : numpy.ndarray of float64
        Outcomes seen for each one that everyone's recalibration expects.
    """

    shift: np.ndarray
    slope: np.ndarray
    middle: np.ndarray
    information: np.ndarray
    table: np.ndarray
    spread: np.ndarray
    spread_others: np.ndarray
    auc: np.ndarray
    auc_expected: np.ndarray
    p_shift: np.ndarray
    p_slope: np.ndarray
    p_less: np.ndarray
    p_much_less: np.ndarray
    beside: np.ndarray

    def log_odds(self, everyone: Everyone, z: np.ndarray, code: np.ndarray) -> np.ndarray:
        """Recalibrated log-odds of rows with groups `code`; shape of z."""
        own = self.shift[code] + self.slope[code] * (z - self.middle[code])
        return everyone.intercept + everyone.slope * z + own


def fit_everyone(rows: Forecasts, num_schools: int) -> Everyone:
    """Everyone's intercept and slope."""
    num = np.bincount(rows.bin, minlength=len(BINS)).astype(float)
    seen = np.bincount(rows.bin, rows.y, len(BINS))
    held = num > 0
    slope, intercept = fit_logistic(BINS[held][:, None], seen[held] / num[held], num[held])
    p = sigmoid(intercept + slope * BINS)
    information = moments(num * p * (1 - p))
    residual = np.bincount(rows.school, rows.y - p[rows.bin], num_schools)
    times = max(float((residual**2).sum() / max(information[0, 0], 1e-12)), 1.0)
    return Everyone(float(intercept), float(slope), information, times)


def moments(weight: np.ndarray) -> np.ndarray:
    """Sums of weights over bins times 1, z and z squared; shape (..., 2, 2)."""
    first, second, third = weight.sum(-1), weight @ BINS, weight @ BINS**2
    return np.stack([np.stack([first, second], -1), np.stack([second, third], -1)], -1)


def fit_within(
    rows: Forecasts, everyone: Everyone, clusters: Clusters, attributes: Sequence[Attribute]
) -> list[Within]:
    """Every attribute's groups: recalibrated, told less or not, and tested together over the table."""
    p = sigmoid(everyone.intercept + everyone.slope * BINS)
    draws = int(np.clip(CELLS // max(len(rows.y), 1), FEWEST_DRAWS, MOST_DRAWS))
    drawn = Drawn.of(rows, everyone, p, clusters, attributes, draws)
    fits, tests = [], []
    for at, attribute in enumerate(attributes):
        num, code = len(attribute.groups), rows.code[at]
        key = code * len(BINS) + rows.bin
        table = np.bincount(key, minlength=num * len(BINS)).reshape(num, -1).astype(float)
        seen = np.bincount(key, rows.y, num * len(BINS)).reshape(num, -1)
        shift, slope, middle, information = penalised(table, seen, everyone)
        spread, others, expected = spreads(table, seen, everyone, shift, slope, middle)
        fits.append((shift, slope, middle, information, table, spread, others, expected))
        tests.append(statistics(rows, everyone, p, table, seen, drawn, at, expected, clusters.num))
    adjusted = judged(tests, [each.is_crossing for each in attributes])
    return [
        Within(*fit[:7], told.auc, fit[7], *adjusted_p, told.beside)
        for fit, told, adjusted_p in zip(fits, tests, adjusted, strict=True)
    ]


def penalised(
    table: np.ndarray, seen: np.ndarray, everyone: Everyone
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Shift and slope of each group beside everyone, drawn towards none; with middle and information."""
    base = everyone.intercept + everyone.slope * BINS
    weight = table * sigmoid(base) * (1 - sigmoid(base))
    middle = (weight @ BINS) / np.maximum(weight.sum(1), 1e-12)
    x = BINS[None, :] - middle[:, None]
    prior = PRIOR_EVENTS * everyone.times * np.array([1.0, 1 / everyone.slope**2])
    theta = np.zeros((len(table), 2))
    information = np.zeros((len(table), 2, 2))
    for _ in range(40):
        p = sigmoid(base + theta[:, :1] + theta[:, 1:] * x)
        residual, weight = seen - table * p, table * p * (1 - p)
        gradient = np.stack([residual.sum(1), (residual * x).sum(1)], 1) - prior * theta
        cross = (weight * x).sum(1)
        information = np.stack(
            [np.stack([weight.sum(1) + prior[0], cross], 1), np.stack([cross, (weight * x**2).sum(1) + prior[1]], 1)], 1
        )  # fmt: skip
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        theta = theta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
    # A group whose own slope turned the order round would make a list of the least likely.
    theta[:, 1] = np.maximum(theta[:, 1], -0.95 * everyone.slope)
    return theta[:, 0], theta[:, 1], middle, information


def spreads(
    table: np.ndarray, seen: np.ndarray, everyone: Everyone, shift: np.ndarray, slope: np.ndarray, middle: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Spread of recalibrated log-odds in each group and within the others, and the AUC that theirs would give here."""
    value = (
        everyone.intercept
        + everyone.slope * BINS
        + shift[:, None]
        + slope[:, None] * (BINS - middle[:, None])
    )
    num = np.maximum(table.sum(1), 1e-12)
    centred = value - ((table * value).sum(1) / num)[:, None]
    squares = (table * centred**2).sum(1)
    rest = np.maximum(table.sum() - table.sum(1), 1e-12)
    spread, others = np.sqrt(squares / num), np.sqrt((squares.sum() - squares) / rest)
    place = np.clip(np.rint((centred - GRID[0]) / (GRID[1] - GRID[0])), 0, len(GRID) - 1).astype(np.int64)
    own = np.stack([np.bincount(at, held, len(GRID)) for at, held in zip(place, table, strict=True)])
    theirs = own.sum(0) - own
    rate = np.clip(seen.sum(1) / num, 1e-9, 1 - 1e-9)
    return spread, others, implied_auc(theirs, sigmoid(GRID + shift_to(theirs, GRID, rate)[:, None]))


def shift_to(weight: np.ndarray, value: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The shift of log-odds that gives each row of weights its rate; shape (G,)."""
    low, high = np.full(len(weight), -60.0), np.full(len(weight), 60.0)
    total = np.maximum(weight.sum(1), 1e-12)
    for _ in range(50):
        half = (low + high) / 2
        mean = (weight * sigmoid(value + half[:, None])).sum(1) / total
        low, high = np.where(mean < rate, half, low), np.where(mean < rate, high, half)
    return (low + high) / 2


def implied_auc(weight: np.ndarray, p: np.ndarray) -> np.ndarray:
    """AUC of chances that are true, from their distribution in rising order; NaN without anybody."""
    positive, negative = weight * p, weight * (1 - p)
    below = np.cumsum(negative, 1) - negative / 2
    pairs = positive.sum(1) * negative.sum(1)
    return np.where(pairs > 0, (positive * below).sum(1) / np.maximum(pairs, 1e-300), np.nan)


@dataclass(frozen=True)
class Drawn:
    """Outcomes drawn from everyone's recalibrated estimates, summed by group of each attribute.

    Attributes
    ----------
    num, sum_z, sum_rank : tuple of numpy.ndarray of float64, shape (draws, G)
        Outcomes drawn, and of them the sums of z and of the rank within the group.
    """

    num: tuple[np.ndarray, ...]
    sum_z: tuple[np.ndarray, ...]
    sum_rank: tuple[np.ndarray, ...]

    @classmethod
    def of(
        cls, rows: Forecasts, everyone: Everyone, p: np.ndarray, clusters: Clusters, attributes: Sequence[Attribute], draws: int
    ) -> "Drawn":  # fmt: skip
        """Draw, at most `draws` times."""
        rng = np.random.default_rng([clusters.seed, len(rows.y), draws])
        spread = schools_differ(rows, p, clusters.num)
        pupil = np.unique(rows.pupil, return_inverse=True)[1]
        order = np.argsort(pupil, kind="stable")
        starts = np.r_[0, np.cumsum(np.bincount(pupil))]
        chance = p[rows.bin]
        highest = np.maximum.reduceat(chance[order], starts[:-1])
        ranks = [within_rank(rows, at, len(each.groups)) for at, each in enumerate(attributes)]
        sums = [[np.zeros((draws, len(each.groups))) for each in attributes] for _ in range(3)]
        strata = by_chance(highest)
        for draw in range(draws):
            effect = np.exp(spread * rng.standard_normal(clusters.num) - spread**2 / 2)
            likely, lot = low_lots(rng, strata, float(effect.max()))
            lengths = starts[likely + 1] - starts[likely]
            offset = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            at_row = order[np.repeat(starts[likely], lengths) + offset]
            happened = at_row[np.repeat(lot, lengths) < chance[at_row] * effect[rows.school[at_row]]]
            z = BINS[rows.bin[happened]]
            for at, each in enumerate(attributes):
                code = rows.code[at][happened]
                for held, weight in zip(sums, (None, z, ranks[at][happened]), strict=True):
                    held[at][draw] = np.bincount(code, weight, len(each.groups))
        return cls(*(tuple(held) for held in sums))


def by_chance(highest: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Pupils in strata of at most twice the chance, and the most of each: few of the many unlikely need be drawn."""
    stratum = np.clip(np.floor(-np.log2(np.maximum(highest, 1e-9))), 0, 20).astype(np.int64)
    return [(np.flatnonzero(stratum == each), 2.0**-each) for each in np.unique(stratum)]


def low_lots(
    rng: np.random.Generator, strata: Sequence[tuple[np.ndarray, float]], times: float
) -> tuple[np.ndarray, np.ndarray]:
    """Who draws a lot below `times` the most of their stratum, and the lot; as uniform lots of everybody would be."""
    picked, lots = [], []
    for members, most in strata:
        below = min(most * times, 1.0)
        num = rng.binomial(len(members), below)
        picked.append(members[rng.choice(len(members), num, replace=False, shuffle=False)])
        lots.append(rng.random(num) * below)
    return np.concatenate(picked), np.concatenate(lots)


def schools_differ(rows: Forecasts, p: np.ndarray, num_schools: int) -> float:
    """Standard deviation of schools' outcomes over what is expected there, beyond chance (moments); at least 0."""
    expected = np.bincount(rows.school, p[rows.bin], num_schools)
    residual = np.bincount(rows.school, rows.y, num_schools) - expected
    # What one pupil's dates add goes together, whichever way: its own sum, squared.
    pupil, inverse = np.unique(rows.pupil, return_inverse=True)
    by_pupil = np.bincount(inverse, rows.y - p[rows.bin], len(pupil))
    return float(
        np.sqrt(max((residual**2).sum() - (by_pupil**2).sum(), 0.0) / max((expected**2).sum(), 1e-12))
    )


def within_rank(rows: Forecasts, at: int, num: int) -> np.ndarray:
    """Mid-rank of each row's bin within its group, from 1; shape (m,)."""
    table = np.bincount(rows.code[at] * len(BINS) + rows.bin, minlength=num * len(BINS)).reshape(num, -1)
    middle = np.cumsum(table, 1) - table + (table + 1) / 2
    return middle[rows.code[at], rows.bin]


@dataclass(frozen=True)
class Told:
    """One attribute's statistics, and those of the outcomes drawn; shapes (G,) and (draws, G)."""

    auc: np.ndarray
    beside: np.ndarray
    is_tested: np.ndarray
    seen: dict[str, np.ndarray]
    drawn: dict[str, np.ndarray]


def statistics(
    rows: Forecasts, everyone: Everyone, p: np.ndarray, table: np.ndarray, seen: np.ndarray, drawn: Drawn, at: int,
    auc_expected: np.ndarray, num_schools: int,
) -> Told:  # fmt: skip
    """Scores of shift and slope beside everyone and beside the group's own estimates, and how far the AUC falls short."""
    information = moments(table * p * (1 - p))
    middle = information[:, 0, 1] / np.maximum(information[:, 0, 0], 1e-12)
    expected = np.stack([table @ p, table @ (p * BINS)], -1)

    def apart(sums: np.ndarray) -> np.ndarray:
        residual = sums - expected
        back = residual.sum(-2) @ np.linalg.inv(everyone.information)
        return crossed(residual - np.einsum("gij,...j->...gi", information, back), middle)

    drawn_sums = np.stack([drawn.num[at], drawn.sum_z[at]], -1)
    seen_sums = np.stack([seen.sum(1), seen @ BINS], -1)
    null, held = apart(drawn_sums), apart(seen_sums)
    loose = crossed(drawn_sums - expected, middle)
    own = sigmoid(BINS) if rows.is_chance else p
    absolute = crossed(seen_sums - np.stack([table @ own, table @ (own * BINS)], -1), middle)
    if not rows.is_chance:
        absolute, loose = held, null
    spread, spread_loose = null.std(0), loose.std(0)
    num, positive = table.sum(1), seen.sum(1)
    auc = auc_of((seen * (np.cumsum(table, 1) - table + (table + 1) / 2)).sum(1), positive, num)
    drawn_auc = auc_of(drawn.sum_rank[at], drawn.num[at], num)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.nanstd(np.where(np.isnan(drawn_auc), 0.5, drawn_auc), axis=0)
        rest = np.maximum(positive.sum() - positive, 1e-9)
        error = error * np.sqrt(1 + positive / rest)  # the others' own distribution is an estimate as well
        short = (auc_expected - auc) / error
        usual = np.where(np.isnan(drawn_auc), 0.0, drawn_auc).sum(0) / np.maximum(
            (~np.isnan(drawn_auc)).sum(0), 1
        )
        fall = (usual - drawn_auc) / error
        pairs = {"less": short, "much_less": short - LESS_BY / error}
        scores = {f"{name}{kind}": of[..., axis] / np.maximum(by[..., axis], 1e-12)
                  for axis, name in enumerate(("shift", "slope"))
                  for kind, of, by in (("", held, spread), ("_own", absolute, spread_loose))}  # fmt: skip
        draws = {f"{name}{kind}": of[..., axis] / np.maximum(by[..., axis], 1e-12)
                 for axis, name in enumerate(("shift", "slope"))
                 for kind, of, by in (("", null, spread), ("_own", loose, spread_loose))}  # fmt: skip
        beside = positive / np.maximum(expected[:, 0], 1e-12)
    enough = expected[:, 0] / everyone.times >= FEWEST_EXPECTED
    by_school = np.bincount(
        rows.school * len(table) + rows.code[at], p[rows.bin], num_schools * len(table)
    ).reshape(-1, len(table))
    enough &= np.array([effective_schools(each) for each in by_school.T]) >= TOO_FEW_SCHOOLS
    is_tested = enough & (num < num.sum()) & (spread > 1e-9).all(-1)
    return Told(auc, beside, is_tested, scores | pairs, draws | {"less": fall, "much_less": fall})


def crossed(sums: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Scores of shift and of z, the second taken about the group's middle so that the two are apart; (..., G, 2)."""
    return np.stack([sums[..., 0], sums[..., 1] - middle * sums[..., 0]], -1)


def auc_of(ranks: np.ndarray, positive: np.ndarray, num: np.ndarray) -> np.ndarray:
    """Mann and Whitney's statistic from the sum of positives' ranks; NaN without both kinds."""
    pairs = positive * (num - positive)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, (ranks - positive * (positive + 1) / 2) / pairs, np.nan)


def judged(
    tests: Sequence[Told], is_crossing: Sequence[bool]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Adjusted p of shift, slope, less and much less, an array a group for each attribute.

    The chance that is allowed over the table goes to shifts and to slopes by `SHIFTS_SHARE`, and to single attributes but
    for `CROSSINGS_SHARE`: what is asked first should not be drowned by the many cells of crossings. Beside everyone's
    recalibration twice that chance is enough: it has to agree with what is found beside the group's own estimates.
    """
    found = {name: shared(tests, is_crossing, (name,)) for name in ("less", "much_less")}
    apart = {
        name: shared(tests, is_crossing, (name,), two_sided=True)
        for name in ("shift", "slope", "shift_own", "slope_own")
    }
    made = []
    for at, told in enumerate(tests):
        named = []
        for name, part in (("shift", SHIFTS_SHARE), ("slope", 1 - SHIFTS_SHARE)):
            own = f"{name}_own"
            agree = np.sign(told.seen[name]) == np.sign(told.seen[own])
            p = np.maximum(apart[own][at][0], apart[name][at][0] / 2) / part
            named.append(np.where(agree | np.isnan(p), np.minimum(p, 1.0), 1.0))
        made.append((named[0], named[1], found["less"][at][0], found["much_less"][at][0]))
    return made


def shared(
    tests: Sequence[Told], is_crossing: Sequence[bool], names: tuple[str, ...], two_sided: bool = False
) -> list[list[np.ndarray]]:
    """`joint` over single attributes and over crossings, each at its share of the chance allowed."""
    made: list[list[np.ndarray]] = [[] for _ in tests]
    for kind in (False, True):
        at = [number for number, each in enumerate(is_crossing) if each == kind]
        part = 1.0 if len(at) == len(tests) else CROSSINGS_SHARE if kind else 1 - CROSSINGS_SHARE
        for number, found in zip(at, joint([tests[each] for each in at], names, two_sided), strict=True):
            made[number] = [np.minimum(p / part, 1.0) for p in found]
    return made


def joint(tests: Sequence[Told], names: tuple[str, ...], two_sided: bool) -> list[list[np.ndarray]]:
    """Step-down p-values of some statistics over several attributes at once; NaN where not tested."""
    size = np.abs if two_sided else np.asarray
    cells = [(told, name, told.is_tested & np.isfinite(told.seen[name])) for told in tests for name in names]
    if not any(use.any() for _, _, use in cells):
        return [[np.full(len(told.is_tested), np.nan) for _ in names] for told in tests]
    seen = np.concatenate([size(told.seen[name][use]) for told, name, use in cells])
    drawn = np.concatenate([size(told.drawn[name][:, use]) for told, name, use in cells], axis=1)
    p = np.split(
        step_down(seen, np.nan_to_num(drawn, nan=-np.inf)), np.cumsum([use.sum() for *_, use in cells])[:-1]
    )
    spread = []
    for (_, _, use), values in zip(cells, p, strict=True):
        entered = np.full(len(use), np.nan)
        entered[use] = values
        spread.append(entered)
    return [spread[at : at + len(names)] for at in range(0, len(spread), len(names))]


def log_odds_of(score: np.ndarray) -> tuple[np.ndarray, bool]:
    """Scores on the scale they are recalibrated on, and whether they are chances; NaN stays.

    Scores that are no chances (a supplier's deciles) are standardised: everyone's recalibration then makes chances of
    them, and only differences between groups can be told.
    """
    held = score[~np.isnan(score)]
    if ((held >= 0) & (held <= 1)).all():
        return np.round(logit(score), 12), True
    return np.round((score - held.mean()) / max(held.std(), 1e-12), 12), False


def is_told(p: np.ndarray) -> np.ndarray:
    """Told from chance over the whole table."""
    return np.nan_to_num(p, nan=1.0) < CHANCE
