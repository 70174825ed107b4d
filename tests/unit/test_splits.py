"""Which dates train and which test."""

from datetime import date, timedelta

import pytest

from features.errors import TooFewYears
from tests.simulated import half_term_ends
from training.splits import ALONE, earlier_splits, eligible_dates, split_dates


def split(years, window=365, lag=3, covered_after=6):
    dates = half_term_ends(2020, years)
    closes = {day: day + timedelta(days=window - 1 + lag) for day in dates}
    eligible = eligible_dates(closes, dates[covered_after], date(2020 + years, 8, 31))
    return split_dates(eligible, closes, window), closes, dates


def test_five_years_give_a_test_year():
    found, closes, dates = split(5)
    assert found.test == tuple(dates[18:24])
    assert found.eligible == tuple(dates[6:24])
    assert found.training == tuple(day for day in found.eligible if closes[day] < found.test[0])
    assert 4 <= len(found.training) <= 6
    assert found.first_line == ""


def test_no_training_window_is_open_on_the_first_test_date():
    for years, window in ((5, 365), (6, 365), (4, 182), (5, 182)):
        found, closes, _ = split(years, window)
        assert max(closes[day] for day in found.training) < found.test[0]
        assert not set(found.training) & set(found.test)


def test_four_years_give_one_date_alone_and_say_so():
    found, _, dates = split(4)
    assert found.test == (dates[17],)
    assert len(found.training) >= 4
    assert found.first_line == ALONE


def test_three_years_give_no_evidence_for_a_year_but_for_half_a_year():
    with pytest.raises(TooFewYears, match=r"needs 4 years.*--window 182 needs three years"):
        split(3)
    assert split(3, 182)[0].is_alone


def test_two_years_give_none_at_all():
    with pytest.raises(TooFewYears, match="needs 3 years") as refused:
        split(2, 182)
    assert "--window" not in str(refused.value)


def test_a_window_that_closes_on_the_day_of_the_extract_is_not_closed():
    day = date(2024, 2, 9)
    assert eligible_dates({day: date(2025, 2, 10)}, day, date(2025, 2, 10)) == ()
    assert eligible_dates({day: date(2025, 2, 9)}, day, date(2025, 2, 10)) == (day,)


def test_as_many_years_are_tested_as_the_records_reach():
    for years, num_earlier in ((5, 0), (6, 1), (7, 2), (8, 3)):
        found, closes, dates = split(years)
        earlier = earlier_splits(found, closes)
        assert len(earlier) == num_earlier, years
        for number, one in enumerate(earlier, 1):
            last = 6 * (years - 1) - 6 * number
            assert one.test == tuple(dates[last - 6 : last])
            assert max(closes[day] for day in one.training) < one.test[0]
            assert max(one.eligible) == one.test[-1]
