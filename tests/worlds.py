"""Simulated authorities in which events have days: honest ones, and ones with a record that follows the outcome.

For the leak alarm, which follows pupils from one as-of date to the next. Every record is made half-term by half-term from what
came before it; an event may honestly lead to an involvement, a status, marks of alternative provision and a move *after* it. A
planted leak dates some of these before the event that they follow. One honest feature can be made strong in six ways.
"""

import numpy as np

from models.risk_model import ModelFeature
from tests.simulated import half_term_ends
from training.panel import Panel

FEATURES = tuple(
    ModelFeature(name, family)
    for family, names in {
        "attendance": ("share_missed_20", "share_missed_60", "share_missed_190", "share_late_60", "num_sessions_ap_20", "num_sessions_ap_190"),
        "suspensions": ("num_suspensions_60", "num_suspensions_190", "num_sessions_suspended_190", "days_since_suspension"),
        "sen": ("sen_provision", "is_semh"),
        "context": ("nc_year_in_phase", "is_involved", "days_involved", "days_since_joining_school", "num_moves_190", "is_status"),
        "school": ("school_suspension_rate", "school_absence_rate"),
    }.items()
    for name in names
)  # fmt: skip
STRONG = {  # how much need, past suspensions, and the strong feature itself weigh in the hazard's log
    "none": (0.8, 0.12, 0.0),
    "suspensions": (0.3, 0.35, 0.0),
    "involvement": (0.4, 0.1, 3.0),
    "absence": (1.5, 0.1, 0.0),
    "need": (0.4, 0.1, 3.2),
    "status": (0.6, 0.1, 2.5),
    "move": (0.6, 0.1, 1.8),
}
LEAKS = {  # days by which the record is dated before the event, and the features that hold it
    "involvement": ((20, 120), ("is_involved", "days_involved")),
    "status": ((30, 150), ("is_status",)),
    "mark": ((10, 60), ("num_sessions_ap_20", "num_sessions_ap_190")),
    "move": ((5, 60), ("days_since_joining_school", "num_moves_190")),
}
START = np.datetime64("2020-09-01")
FIRST, LAST = 6, 24  # as-of dates with a year before them, and a closed window after them
TRAINING, TEST = 6, 12  # the first six of these train, the last six test
WINDOW = 365


def world(
    seed: int,
    strong: str = "none",
    leak: str = "",
    share: float = 0.0,
    num_pupils: int = 4000,
    num_schools: int = 36,
    rate: float = 0.02,
) -> Panel:
    """Every eligible date of one simulated authority, with its outcomes.

    Parameters
    ----------
    strong : str
        Which honest feature is strong; one of `STRONG`.
    leak : str
        Which record is dated before the event that it follows, of `LEAKS`; empty for an honest authority.
    share : float
        Of the events, those so recorded.
    rate : float
        Of pupils with an event in a year, about.
    """
    rng = np.random.default_rng([seed, len(strong), len(leak), num_pupils])
    dates = np.array(half_term_ends(2020, 5), dtype="datetime64[D]")
    as_of = (dates - START).astype(int)
    edge = np.r_[0, as_of, as_of[-1] + np.array([62, 130, 200])]  # half-terms end at these days
    half_terms, num = len(edge) - 1, num_pupils
    size = rng.gamma(4.0, 1.0, num_schools)
    school = np.sort(rng.choice(num_schools, num, p=size / size.sum()))
    is_secondary, severity = (np.arange(num_schools) % 3 == 0)[school], rng.normal(size=num_schools)[school]
    of_need, of_suspensions, of_strong = STRONG[strong]
    need, state = rng.normal(size=num), rng.normal(size=num)
    is_semh = rng.random(num) < (
        0.04 * np.exp(0.4 * need - 0.08) if strong == "need" else 1 / (1 + np.exp(4 - need))
    )
    lasting, keeps = (0.3, 0.3) if strong == "absence" else (0.8, 0.8)
    suspensions = np.zeros((num, half_terms), int)
    wellbeing, ap = np.zeros((num, half_terms)), np.zeros((num, half_terms))
    is_involved, is_status = (np.zeros((num, half_terms), bool) for _ in range(2))
    involved_since, moved, event = (np.full((num, half_terms), -1.0) for _ in range(3))
    open_now = rng.random(num) < 0.03
    since, status_now = np.where(open_now, -rng.integers(0, 300, num), 0).astype(float), np.zeros(num, bool)
    base = 0.0
    for term in range(half_terms):
        length, begins = edge[term + 1] - edge[term], edge[term]
        state = keeps * state + np.sqrt(1 - keeps**2) * rng.normal(size=num)
        now = lasting * need + (1.2 if strong == "absence" else 0.6) * state
        wellbeing[:, term] = now
        before = suspensions[:, max(0, term - 3) : term].sum(axis=1)
        often = -3.6 + (0.9 if strong == "suspensions" else 0.7) * now + 0.4 * severity + is_secondary
        suspensions[:, term] = rng.poisson(np.minimum(np.exp(often + 0.25 * np.minimum(before, 6)), 12))
        begun = ~open_now & (rng.random(num) < 0.006 * np.exp(0.6 * now))
        since = np.where(begun, begins + rng.integers(0, length, num), since)
        open_now = (open_now | begun) & ~(open_now & (rng.random(num) < 0.18))
        moves = rng.random(num) < 0.007 * np.exp(0.3 * now)
        moved[:, term] = np.where(moves, begins + rng.random(num) * length, moved[:, term])
        recent = suspensions[:, max(0, term - 3) : term + 1].sum(axis=1)
        risk = of_need * now + of_suspensions * np.minimum(recent, 10) - 2.0 * ~is_secondary + 0.4 * severity
        has = {
            "involvement": open_now,
            "need": is_semh,
            "status": status_now,
            "move": (moved[:, max(0, term - 1) : term + 1] >= 0).any(axis=1),
        }
        risk = risk + of_strong * has.get(strong, 0.0)
        if term in (0, FIRST):  # so that the rate is about what was asked for
            base = np.log(rate * length / WINDOW) - np.log(np.exp(np.minimum(risk, 6)).mean())
        hit = rng.random(num) < 1 / (1 + np.exp(-(base + risk)))
        event[:, term] = np.where(hit, begins + rng.random(num) * length, -1)
        is_involved[:, term], involved_since[:, term], is_status[:, term] = open_now, since, status_now
        ap[:, term] = np.where(status_now & (rng.random(num) < 0.3), rng.integers(2, 20, num), 0)
        ap[:, term] += np.where(rng.random(num) < 0.004 * np.exp(0.4 * now), rng.integers(2, 20, num), 0)
        # What an event honestly leads to, afterwards.
        suspensions[:, term] += hit * rng.integers(1, 3, num)
        helped = hit & (rng.random(num) < 0.4)
        since = np.where(helped & ~open_now, edge[term + 1] - 1, since)
        open_now = open_now | helped
        status_now = (status_now & (rng.random(num) > 0.08)) | (hit & (rng.random(num) < 0.6))
        leaves = hit & (rng.random(num) < 0.3)
        if term + 1 < half_terms:
            moved[:, term + 1] = np.where(leaves, edge[term + 1] + rng.random(num) * 20, -1)
    days_before = rng.uniform(*(LEAKS[leak][0] if leak else (0, 1)), (num, half_terms))
    backdated = (event >= 0) & (rng.random((num, half_terms)) < share)
    X, y = [], []
    for term in range(FIRST, LAST):
        day, year = as_of[term], slice(term - 3, term + 1)
        leaks = backdated & (event >= day) & (event - days_before <= day)
        told, from_day = leaks.any(axis=1), np.where(leaks, event - days_before, np.inf).min(axis=1)
        at = {name: told if name == leak else np.zeros(num, bool) for name in LEAKS}
        in_year, had = suspensions[:, year].sum(axis=1), suspensions[:, : term + 1] > 0
        last = np.where(had.any(axis=1), term - np.argmax(had[:, ::-1], axis=1), -1)
        sharp, blur = (1.3, 0.2) if strong == "absence" else (0.5, 0.45)
        latent = np.stack(
            [wellbeing[:, term], wellbeing[:, term], wellbeing[:, year].mean(axis=1), wellbeing[:, term]]
        )
        missed = np.clip(0.06 * np.exp(sharp * latent + blur * rng.normal(size=(4, num))), 0, 1)
        missed[:3, rng.random(num) < 0.02] = np.nan
        marks = np.where(at["mark"], rng.integers(3, 20, num), 0)
        past = (moved[:, : term + 1] >= 0) & (moved[:, : term + 1] <= day)
        joined = np.where(past, moved[:, : term + 1], -np.inf).max(axis=1)
        joined = np.where(at["move"], np.maximum(joined, from_day), joined)
        involved = is_involved[:, term] | at["involvement"]
        involved_from = np.where(is_involved[:, term], involved_since[:, term], from_day)
        X.append(
            np.column_stack(
                [
                    *missed,
                    np.maximum(ap[:, term], marks), ap[:, year].sum(axis=1) + marks,
                    suspensions[:, term], in_year, in_year * rng.integers(1, 8, num),
                    np.where(last >= term - 3, day - edge[np.maximum(last, 0)] - rng.integers(0, 30, num), np.nan),
                    rng.binomial(2, 1 / (1 + np.exp(2 - 0.6 * wellbeing[:, term]))), is_semh,
                    np.arange(num) % 6, involved, np.where(involved, day - involved_from, np.nan),
                    np.where(day - joined < 380, day - joined, np.nan), past[:, year].sum(axis=1) + at["move"],
                    is_status[:, term] | at["status"],
                    np.exp(-2.5 + 0.6 * severity), 0.07 + 0.01 * severity,
                ]
            ).astype(np.float32)
        )  # fmt: skip
        y.append(((event >= day) & (event < day + WINDOW)).any(axis=1))
    times = LAST - FIRST
    moment = np.repeat(np.arange(times), num)
    return Panel(
        X=np.concatenate(X),
        y=np.concatenate(y).astype(float),
        pupil=np.tile(np.arange(10**9, 10**9 + num), times),
        as_of=np.repeat(dates[FIRST:LAST], num),
        cluster=np.tile(school, times).astype(np.int64),
        school=(moment * num_schools + np.tile(school, times)).astype(np.int32),
        moment=moment.astype(np.int32),
        phase=np.tile(np.where(is_secondary, "secondary", "primary"), times),
        district=np.full(num * times, "district 1"),
        nc_year=np.tile(np.where(is_secondary, 9, 4), times).astype(np.int16),
        standing=np.full(num * times, "", dtype="<U21"),
        is_hidden_exit=np.zeros(num * times, bool),
        target=np.concatenate(y).astype(float),
    )
