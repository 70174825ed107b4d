"""Promise: over hard cells, the level of the table, the coverage of every range, and the power, where the truth is known.

Every cell is so many audits of one rate, or of the three that are tested together, over one attribute, by the code of the audit itself
without its files: shares (halves, eight ethnic groups of an English council, twenty small groups), rates from .002 to .97, 9 to 500
schools of unequal size, a correlation within schools of 0 to .1, outcomes in few schools only, and groups mixed within schools or
concentrated in some.

    python -m tests.audit_matrix docs/promise-matrix.md

writes the page that is kept, prints it, and fails where a promise is not kept.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from training.audit.estimable import FEWEST, FEWEST_RARER, ranges
from training.audit.gaps import CHANCE, Compared, judge
from training.audit.scored import Attribute
from training.audit.units import Units
from training.intervals import SLACK, TOO_FEW_SCHOOLS, effective_schools

AUDITS, DRAWS = 400, 400
MOST_LEVEL, MEAN_LEVEL, LEAST_COVERAGE, LEAST_OF_BEST = 0.07, 0.05, 0.93, 0.8
KINDS = ("rates", "differences", "ratios")  # of ranges
SHARES = {
    "halves": (0.5, 0.5),
    "ethnic": (0.65, 0.12, 0.07, 0.05, 0.04, 0.03, 0.02, 0.02),
    "twenty": (0.05,) * 20,
}


@dataclass(frozen=True)
class Cell:
    """One cell: groups' shares, schools, mean pupils of a school whom the rate is taken of, rate, correlation within schools.

    `gap` is added to the rate of the second group; `is_apart` concentrates groups in some schools; `holding` is in how many
    schools anything is found, where not in all. With a `false_positive_rate`, `rate` is recall, `size` is everyone,
    `OUTCOME` of whom have the outcome, and the false omission rate follows.
    """

    shares: str
    schools: int
    size: float
    rate: float
    rho: float
    is_apart: bool = False
    gap: float = 0.0
    holding: int = 0
    false_positive_rate: float = 0.0


OUTCOME = 0.05
SCHOOLS = (
    (40, 5, 0.3), (40, 5, 0.15), (40, 5, 0.97), (200, 2, 0.5), (9, 25, 0.05), (40, 100, 0.01), (40, 100, 0.002), (9, 400, 0.01),
    (500, 10, 0.2),
)  # fmt: skip
LIKENESS = ((0.0, False), (0.1, True), (0.1, False), (0.02, True))
LEVELS = [
    Cell(shares, *schools, *LIKENESS[(at + shift) % len(LIKENESS)])
    for shift, shares in enumerate(SHARES)
    for at, schools in enumerate(SCHOOLS)
] + [
    # recall of .05, false positive rates to .2
    Cell("halves", 40, 25, 0.05, 0.1), Cell("ethnic", 40, 50, 0.05, 0.02), Cell("twenty", 200, 8, 0.05, 0.1, True),
    Cell("ethnic", 500, 4, 0.05, 0.1), Cell("halves", 9, 200, 0.1, 0.1), Cell("ethnic", 40, 100, 0.05, 0.1, True),
    Cell("twenty", 40, 60, 0.1, 0.02), Cell("ethnic", 40, 60, 0.2, 0.1), Cell("twenty", 9, 200, 0.2, 0.02, True),
    # found in few schools only
    Cell("halves", 40, 25, 0.05, 0.0, False, holding=10), Cell("ethnic", 40, 50, 0.02, 0.0, False, holding=8),
    Cell("ethnic", 40, 50, 0.05, 0.0, True, holding=12), Cell("twenty", 200, 10, 0.05, 0.0, False, holding=30),
    # the three tested rates of one table
    Cell("halves", 40, 50, 0.3, 0.02, false_positive_rate=0.05), Cell("ethnic", 40, 60, 0.15, 0.1, false_positive_rate=0.02),
    Cell("ethnic", 200, 20, 0.5, 0.0, True, false_positive_rate=0.01), Cell("twenty", 40, 100, 0.3, 0.1, false_positive_rate=0.05),
    Cell("ethnic", 9, 200, 0.05, 0.02, false_positive_rate=0.1),
]  # fmt: skip
POWERS = [
    Cell("halves", 40, 10, 0.5, 0.02, False, -0.2),
    Cell("ethnic", 40, 25, 0.5, 0.02, False, -0.25),
    Cell("ethnic", 40, 100, 0.01, 0.0, False, 0.02),
    Cell("twenty", 40, 20, 0.3, 0.1, False, 0.35),
    Cell("twenty", 200, 20, 0.97, 0.02, False, -0.1),
    Cell("ethnic", 200, 10, 0.15, 0.1, True, 0.15),
]


def table(cell: Cell, rng: np.random.Generator) -> list[tuple[Compared, np.ndarray]]:
    """One table: each rate's groups against everyone, and every group's true rate; shape (G,)."""
    shares = np.array(SHARES[cell.shares])
    sizes = np.maximum(1, rng.poisson(cell.size * rng.gamma(3, 1 / 3, cell.schools)))
    school = np.repeat(np.arange(cell.schools), sizes)
    weight = (
        rng.gamma(0.5, 1, (cell.schools, len(shares))) * shares
        if cell.is_apart
        else np.tile(shares, (cell.schools, 1))
    )
    edges = (weight / weight.sum(axis=1, keepdims=True)).cumsum(axis=1)
    code = np.minimum((rng.random(len(school))[:, None] > edges[school]).sum(axis=1), len(shares) - 1)
    attribute = Attribute("group", tuple(str(each) for each in range(len(shares))), code)
    chance = by_school(cell.rate, cell, rng)[school] + cell.gap * (code == 1)
    found = rng.random(len(school)) < np.clip(chance, 0, 1)
    everyone = np.ones(len(school), dtype=bool)
    rates = [(found, everyone, cell.rate)]
    if cell.false_positive_rate:
        needless = rng.random(len(school)) < by_school(cell.false_positive_rate, cell, rng)[school]
        has = rng.random(len(school)) < OUTCOME
        missed, spared = OUTCOME * (1 - cell.rate), (1 - OUTCOME) * (1 - cell.false_positive_rate)
        is_listed = np.where(has, found, needless)
        rates = [
            (found, has, cell.rate), (has, ~is_listed, missed / (missed + spared)), (needless, ~has, cell.false_positive_rate),
        ]  # fmt: skip
    made = []
    for over, under, rate in rates:
        row = np.flatnonzero(under)
        units = Units(
            school[row], row, over[row].astype(float), np.ones(len(row)), cell.schools, is_share=True
        )
        truth = np.full(len(shares), rate)
        truth[1] += cell.gap
        made.append((Compared(units, attribute), truth))
    return made


def by_school(rate: float, cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """Each school's chance; shape (S,)."""
    if cell.holding:
        chance = np.zeros(cell.schools)
        chance[rng.permutation(cell.schools)[: cell.holding]] = rate * cell.schools / cell.holding
        return chance
    if not cell.rho:
        return np.full(cell.schools, rate)
    times = (1 - cell.rho) / cell.rho
    return rng.beta(rate * times, (1 - rate) * times, cell.schools)


def estimated(compared: Compared) -> np.ndarray:
    """Groups whose rate is given, as `training.audit.estimable` has it for a share; bool, shape (G,)."""
    spread = np.array([effective_schools(each) for each in compared.by_school.T])
    return (
        (compared.num >= FEWEST)
        & (spread >= TOO_FEW_SCHOOLS)
        & (compared.rarer_pupils >= FEWEST_RARER - SLACK)
        & (0 < compared.units.rate < 1)
    )


def audits(cell: Cell, num: int = AUDITS) -> dict[str, float]:
    """What so many audits of a cell come to.

    Returns
    -------
    dict
        audits; level: reported a gap although there is none; rates, differences and ratios: ranges that hold the truth;
        ranges: how many there were; power: reported the gap that there is; best: the same of a test of that group alone by the true rate,
        correlation and size, at a level divided by the number of groups; contradictions: reported gaps whose range includes none.
    """
    seen = dict.fromkeys(
        ("audits", "level", "rates", "differences", "ratios", "ranges", "power", "best", "contradictions"),
        0.0,
    )
    for number in range(num):
        rng = np.random.default_rng([number, cell.schools, int(1000 * cell.rate)])
        rates = [(each, truth, estimated(each)) for each, truth in table(cell, rng)]
        seen["audits"] += 1
        if not any(which.any() for *_, which in rates):
            continue
        judged = judge([[(each, which)] for each, _, which in rates], DRAWS, number)
        is_told = False
        for (compared, truth, which), (tested,) in zip(rates, judged, strict=True):
            if not which.any():
                continue
            everyone = float(truth @ compared.share)
            bounds = {
                "rates": (ranges(compared), truth), "differences": (compared.difference(tested.level), truth - everyone),
                "ratios": (compared.ratio(tested.level), truth / everyone),
            }  # fmt: skip
            for name, ((low, high), true) in bounds.items():
                seen[name] += ((low <= true + 1e-9) & (true - 1e-9 <= high))[which].sum()
            low, high = bounds["differences"][0]
            seen["contradictions"] += (tested.is_gap & (low < -1e-6) & (high > 1e-6)).sum()
            seen["ranges"] += which.sum()
            seen["power"] += tested.is_gap[1]
            seen["best"] += best(cell, compared, int(which.sum())) if cell.gap else 0
            is_told |= bool(tested.is_gap.any())
        seen["level"] += is_told
    for name in KINDS:
        seen[name] /= max(seen["ranges"], 1)
    return seen | {name: seen[name] / num for name in ("level", "power", "best")}


def best(cell: Cell, compared: Compared, num_groups: int) -> bool:
    """Whether a test that knows the rate without a gap and the correlation rejects: normal, Bonferroni over the groups."""
    apart = compared.by_school - compared.share * compared.units.by_school(compared.units.under)[:, None]
    within = compared.size[1] * (1 - compared.share[1])
    variance = cell.rate * (1 - cell.rate) * ((1 - cell.rho) * within + cell.rho * (apart[:, 1] ** 2).sum())
    off = abs(compared.seen[1] - compared.expected[1]) / np.sqrt(variance)
    return bool(2 * stats.norm.sf(off) < CHANCE / num_groups)


def page(levels: list[dict[str, float]], powers: list[dict[str, float]]) -> str:
    """The matrix as a page."""
    lines = [
        "# What the audit's ranges and gaps keep", "",
        f"Written by `python -m tests.audit_matrix`; checked by `make promises`. {AUDITS} audits a cell, {DRAWS} draws each, by the audit's own code.",
        f"Promised: a table without any gap reports one in at most {MOST_LEVEL:.0%} of audits in any cell (but for the luck of {AUDITS} audits) and "
        f"{MEAN_LEVEL:.0%} on average; every kind of range holds the truth in {LEAST_COVERAGE:.0%} or more in any cell; no gap is reported whose range includes no gap.",
        "Schools differ in size; `rho` is the correlation of two pupils of one school. Groups are mixed alike in all schools, or apart: concentrated in some. "
        "Of “n of m” schools, anybody is found in n only. Two rates are recall and the false positive rate of one table, in which "
        f"{OUTCOME:.0%} have the outcome: those two and the false omission rate are tested together.", "",
        f"Level on average: {np.mean([each['level'] for each in levels]):.3f}. Ranges: {sum(each['ranges'] for each in levels):,.0f}.", "",
        "| Groups | Schools | Pupils a school | Rate | rho | Groups in schools | Gap reported | Rates hold | Differences hold | Ratios hold | Ranges |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for cell, each in zip(LEVELS, levels, strict=True):
        held = " | ".join(f"{each[name]:.3f}" if each["ranges"] else "none" for name in KINDS)
        lines.append(f"{begins(cell)} | {each['level']:.3f} | {held} | {each['ranges']:,.0f} |")
    lines += [
        "", "A gap planted in the second group, and how often it is reported; beside it a test that knows the true rate and correlation.", "",
        "| Groups | Schools | Pupils a school | Rate | rho | Groups in schools | Gap | Reported | Best test | Rates hold | Differences hold | Ratios hold |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for cell, each in zip(POWERS, powers, strict=True):
        lines.append(
            f"{begins(cell)} | {cell.gap:+g} | {each['power']:.3f} | {each['best']:.3f} | {each['rates']:.3f} | {each['differences']:.3f} | {each['ratios']:.3f} |"
        )
    return "\n".join(lines) + "\n"


def begins(cell: Cell) -> str:
    """The first columns of a cell's row."""
    schools = f"{cell.holding} of {cell.schools}" if cell.holding else f"{cell.schools}"
    rate = f"{cell.rate:g}, {cell.false_positive_rate:g}" if cell.false_positive_rate else f"{cell.rate:g}"
    return f"| {cell.shares} | {schools} | {cell.size:g} | {rate} | {cell.rho:g} | {'apart' if cell.is_apart else 'mixed'}"


def breaches(levels: list[dict[str, float]], powers: list[dict[str, float]]) -> list[str]:
    """What is not kept, beyond the luck of so many audits or ranges (one cell in a hundred)."""
    found = []
    most = stats.binom.ppf(0.99, AUDITS, MOST_LEVEL) / AUDITS
    if (mean := float(np.mean([each["level"] for each in levels]))) > MEAN_LEVEL:
        found.append(f"the level on average is {mean:.3f}")
    for cell, each in [*zip(LEVELS, levels, strict=True), *zip(POWERS, powers, strict=True)]:
        if not cell.gap and each["level"] > most:
            found.append(f"{cell}: a gap reported in {each['level']:.3f}")
        if cell.gap and each["power"] < LEAST_OF_BEST * each["best"]:
            found.append(
                f"{cell}: the gap reported in {each['power']:.3f}, by the best test in {each['best']:.3f}"
            )
        if each["contradictions"]:
            found.append(f"{cell}: {each['contradictions']:.0f} reported gaps whose range includes none")
        num = max(each["ranges"] / len(SHARES[cell.shares]), 1)  # ranges of one audit go together
        least = stats.binom.ppf(0.01, round(num), LEAST_COVERAGE) / round(num)
        found += [
            f"{cell}: {name} hold in {each[name]:.3f}"
            for name in KINDS
            if each["ranges"] and each[name] < least
        ]
    return found


def main(to: str) -> None:
    """Run every cell on two cores, write the page and print it."""
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(audits, [*LEVELS, *POWERS]))
    levels, powers = found[: len(LEVELS)], found[len(LEVELS) :]
    made = page(levels, powers)
    Path(to).write_text(made, encoding="utf-8")
    print(made)
    if broken := breaches(levels, powers):
        sys.exit("Not kept:\n" + "\n".join(broken))


if __name__ == "__main__":
    main(sys.argv[1])
