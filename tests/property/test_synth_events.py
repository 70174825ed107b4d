"""Properties of the made-up authority that hold whatever is drawn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.records.upn import check_letter
from features.synthetic.absence import runs
from features.synthetic.identity import check_letters
from features.synthetic.incidents import EVENT, LONGEST, one_at_a_time

DAYS = 190
EVENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, DAYS - 1), st.integers(1, 60)), max_size=40)


@given(EVENTS)
def test_a_pupil_is_suspended_once_at_a_time_and_for_45_days_at_most(drawn):
    events = np.zeros(len(drawn), EVENT)
    for number, (pupil, day, sessions) in enumerate(sorted(drawn)):
        events[number] = (pupil, 0, day, sessions, False, 0, 0, 0, 0, (sessions + 1) // 2, True)
    kept = one_at_a_time(events, DAYS)
    for pupil in range(4):
        own = kept[kept["pupil"] == pupil]
        assert (own["day"] < DAYS).all()
        assert (own["day"][1:] >= own["day"][:-1] + own["out_days"][:-1]).all()
        assert own["sessions"].sum() <= 2 * LONGEST


@given(st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), min_size=1, max_size=20))
def test_check_letters_agree_with_the_record_checker(bodies):
    letters = check_letters(np.array(bodies))
    assert letters.tolist() == [check_letter("".join(map(str, body))) for body in bodies]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-3, 20)), max_size=20))
@settings(deadline=None)
def test_runs_are_what_a_loop_makes(drawn):
    first = np.array([begin for begin, _ in drawn], int)
    length = np.array([size for _, size in drawn], int)
    position, run = runs(first, length, 40)
    slow = [
        (begin + step, number)
        for number, (begin, size) in enumerate(drawn)
        for step in range(max(size, 0))
        if begin + step < 40
    ]
    assert list(zip(position.tolist(), run.tolist(), strict=True)) == slow
