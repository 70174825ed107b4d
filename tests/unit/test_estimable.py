"""Whether a rate of a group is told: a case at exactly each bound, and on either side of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.audit_rates import BY_NAME
from tests.audits import scored
from training.audit.estimable import FEWEST, Pool, rate_of, sums_of
from training.audit.gaps import Compared
from training.audit.units import units
from training.intervals import count_range, share_range, widened


def pupils(group, num, found, schools, y=1.0):
    """So many pupils of a group with one outcome, so many of them listed, dealt to schools in turn."""
    at = np.arange(num)
    return pd.DataFrame(
        {"group": group, "y": y, "listed": (at < found).astype(float), "school": at % schools}
    )


def people(yes=30, found=15, schools=10, rest=100, rest_found=50, negatives=300):
    return pd.concat(
        [
            pupils("x", yes, found, schools),
            pupils("rest", rest, rest_found, schools),
            pupils("x", negatives, negatives // 5, schools, 0.0),
            pupils("rest", negatives, negatives // 5, schools, 0.0),
        ],
        ignore_index=True,
    )


def told(frame, name="recall", group="x", fewest=FEWEST, years=1.0, broken=None, point=np.nan):
    made = replace(scored(frame, draws=2), years=years)
    kept = replace(made.attributes[0], broken=broken or {})
    if group not in kept.groups:
        kept = replace(kept, groups=(*kept.groups, group))
    sums = sums_of(made, kept)
    at = kept.groups.index(group)
    found = {kind: int(num[at]) for kind, num in sums.pupils.items()}
    return rate_of(made, sums, at, BY_NAME[name], found, point, fewest)


def unsaid(reason, years=None):
    return {
        "status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": reason, "years_needed": years,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("yes", "years", "needed"), [(9, 1.0, 2), (9, 3.0, 4), (9, 0.0, None), (5, 2.0, 4), (1, 1.0, 10)]
)
def test_fewer_than_ten_pupils_and_when_there_would_be_ten(yes, years, needed):
    reason = f"{yes} pupil{'' if yes == 1 else 's'} with the outcome, 10 are needed"
    assert told(people(yes, yes // 2), years=years) == unsaid(reason, needed)


def test_exactly_ten_pupils_are_told():
    found = told(people(10, 5))
    assert (found["status"], found["estimate"], found["years_needed"], found["reason"]) == (
        "estimated",
        0.5,
        None,
        "",
    )


def test_every_kind_that_lacks_is_named_and_the_slowest_counts():
    frame = pd.concat([people(4, 2, negatives=100).query("group == 'rest'"), pupils("x", 4, 2, 4), pupils("x", 2, 0, 2, 0.0)])  # fmt: skip
    assert told(frame.reset_index(drop=True)) == unsaid(
        "4 pupils with the outcome, 10 are needed; 2 pupils without the outcome, 10 are needed", 5
    )
    none = pd.concat([people().query("group == 'rest'"), pupils("x", 4, 2, 4)]).reset_index(drop=True)
    assert told(none)["years_needed"] is None  # at the pace of nobody nobody can say


def test_nobody_a_broken_group_and_no_estimates_say_why():
    assert told(people(), group="none") == unsaid("nobody is in this group")
    assert told(people(), broken={"x": "two meanings"}) == unsaid("two meanings")
    assert told(people(), broken={"rest": "two meanings"})["status"] == "estimated"
    assert told(people().assign(estimate=0.0), "observed_over_expected") == unsaid("no estimates were given")


def test_a_share_of_no_place_is_none():
    frame = people()
    frame.loc[frame["group"] == "x", "listed"] = 0.0
    assert told(frame, "precision", fewest=0) == unsaid("nobody is there to take a share of")


@pytest.mark.parametrize(
    ("missed", "years", "needed"), [(12, 1.0, 2), (12, 3.0, 4), (12, 0.0, None), (6, 1.0, 3)]
)
def test_fewer_than_three_of_the_rarer_kind_to_be_expected(missed, years, needed):
    """30 of 130 with the outcome are in the group: of 12 missed in all, 2.8 of its own are to be expected."""
    expected = f"{missed * 30 / 130:.1f}"
    by_recall = told(people(30, 27, rest_found=100 - missed + 3), years=years)
    reason = f"about {expected} pupils with the outcome and no place are to be expected, 3 are needed"
    assert by_recall == unsaid(reason, needed)
    of_found = told(people(30, 3, rest_found=missed - 3), years=years)
    assert of_found == unsaid(reason.replace("no place", "a place"), needed)


def test_exactly_three_of_the_rarer_kind_are_told():
    assert told(people(30, 27, rest_found=100 - 13 + 3))["status"] == "estimated"


def test_a_group_that_is_everyone_and_a_rate_of_none_or_all_need_no_rarer_kind():
    alone = people(30, 29).query("group == 'x'").reset_index(drop=True)
    assert told(alone)["status"] == "estimated"
    assert told(people(30, 30, rest_found=100))["estimate"] == 1
    assert told(people(30, 0, rest_found=0))["estimate"] == 0
    of_expected = people(30, 29, rest=1000).assign(estimate=0.1)
    assert told(of_expected, "observed_over_expected")["status"] == "estimated"  # is no share


@pytest.mark.parametrize(("schools", "status"), [(6, "estimated"), (5, "cannot_tell")])
def test_six_effective_schools_are_told(schools, status):
    found = told(people(30, 15, schools=schools))
    assert (found["status"], found["years_needed"]) == (status, None)
    assert (found["reason"] == "too few schools to say") == (status == "cannot_tell")


def test_the_schools_are_those_of_the_kind_that_a_rate_rests_on():
    frame = people(30, 15)
    of_x = frame["group"] == "x"
    frame.loc[of_x & (frame["y"] == 1) & (frame["listed"] == 1), "listed"] = (
        0.25  # a chance of a place counts up
    )
    made = scored(frame, draws=2)
    sums = sums_of(made, made.attributes[0])
    at = made.attributes[0].groups.index("x")
    resting = {name: sums.resting_on(BY_NAME[name], at).tolist() for name in ("recall", "selection_rate", "precision", "false_positive_rate")}  # fmt: skip
    assert resting == {
        "recall": [3] * 10,
        "selection_rate": [33] * 10,
        "precision": [7] * 10,  # six without the outcome; one or two of 0.25 with it, which are one
        "false_positive_rate": [30] * 10,
    }


def test_a_point_that_is_given_is_the_estimate_to_six_figures():
    assert told(people(), point=0.12345678)["estimate"] == 0.123457
    found = told(people(31, 15))
    assert found["estimate"] == round(15 / 31, 6)
    assert (
        found["low"] == round(found["low"], 6) < found["estimate"] < found["high"] == round(found["high"], 6)
    )
    assert all(round(found[end], 5) != found[end] for end in ("low", "high"))


@pytest.mark.parametrize("name", ["recall", "observed_over_expected"])
def test_a_groups_range_is_that_of_as_many_independent_pupils_as_it_is_worth(name):
    """By hand over schools that differ; by everyone's likeness, as a small group says nothing of it."""
    frame = people(33, 15).assign(estimate=0.1)
    frame.loc[(frame["school"] < 3) & (frame["y"] == 1), "listed"] = 1.0
    frame.loc[frame["school"] == 4, "estimate"] = 0.3
    made = scored(frame, draws=2)
    kept = replace(made.attributes[0], groups=(*made.attributes[0].groups, "none"))
    pool = Pool(made)
    low, high = sums_of(made, kept, pool).against.ranges[name]
    everyone = units(made, BY_NAME[name])
    compared = Compared(everyone, kept)
    own, shared = everyone.own_and_shared
    assert shared > 0
    for at in range(2):
        size = compared.size[at]
        together = sum(each**2 for each in compared.by_school[:, at])
        schools = size**2 / together
        if name == "recall":
            num = compared.num[at]
            effect = (own * compared.square[at] + shared * together) / size**2 * num
            ends = share_range(compared.rate[at], num / widened(effect, schools))
        else:
            events = max(compared.seen[at], compared.expected[at])
            effect = widened(own + shared / everyone.rate * events * together / size**2, schools)
            ends = [each * effect / size for each in count_range(compared.seen[at] / effect)]
        assert [low[at], high[at]] == pytest.approx([float(end) for end in ends])
    assert np.isnan([low[2], high[2]]).all()
    assert name in pool
