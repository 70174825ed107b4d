"""Specs of attainment, as of Friday 14 February 2025."""

from tests.spec.specs import spec

LEVELS = spec(
    "the level, and how far scaled scores lie from the 100 expected; who has no result has none, which is not a low one",
    {
        "is_eyfs_met": {1: 1, 2: 0, 3: None, 4: 0},
        "is_phonics_met": {1: 1, 2: 0, 3: None},
        "share_ks1_met": {1: 0.5, 2: 0.0, 3: None},
        "ks1_score_from_expected": {1: -1.5, 2: None, 3: None},
        "share_ks2_met": {1: 1.0, 2: 0.0, 3: None},
        "ks2_score_from_expected": {1: 2.0, 2: -1.0, 3: None},
    },
    attainment="""
    pupil | stage   | subject | year | result  | taken_by
    1     | eyfs    | gld     | 2016 | met     | 2016-07-31
    1     | phonics |         | 2017 | 32      | 2017-07-31
    1     | ks1     | reading | 2018 | 100     | 2018-07-31
    1     | ks1     | maths   | 2018 | 97      | 2018-07-31
    1     | ks2     | reading | 2022 | 104     | 2022-07-31
    1     | ks2     | maths   | 2022 | 100     | 2022-07-31
    2     | eyfs    | gld     | 2016 | not_met | 2016-07-31
    2     | phonics |         | 2017 | 31      | 2017-07-31
    2     | ks1     | reading | 2018 | not_met | 2018-07-31
    2     | ks2     | reading | 2022 | 99      | 2022-07-31
    2     | ks2     | maths   | 2022 | absent  | 2022-07-31
    3     | ks2     | reading | 2022 | absent  | 2022-07-31
    4     | eyfs    | one     | 2016 | met     | 2016-07-31
    4     | eyfs    | two     | 2016 | not_met | 2016-07-31
    """,
)

LAST = spec(
    "the last year with a result counts, in the latest version known; who was absent the second time keeps the first",
    {"is_phonics_met": {1: 1, 2: 0, 3: 1, 4: 0}, "ks2_score_from_expected": {1: 5.0, 2: None}},
    attainment="""
    pupil | stage   | subject | year | result  | taken_by   | known_on
    1     | phonics |         | 2017 | not_met | 2017-07-31 |
    1     | phonics |         | 2018 | met     | 2018-07-31 |
    2     | phonics |         | 2017 | not_met | 2017-07-31 |
    2     | phonics |         | 2018 | absent  | 2018-07-31 |
    3     | phonics |         | 2017 | not_met | 2017-07-31 | 2017-09-01
    3     | phonics |         | 2017 | met     | 2017-07-31 | 2017-10-01
    4     | phonics |         | 2017 | not_met | 2017-07-31 | 2017-09-01
    4     | phonics |         | 2017 | met     | 2017-07-31 | 0 ago
    1     | ks2     | Reading | 2022 | 102     | 2022-07-31 |
    1     | ks2     | reading | 2023 | 105     | 2023-07-31 |
    2     | ks2     | reading | 2022 | 104     | 2022-07-31 | 0 ago
    """,
)

SPECS = (LEVELS, LAST)
