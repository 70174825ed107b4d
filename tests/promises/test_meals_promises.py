"""The promise about free school meals: the expansion of September 2026 raises no alarm and no finding.

An authority in which income moves both eligibility and risk, and nothing else changes with the law: before September 2026 the
poorest are eligible; after it they are targeted, but for those who leave as protection ends, and the next poorer are expanded.
The list is made of the true chances. What is judged is what the monitor and the audit say of the groups.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.contract.breaks import breaks
from features.groups import free_meals
from models.places import LISTED, NOT_LISTED
from tests import small
from training.audit.attributes import breaks_told, cohort_attributes
from training.audit.compose import compose
from training.audit.findings import OF_THE_MODEL
from training.audit.parts import ListRule
from training.audit.scored import Scored, resampled
from training.broken import BOTH
from training.monitor import groups as monitored
from training.monitor.expected import groups_explained
from training.monitor.limits import OUTSIDE
from training.monitor.scene import Seen
from training.panel import Panel

pytestmark = pytest.mark.promise
SEEDS = 20
SCHOOLS, SIZE, PLACES = 60, 120, 8
REAL = [
    one
    for one in breaks(small.authority(small.AUTHORITY.replace("is_made_up = true\n", "")))
    if one.name == "free_school_meals"
]
TARGETED, EXPANDED, PROTECTED = (
    0.26,
    0.36,
    0.2,
)  # shares by income; of the targeted, those whose protection ends
CENSUS = {  # as-of date to the census that it knows
    date(2024, 12, 20): "2024-10-03", date(2025, 12, 19): "2025-10-02", date(2026, 2, 13): "2025-10-02", date(2026, 3, 27): "2026-01-15",
    date(2026, 5, 22): "2026-01-15", date(2026, 7, 21): "2026-05-21", date(2026, 10, 23): "2026-05-21", date(2026, 12, 18): "2026-10-01",
}  # fmt: skip
NOW, EARLIER = date(2026, 12, 18), [date(2025, 12, 19), date(2024, 12, 20)]
TEST = [day for day in CENSUS if day >= date(2026, 2, 13)]


class World:
    """Pupils with an income, and the true chance that follows from it and from what no income tells."""

    def __init__(self, seed: int, is_told: bool) -> None:
        self.rng = np.random.default_rng([seed, 26])
        self.is_told = is_told
        self.pupil = np.arange(SCHOOLS * SIZE)
        self.school = np.repeat(np.arange(SCHOOLS), SIZE)
        self.income = self.rng.normal(size=len(self.pupil)) + 0.5 * self.rng.normal(size=SCHOOLS)[self.school]
        self.rank = self.income.argsort().argsort() / len(self.pupil)
        is_poor = self.rank < TARGETED
        self.is_protected = is_poor & (self.rank >= (1 - PROTECTED) * TARGETED)
        self.need = self.rng.normal(size=len(self.pupil))

    def chance(self) -> np.ndarray:
        """On one day: what lasts about a child, and what does not."""
        moved = 0.3 * self.rng.normal(size=len(self.pupil))
        return 1 / (1 + np.exp(-(-3.4 - 0.7 * self.income + self.need + moved)))

    def meals(self, on: date) -> np.ndarray:
        """The group of each pupil, read from the census that a day knows as every reader does."""
        day = pd.Timestamp(CENSUS[on])
        is_new = day >= pd.Timestamp("2026-09-01")
        eligible = self.rank < (EXPANDED if is_new else TARGETED)
        is_targeted = (self.rank < TARGETED) & ~self.is_protected
        category = np.where(eligible, np.where(is_targeted, "TFSM", "EFSM"), None)
        frame = pd.DataFrame(
            {
                "fsm_eligible": eligible,
                "census_date": day,
                "fsm_category": category if is_new and self.is_told else None,
            }
        )
        return free_meals(frame).to_numpy(str)

    def known(self, on: date) -> pd.DataFrame:
        """The groups of a day."""
        return pd.DataFrame({
            "pupil": self.pupil, "as_of": np.datetime64(on), "told_on": pd.Timestamp(CENSUS[on]), "fsm_eligible": self.meals(on),
            "ethnicity_major": "White", "sex": np.where(self.pupil % 2, "F", "M"), "sen_provision": "N",
        })  # fmt: skip


def places(chance: np.ndarray, school: np.ndarray) -> np.ndarray:
    """The places of each school to its highest chances."""
    order = np.lexsort((-chance, school))
    place = np.empty(len(chance), dtype=np.int64)
    place[order] = np.arange(len(chance)) - np.searchsorted(school[order], school[order])
    return place < PLACES


def alarms(world: World, is_explained: bool, monkeypatch) -> list[tuple[str, str]]:
    """Groups by meals whose share of places lies outside its limits."""
    monkeypatch.setattr(monitored, "groups_of", lambda records, days: world.known(days[0]))
    held = {}
    for on in (NOW, *EARLIER):
        chance = world.chance()
        rows = pd.DataFrame({"pupil": world.pupil, "not_assessed_reason": None, "is_assessed": True})
        state = np.where(places(chance, world.school), LISTED, NOT_LISTED)
        held[on] = Seen(rows, chance, state, PLACES * SCHOOLS)
    rows = monitored.by_group(None, held, NOW, EARLIER)  # type: ignore[arg-type]
    if is_explained:
        groups_explained(rows, REAL)
    return [
        (row["name"], row["kind"])
        for row in rows
        if row["attribute"] == "fsm_eligible" and row["status"] == OUTSIDE
    ]


def audited(world: World, some=tuple(REAL)) -> dict:
    """An audit of the lists of six days, the last of which reads the census of after."""
    chances = [world.chance() for _ in TEST]
    lot = world.rng.random(len(world.pupil))
    estimate, num = np.concatenate(chances), len(world.pupil)
    school = np.concatenate([world.school + at * SCHOOLS for at in range(len(TEST))])
    pupil, cluster = np.tile(world.pupil, len(TEST)), np.tile(world.school, len(TEST))
    as_of = np.repeat(np.array(TEST, "datetime64[D]"), num)
    text = np.full(len(pupil), "")
    y = (np.tile(lot, len(TEST)) < estimate).astype(np.float64)
    panel = Panel(
        np.zeros((len(pupil), 0), np.float32), y, pupil, as_of, cluster, school.astype(np.int32), np.zeros(len(pupil), np.int32),
        text, text, np.zeros(len(pupil), np.int16), text, np.zeros(len(pupil), bool), y,
    )  # fmt: skip
    known = pd.concat([world.known(on) for on in TEST], ignore_index=True)[
        ["pupil", "as_of", "told_on", "fsm_eligible"]
    ]
    attributes = [
        each for each in cohort_attributes(panel, known, breaks=some) if each.name == "fsm_eligible"
    ]
    rule = ListRule(
        estimate,
        school,
        np.full(SCHOOLS * len(TEST), PLACES),
        np.ones(len(pupil), bool),
        np.zeros(len(pupil)),
    )
    scored = Scored(
        outcome=y, listed=rule.listed(estimate), estimate=estimate, is_judged=np.ones(len(pupil), bool),
        clusters=resampled(cluster, pupil, 200, 1), attributes=tuple(attributes), years=1.0,
    )  # fmt: skip
    about = {
        "kind": "file", "title": "", "authority": "", "is_made_up": True, "outcome": "y", "window_days": None,
        "audited_on": "2027-01-04", "model": None, "data_hash": "", "columns": None, "breaks": breaks_told(some, panel, known, attributes),
    }  # fmt: skip
    return compose(scored, about, [], [], rule=rule)


@pytest.mark.parametrize("is_told", [True, False], ids=["category told", "category not told"])
def test_the_monitor_raises_no_alarm_over_the_expansion(is_told, monkeypatch):
    found = [alarms(World(seed, is_told), True, monkeypatch) for seed in range(SEEDS)]
    assert found == [[]] * SEEDS


def test_of_twenty_audits_over_the_expansion_none_finds_anything_of_it():
    """Both sides lie in the six days; groups that are two are counted, and nothing is said of them but the break."""
    for seed in range(SEEDS):
        facts = audited(World(seed, is_told=seed % 2 == 0))
        (told,) = facts["breaks"]
        assert told["side"] == BOTH
        two = set(told["groups"])
        assert two == ({"no"} if seed % 2 == 0 else {"yes", "no", "category_not_told"})
        of_them = [each for each in facts["findings"] if each["group"] in two]
        assert of_them == [], of_them
        assert not [
            each for each in facts["findings"] if each["severity"] == "blocks" or each["kind"] in OF_THE_MODEL
        ]
        for row in facts["groups"]:
            told_rates = {rate["status"] for rate in row["metrics"].values()}
            assert (told_rates == {"cannot_tell"}) or row["group"] not in two


def test_the_groups_would_be_compared_were_the_break_not_known():
    """What the promise rests on: without it the same rows have a rate each, of two different groups of children."""
    facts = audited(World(0, is_told=True), ())
    row = next(row for row in facts["groups"] if row["group"] == "no")
    assert row["metrics"]["recall"]["status"] == "estimated" and not row["is_broken"]
