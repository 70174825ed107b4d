"""The leak alarm on 100 honest authorities with one strong feature among them, and on 120 with a planted leak."""

from datetime import date

import numpy as np
import pytest

from models.risk_model import Calibrator, ModelFacts, RiskModel
from tests.worlds import FEATURES, LEAKS, STRONG, TEST, TRAINING, world
from training.evidence.leaks import Tell, certain, gain_shares, risen
from training.fit import binned, grow, parameters
from training.panel import Panel
from training.settings import Settings

pytestmark = pytest.mark.promise
HONEST_WORLDS, WORLDS_A_CELL = 100, 10
STRENGTHS = (0.4, 0.7, 1.0)
QUICK = Settings(booster={"num_leaves": 8})


def model_of(record: Panel) -> RiskModel:
    """The recipe with a fixed number of trees: the alarm asks for nothing that a search would add."""
    training = record.only(record.moment < TRAINING)
    booster = grow(binned(training, FEATURES, QUICK), parameters(QUICK, FEATURES, {}), 30)
    facts = ModelFacts(
        "serious_exclusion", 365, FEATURES, Calibrator(), {}, (), date(2030, 1, 1), "", True, "", {}
    )
    return RiskModel(booster.model_to_string(), (), facts)


def alarms(record: Panel) -> list[Tell]:
    model = model_of(record)
    return [*risen(model, record), *certain(model, record.only(record.moment >= TEST))]


def test_at_most_one_honest_authority_in_twenty_raises_the_alarm():
    kinds = sorted(STRONG)
    raised = {}
    for number in range(HONEST_WORLDS):
        found = alarms(world(5000 + number, kinds[number % len(kinds)], rate=(0.015, 0.02, 0.03)[number % 3]))
        if found:
            raised[number] = [(kinds[number % len(kinds)], tell.feature, tell.sign) for tell in found]
    assert len(raised) <= HONEST_WORLDS // 20, raised


def test_in_honest_authorities_one_feature_does_carry_half_of_the_gain():
    """So that the worlds try what they should: the alarm of old would have been raised."""
    most = max(
        gain_shares(model_of(world(5000 + number, strong)).booster).max()
        for number, strong in enumerate(STRONG)
    )
    assert most > 0.5


def test_nineteen_of_twenty_planted_leaks_are_named():
    kinds = sorted(STRONG)
    missed = {}
    for leak, (_, held) in LEAKS.items():
        for share in STRENGTHS:
            for number in range(WORLDS_A_CELL):
                strong = kinds[(number + int(10 * share)) % len(kinds)]
                found = {tell.feature for tell in alarms(world(6000 + number, strong, leak, share))}
                if not found & set(held):
                    missed[leak, share, number] = (strong, sorted(found))
    assert len(missed) <= len(LEAKS) * len(STRENGTHS) * WORLDS_A_CELL // 20, missed
    cells = [sum(key[:2] == (leak, share) for key in missed) for leak in LEAKS for share in STRENGTHS]
    assert np.max(cells) <= WORLDS_A_CELL // 3, missed
